"""Vectors are made once, kept whole, and made again only where the text or the encoder is another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from community.knowledge import vectors
from community.knowledge.vectors import VectorStore


class Counting:
    """An encoder that tells texts apart by their length and characters, and counts what it is given."""

    dimensions = 4

    def __init__(self, fingerprint: str = "f" * 64) -> None:
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        self.encoded += texts
        rows = np.array([[len(t), sum(map(ord, t)) % 7, 1, kind == "query"] for t in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_what_is_kept_is_not_encoded_again(tmp_path: Path) -> None:
    first = VectorStore(tmp_path, Counting(), "query")
    assert first.make(["一", "二二", "一"])
    again = Counting()
    second = VectorStore(tmp_path, again, "query")
    assert second.make(["二二", "三三三", "一"])
    assert again.encoded == ["三三三"]
    rows, there = second.get(["一", "二二", "没有"])
    assert there.tolist() == [True, True, False]
    np.testing.assert_allclose(rows[:2], Counting().encode(["一", "二二"]), atol=1e-3)
    assert not rows[2].any()


def test_another_encoder_or_kind_begins_anew(tmp_path: Path) -> None:
    VectorStore(tmp_path, Counting(), "query").make(["一"])
    assert VectorStore(tmp_path, Counting("a" * 64), "query").missing(["一"]) == ["一"]
    assert VectorStore(tmp_path, Counting(), "passage").missing(["一"]) == ["一"]


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "PORTION", 2)
    texts = [str(n) for n in range(5)]
    encoder, seen = Counting(), list[tuple[int, int]]()
    store = VectorStore(tmp_path, encoder, "query")
    assert not store.make(texts, lambda done, of: seen.append((done, of)), stop=lambda: len(encoder.encoded) >= 2)
    assert seen == [(2, 5)]
    later = Counting()
    assert VectorStore(tmp_path, later, "query").make(texts)
    assert later.encoded == ["2", "3", "4"]


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, Counting(), "query")
    store.make(["一"])
    store.path.write_bytes(store.path.read_bytes()[:40])
    assert VectorStore(tmp_path, Counting(), "query").missing(["一"]) == ["一"]


def test_texts_that_are_no_more_are_forgotten(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, Counting(), "query")
    store.make(["一", "二", "三"])
    store.forget_but(["三", "一"])
    kept = VectorStore(tmp_path, Counting(), "query")
    assert kept.missing(["一", "二", "三"]) == ["二"]
    np.testing.assert_allclose(kept.get(["三"])[0], Counting().encode(["三"]), atol=1e-3)


def test_stopped_before_the_first_text_nothing_is_kept_and_nothing_breaks(tmp_path: Path) -> None:
    assert not VectorStore(tmp_path, Counting(), "query").make(["一"], stop=lambda: True)
    assert VectorStore(tmp_path, Counting(), "query").missing(["一"]) == ["一"]
