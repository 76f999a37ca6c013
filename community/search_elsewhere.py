"""The search of another process: the console asks the action server, which holds the index, instead of reading 400 MB of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import aiohttp

from community.errors import Unavailable
from community.model.law import Citation
from community.ports import AnswerHit, ArticleHit, LegalSearch, UnitOfWork

log = logging.getLogger(__name__)

TIMEOUT = 20.0
"""Seconds: an action server that has just begun reads its index first."""
MOST_WORDS, MOST_HITS = 500, 200


class SearchElsewhere:
    """See `community.ports.LegalSearch`. Articles that are named are read from the database; what is searched is asked at `url`.

    Raises Unavailable when nobody answers there.
    """

    def __init__(self, url: str, near: LegalSearch, reading: Callable[[], UnitOfWork], timeout: float = TIMEOUT) -> None:
        self._url, self._near, self._reading = url, near, reading
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def answers(self, query: str, day: date, limit: int = 3) -> list[AnswerHit]:
        found = await self._ask("answers", query, day, limit)
        async with self._reading() as uow:
            known = {one.code: replace(one) for one in await uow.laws.answers()}
        return [AnswerHit(known[one["code"]], float(one["score"]), (), bool(one["sure"])) for one in found if one["code"] in known]

    async def articles(self, query: str, day: date, limit: int = 5) -> list[ArticleHit]:
        found = await self._ask("articles", query, day, limit)
        return [ArticleHit(_citation(one), float(one["score"]), bool(one["fits"])) for one in found]

    async def cite(self, law: str, label: str, day: date) -> Citation | None:
        return await self._near.cite(law, label, day)

    async def warm(self, day: date) -> int:
        return 0

    async def understand(self, day: date, progress: Any = None, stop: Any = None) -> bool:
        return False

    async def _ask(self, what: str, query: str, day: date, limit: int) -> list[dict[str, Any]]:
        asked = {"what": what, "query": query[:MOST_WORDS], "day": day.isoformat(), "limit": limit}
        try:
            # A session a question: few people write answers, and none of them all day.
            async with (
                aiohttp.ClientSession(timeout=self._timeout, trust_env=False) as session,
                session.post(self._url, json=asked) as said,
            ):
                if said.status != 200:
                    raise Unavailable("回答服务这会儿没有应答，过一分钟再试。")
                found = await said.json()
                return list(found["hits"])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            log.warning("the search at the action server did not answer: %s", type(error).__name__)
            raise Unavailable("回答服务这会儿没有应答，过一分钟再试。") from error


def _citation(one: dict[str, Any]) -> Citation:
    return Citation(one["law"], one["label"], one["text"], date.fromisoformat(one["effective_on"]))


async def serve(legal: LegalSearch, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The other side: what SearchElsewhere asked, answered from `legal`. Raises ValueError, KeyError or TypeError for no question."""
    query, day = str(asked["query"])[:MOST_WORDS], date.fromisoformat(asked["day"])
    limit = max(1, min(MOST_HITS, int(asked["limit"])))
    if asked["what"] == "answers":
        return [{"code": one.answer.code, "score": one.score, "sure": one.sure} for one in await legal.answers(query, day, limit)]
    if asked["what"] != "articles":
        raise ValueError("what")
    return [
        {
            "law": one.citation.law, "label": one.citation.label, "text": one.citation.text,
            "effective_on": one.citation.effective_on.isoformat(), "score": one.score, "fits": one.fits,
        }  # fmt: skip
        for one in await legal.articles(query, day, limit)
    ]
