"""What the commands share: the console, and errors that are sentences instead of tracebacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from community.ports import Community
    from ops.context import Context

console = Console()
errors = Console(stderr=True)


@contextmanager
def sentences() -> Iterator[None]:
    """Expected failures are told in words, with exit code 1; anything else is a bug and keeps its traceback."""
    from community.errors import LinsheError
    from ops.context import OperationFailed

    try:
        yield
    except OperationFailed as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except LinsheError as error:
        errors.print(error.message, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        errors.print("Interrupted.", style="yellow")
        raise typer.Exit(130) from None


@asynccontextmanager
async def opened(context: Context) -> AsyncIterator[Community]:
    """The community, with live updates when its Valkey answers, and without when nothing runs."""
    from community.bootstrap import open_community
    from community.store import migrate
    from ops import steps
    from ops.context import OperationFailed

    # In a thread: asking runs a loop of its own.
    if await asyncio.to_thread(steps.revision, context) != migrate.head():
        raise OperationFailed("The database is not up to date. Run ./linshe db upgrade first.")
    live = await valkey_answers(context.redis_url)
    async with open_community(context.settings, signals=None if live else False) as community:
        yield community


async def valkey_answers(url: str) -> bool:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


def with_community(work: Callable[[Community], Coroutine[Any, Any, Any]]) -> Any:
    """Run one piece of work on the opened community."""
    from ops import context as contexts

    async def whole() -> Any:
        async with opened(context) as community:
            return await work(community)

    with sentences():
        context = contexts.load()
        return asyncio.run(whole())
