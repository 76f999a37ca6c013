"""`python -m gateway`: the public door on LINSHE_GATEWAY_HOST and LINSHE_GATEWAY_PORT."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog
from aiohttp import web

from community.bootstrap import open_community
from community.config import Settings, load_settings
from community.errors import ConfigError
from gateway import logs
from gateway.app import make_app

log = structlog.get_logger("gateway")

LINGER = 120.0
"""How long the rest of a refused upload is read and dropped: closing earlier resets the connection, and a browser that
is still sending then shows its own error instead of our sentence."""
SHUTDOWN = 5.0


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with open_community(settings) as community:
        app = make_app(community, settings)
        runner = web.AppRunner(app, access_log=None, lingering_time=LINGER, shutdown_timeout=SHUTDOWN)
        await runner.setup()
        try:
            await _listen(runner, settings)
            log.info("gateway is open", host=settings.gateway_host, port=settings.gateway_port, mode=settings.mode)
            await stop.wait()
            log.info("gateway closes")
        finally:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    host, port = settings.gateway_host, settings.gateway_port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port} (LINSHE_GATEWAY_HOST, LINSHE_GATEWAY_PORT): {error}"
        ) from error


def main() -> int:
    logs.configure()
    try:
        settings = load_settings()
        asyncio.run(serve(settings))
    except ConfigError as error:
        log.error("wrong setting", error=error.message)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
