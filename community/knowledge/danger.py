"""The danger model as the services use it: loaded at the first message, away from the event loop, and again when it was trained anew."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from community.model.danger import DangerRule, Weighed, added_of, with_added
from community.model.revision import ItemKind
from community.ports import UnitOfWork
from encoder.danger import DangerModel

log = structlog.get_logger("community.danger")


class TrainedDangerSense:
    """`folder` is what `./linshe train` writes. Where it holds no model that fits, the rules stand alone, and the log says so once."""

    def __init__(self, folder: Path, encoder_folder: str = "") -> None:
        self._folder, self._encoder_folder = folder, encoder_folder
        self._model: DangerModel | None = None
        self._of: tuple[int, int] | None = None
        self._loading = threading.Lock()

    async def weigh(self, text: str) -> Weighed | None:
        return await asyncio.to_thread(self.weigh_now, text)

    def weigh_now(self, text: str) -> Weighed | None:
        model = self._current()
        if model is None:
            return None
        found = model.weigh(text)
        return Weighed(found.kind, model.grade(found.chance))

    def _current(self) -> DangerModel | None:
        with self._loading:
            of = _stamp(self._folder / "danger.json")
            if of != self._of:
                self._of = of
                self._model = self._load() if of else None
                if of is None:
                    log.warning("no danger model, the rules stand alone: run ./linshe train", folder=self._folder.name)
            return self._model

    def _load(self) -> DangerModel | None:
        import encoder
        from encoder.errors import EncoderError

        try:
            return DangerModel(self._folder, encoder.load(self._encoder_folder or None))
        except (ValueError, EncoderError) as error:
            log.error("the danger model cannot be used, the rules stand alone", error=str(error))
            return None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


LOOK_AGAIN = 10.0
"""Seconds between two looks at what staff added to the rules."""


class LiveDangerRules:
    """The rules of the file with what staff added. When the database cannot be asked, what was known before still watches."""

    def __init__(
        self, rules: tuple[DangerRule, ...], added: Callable[[], Mapping[str, Mapping[str, Any]]], reading: Callable[[], UnitOfWork]
    ) -> None:
        """`rules` as the file has them, `added` reads what stands beside them in a file: a revision takes the place of that."""
        self._bare, self._added, self._reading = rules, added, reading
        self._rules = self._with(added())
        self._stamp, self._looked = "", -LOOK_AGAIN

    async def in_force(self) -> tuple[DangerRule, ...]:
        if time.monotonic() - self._looked >= LOOK_AGAIN:
            self._looked = time.monotonic()
            try:
                await self._look()
            except Exception as error:
                log.error("what staff added to the danger rules could not be read, those known go on", error=str(error))
        return self._rules

    async def _look(self) -> None:
        async with self._reading() as uow:
            stamp = await uow.revisions.stamp(ItemKind.DANGER)
            if stamp == self._stamp:
                return
            revised = {one.code: one.body for one in await uow.revisions.live(ItemKind.DANGER)}
        self._rules, self._stamp = self._with({**await asyncio.to_thread(self._added), **revised}), stamp

    def _with(self, added: Mapping[str, Mapping[str, Any]]) -> tuple[DangerRule, ...]:
        return tuple(with_added(rule, added_of(added[rule.code])) if rule.code in added else rule for rule in self._bare)
