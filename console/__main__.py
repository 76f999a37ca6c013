"""`python -m console`: the staff console on LINSHE_CONSOLE_HOST and LINSHE_CONSOLE_PORT."""

from __future__ import annotations

import os

from community.config import load_settings


def main() -> None:
    settings = load_settings()
    # NiceGUI reads this once, when it is imported; its default is a hidden folder wherever one happens to stand.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(settings.var / "console"))
    from console.app import run

    run(settings)


if __name__ in {"__main__", "__mp_main__"}:
    main()
