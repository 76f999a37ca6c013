"""`python -m ops.teaching`: waits for jobs in the database and does them, one at a time. Says that it lives on its health port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket

from aiohttp import web

from community.bootstrap import open_community
from community.services import model_jobs
from ops import context as contexts
from ops.teaching import jobs

log = logging.getLogger("ops.teaching")
LOOK = 2.0
"""Seconds between two looks for a job."""


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def main() -> None:
    context = contexts.load()
    app = web.Application()
    app.router.add_get("/healthz", _health)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", context.settings.trainer_port).start()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    # One name a machine: whoever comes after one that was killed takes its job up at once.
    worker = f"trainer@{socket.gethostname()}"[:64]
    async with open_community(context.settings) as c:
        while not ended.is_set():
            try:
                job = await model_jobs.claim(c, worker)
                if job is not None:
                    log.info("job %s: %s", job.id, job.kind)
                    state = await jobs.run(c, context, job)
                    log.info("job %s: %s", job.id, state)
                    continue
            except Exception:
                log.exception("cannot look for jobs")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await ended.wait()
    await runner.cleanup()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(main())
