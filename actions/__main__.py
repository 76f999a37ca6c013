"""`python -m actions`: the action server on 127.0.0.1 and LINSHE_ACTIONS_PORT."""

from __future__ import annotations

import logging


def main() -> None:
    from rasa_sdk import utils

    from actions.server import build_app
    from community.config import load_settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    utils.update_sanic_log_level()
    settings = load_settings()
    app = build_app()
    logging.getLogger(__name__).info("Actions on 127.0.0.1:%s", settings.actions_port)
    # One process: the supervisor restarts it, and one Community serves every action.
    app.run(host="127.0.0.1", port=settings.actions_port, single_process=True, motd=False, access_log=False)


if __name__ == "__main__":
    main()
