"""The one Community of this process: opened when the server starts, closed when it stops. Importing connects to nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from community.model.calendar import local
from community.ports import Community

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


def register(app: Any) -> None:
    """Bind the Community's life to a Sanic app's."""
    stack = AsyncExitStack()

    async def begin(_: Any) -> None:
        from community.bootstrap import open_community

        community = await stack.enter_async_context(open_community())
        use(community)
        # The search index is read from disk now rather than at the first question.
        app.add_task(community.legal.warm(local(community.clock.now()).date()))

    async def end(_: Any) -> None:
        release()
        await stack.aclose()

    app.register_listener(begin, "before_server_start")
    app.register_listener(end, "after_server_stop")
