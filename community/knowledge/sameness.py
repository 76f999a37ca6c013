"""Whether two reports of one place and category tell of one trouble: by their characters, and by what they mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import numpy as np

from community.knowledge.vectors import Encodes
from community.ports import ByCharacters
from community.ports.outside import gathered
from encoder.errors import EncoderError

log = logging.getLogger(__name__)

NEAR = 0.915
"""Likeness of vectors from which two reports are one. Of 20 pairs of one trouble in other words 11 reach it, of 20 pairs of two
troubles of one category 2 do (2026-11-27, pairs of our own, on which it was chosen); by characters it is 4 and 1. At .90 it would be
14 and 8: much that this encoder thinks near is not."""
KEPT = 2000
"""Vectors kept of what was grouped, 2 KB each: a queue is looked at again and again."""


class ByMeaning:
    """By characters, or by the encoder. Without an encoder by characters alone."""

    def __init__(self, encoder: Callable[[], Encodes]) -> None:
        self._encoder = encoder
        self._characters = ByCharacters()
        self._known: dict[str, np.ndarray] = {}

    async def same(self, words: str, others: Sequence[str]) -> list[bool]:
        alike = await self._characters.same(words, others)
        rest = [n for n, is_alike in enumerate(alike) if not is_alike and others[n].strip()]
        if not rest or not words.strip():
            return alike
        try:
            near = await asyncio.to_thread(self._near, words, [others[n] for n in rest])
        except EncoderError as error:
            log.warning("reports are compared by their characters alone: %s", error)
            return alike
        for number, is_near in zip(rest, near, strict=True):
            alike[number] = is_near
        return alike

    async def groups(self, texts: Sequence[str]) -> list[list[int]]:
        try:
            likeness = await asyncio.to_thread(self._likeness, list(texts)) if len(texts) > 1 else np.ones((1, 1))
        except EncoderError as error:
            log.warning("messages are grouped by their characters alone: %s", error)
            return await self._characters.groups(texts)
        return gathered(len(texts), lambda head, other: bool(likeness[head, other] >= NEAR))

    def _likeness(self, texts: list[str]) -> np.ndarray:
        known, encoder = self._known, self._encoder()
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if len(known) + len(new) > KEPT:
            known.clear()
            new = list(dict.fromkeys(texts))
        for text, vector in zip(new, encoder.encode(new) if new else (), strict=True):
            known[text] = np.asarray(vector, np.float32)
        vectors = np.stack([known[text] for text in texts])
        return np.asarray(vectors @ vectors.T)

    def _near(self, words: str, others: Sequence[str]) -> list[bool]:
        vectors = np.asarray(self._encoder().encode([words, *others]), np.float32)
        return [bool(likeness >= NEAR) for likeness in vectors[1:] @ vectors[0]]
