"""Another model in every Rasa worker, then in the place that the next start takes."""

from __future__ import annotations

import asyncio

import aiohttp

from ops import training
from ops.context import Context, OperationFailed
from ops.teaching import compare

LATE = 30
"""Seconds in which a worker that was starting is looked for again, when others took the model."""
LOADING = 120
"""Seconds a worker may take to load a model (3 to 6 on two cores) and read a sentence with it."""


async def publish(context: Context, name: str, old: str, stamp: str = "") -> None:
    """All workers or none: one that refuses leaves all with the old one. A worker that is not there takes the new one when it starts.

    Raises OperationFailed.
    """
    if not training.kept(context.root, name).is_file():
        raise OperationFailed(f"the file of model {name} is gone from models/rasa/kept")
    took: list[str] = []
    gone: list[str] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LOADING)) as session:
        for base in context.settings.rasa_bases:
            said = await _give(session, base, name)
            if said == "":
                took.append(base)
            elif said == GONE:
                gone.append(base)
            else:
                for other in (*took, base):
                    await _give(session, other, old)
                raise OperationFailed(f"Rasa at {base} did not take the model: {said}")
        training.put_in_place(context.root, name, stamp)
        wanted = compare.model_id(training.kept(context.root, name))
        for _ in range(LATE if took else 0):
            # One that was just starting may have read the old file before it was replaced.
            gone = [base for base in gone if not await _catches_up(session, base, name, wanted)]
            if not gone:
                break
            await asyncio.sleep(1)


async def _catches_up(session: aiohttp.ClientSession, base: str, name: str, wanted: str) -> bool:
    try:
        async with session.get(f"{base}/webhooks/linshe/model") as answer:
            serving = (await answer.json()).get("model")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
    return bool(serving) and (serving == wanted or await _give(session, base, name) == "")


GONE = "gone"


async def _give(session: aiohttp.ClientSession, base: str, name: str) -> str:
    try:
        async with session.post(f"{base}/webhooks/linshe/model", json={"file": f"kept/{name}.tar.gz"}) as answer:
            return "" if answer.status == 200 else f"{answer.status} {(await answer.text())[:200]}"
    except aiohttp.ClientConnectorError:
        return GONE
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
