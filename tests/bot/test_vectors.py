"""Vectors of training texts are kept: nothing is encoded twice, by whoever learns from it."""

from __future__ import annotations

from pathlib import Path
from typing import List

import numpy as np

from bot.components.vectors import encode


class Counting:
    fingerprint = "0123456789abcdef0123"

    def __init__(self) -> None:
        self.asked: List[str] = []

    def encode(self, texts: List[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32).reshape(len(texts), 2)


def test_each_text_is_encoded_once_whoever_learns_from_it(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    encode(first, ["甲", "乙乙", "甲"], tmp_path, "examples")
    found = encode(second, ["乙乙", "丙", "甲"], tmp_path, "danger")
    assert first.asked == ["甲", "乙乙"]
    assert second.asked == ["丙"]
    assert found.tolist() == Counting().encode(["乙乙", "丙", "甲"]).tolist()


def test_a_training_that_lost_texts_keeps_what_it_still_has_and_asks_again_for_what_comes_back(tmp_path: Path) -> None:
    encode(Counting(), ["甲", "乙"], tmp_path, "examples")
    encode(Counting(), ["甲"], tmp_path, "examples")
    again = Counting()
    encode(again, ["甲", "乙"], tmp_path, "examples")
    assert again.asked == ["乙"]


def test_vectors_of_another_encoder_or_a_broken_file_are_not_taken(tmp_path: Path) -> None:
    encode(Counting(), ["甲"], tmp_path, "examples")
    other = Counting()
    other.fingerprint = "f" * 20
    encode(other, ["甲"], tmp_path, "examples")
    assert other.asked == ["甲"]
    assert [file.name for file in tmp_path.glob("*.npz")] == ["examples-" + "f" * 16 + ".npz"]
    (tmp_path / ("examples-" + "f" * 16 + ".npz")).write_bytes(b"broken")
    again = Counting()
    again.fingerprint = "f" * 20
    assert encode(again, ["甲"], tmp_path, "danger").tolist() == Counting().encode(["甲"]).tolist()
    assert again.asked == ["甲"]
