"""Whether two reports tell of one trouble: by characters where they share some, by meaning where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from community.knowledge.sameness import ByMeaning
from community.ports import ByCharacters
from encoder.errors import EncoderMissing


class Lamps:
    """Knows that dark is a broken lamp."""

    dimensions, fingerprint = 2, "f"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        self.asked += texts
        return np.array([[1, 0] if "灯" in text or "黑" in text else [0, 1] for text in texts], np.float32)


async def test_other_words_for_one_trouble_are_the_same_and_other_troubles_are_not() -> None:
    encoder = Lamps()
    assert await ByMeaning(lambda: encoder).same("楼道灯坏了", ["楼道灯不亮", "一片漆黑", "门打不开", ""]) == [True, True, False, False]
    assert encoder.asked == ["楼道灯坏了", "一片漆黑", "门打不开"]


async def test_what_shares_characters_needs_no_encoder_and_without_one_they_decide() -> None:
    def missing() -> Lamps:
        raise EncoderMissing("no model here")

    assert await ByMeaning(missing).same("楼道灯坏了", ["楼道灯不亮"]) == [True]
    assert await ByMeaning(missing).same("楼道灯坏了", ["一片漆黑"]) == [False]
    assert await ByMeaning(missing).same("楼道灯坏了", []) == []
    assert await ByCharacters().same("楼道灯坏了", ["楼道灯不亮", "一片漆黑"]) == [True, False]
