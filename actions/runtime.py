"""The one Community of this process: opened when the server starts, closed when it stops. Importing connects to nothing."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

from community.model.calendar import local
from community.ports import Community

log = logging.getLogger(__name__)
_open: list[Community] = []


def community() -> Community:
    """The open Community. Raises RuntimeError before the server has started."""
    if not _open:
        raise RuntimeError("the action server has not opened its Community yet")
    return _open[-1]


def use(c: Community) -> None:
    """Let actions work on `c` (server start, tests)."""
    _open.append(c)


def release() -> None:
    _open.clear()


LOOK_AGAIN = 600.0
"""Seconds between two looks at whether articles came into force, or were imported, that are not encoded yet."""


async def _warm(community: Community) -> None:
    """Read guides and the search index now rather than at the first question, and keep it whole."""
    await community.guides.find("居住证怎么办", 1)
    await community.legal.warm(local(community.clock.now()).date())
    while community.extras["settings"].legal_vectors:
        try:
            await community.legal.understand(local(community.clock.now()).date())
        except Exception as error:
            # The database is away: articles are found by their words meanwhile.
            log.warning("articles cannot be encoded now", exc_info=error)
        await asyncio.sleep(LOOK_AGAIN)


def register(app: Any) -> None:
    """Bind the Community's life to a Sanic app's."""
    stack = AsyncExitStack()

    async def begin(_: Any) -> None:
        from community.bootstrap import open_community

        community = await stack.enter_async_context(open_community())
        use(community)
        app.add_task(_warm(community))

    async def end(_: Any) -> None:
        release()
        await stack.aclose()

    app.register_listener(begin, "before_server_start")
    app.register_listener(end, "after_server_stop")
