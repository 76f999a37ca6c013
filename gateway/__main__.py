"""`python -m gateway`: the public door on LINSHE_GATEWAY_HOST and LINSHE_GATEWAY_PORT. `python -m gateway work [N]`: worker N
(from 1), which listens on 127.0.0.1 only, for who asks how it is.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence

import structlog
import uvloop
from aiohttp import web

from community.bootstrap import open_community
from community.config import Settings, load_settings
from community.errors import ConfigError
from community.ports import Community
from gateway import logs
from gateway.app import make_app, make_worker_app

log = structlog.get_logger("gateway")

LINGER = 120.0
"""How long the rest of a refused upload is read and dropped: closing earlier resets the connection, and a browser that
is still sending then shows its own error instead of our sentence."""
SHUTDOWN = 5.0
POLITE = 15
"""By how much a worker is nicer than the door: an answer may wait for a moment, an acknowledgement may not. Rasa and the
databases are as they are."""

MakeApp = Callable[[Community, Settings], web.Application]


async def serve(settings: Settings, make: MakeApp, host: str, port: int, names: str) -> None:
    """Serve until SIGTERM or SIGINT. `names`: the settings of host and port."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with open_community(settings) as community:
        # What is there by now stays, and rows come and go without cycles: looking for garbage seldom took a worker's processor time
        # for 3,000 messages from 36 to 31 s (make bench-door, two runs of 15 s each, PostgreSQL).
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 100)
        runner = web.AppRunner(
            make(community, settings), access_log=None, lingering_time=LINGER, shutdown_timeout=SHUTDOWN
        )
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise ConfigError(f"cannot listen on {host}:{port} ({names}): {error}") from error
            log.info("open", host=host, port=port, mode=settings.mode)
            await stop.wait()
            log.info("closes")
        finally:
            await runner.cleanup()


def serving(settings: Settings, arguments: Sequence[str]) -> tuple[MakeApp, str, int, str]:
    """What to serve, where, and the settings of where. Raises ConfigError for arguments that mean nothing."""
    match list(arguments):
        case []:
            names = "LINSHE_GATEWAY_HOST, LINSHE_GATEWAY_PORT"
            return make_app, settings.gateway_host, settings.gateway_port, names
        case ["work", *rest] if len(rest) <= 1 and (not rest or rest[0].isdecimal()):
            number = int(rest[0]) if rest else 1
            return make_worker_app, "127.0.0.1", settings.worker_port + number - 1, "LINSHE_WORKER_PORT"
    raise ConfigError("usage: python -m gateway [work [N]]")


def main() -> int:
    logs.configure()
    try:
        settings = load_settings()
        make, host, port, names = serving(settings, sys.argv[1:])
        if make is make_worker_app:
            os.nice(POLITE)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, make, host, port, names))
    except ConfigError as error:
        log.error("wrong setting", error=error.message)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
