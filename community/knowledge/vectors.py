"""Vectors of texts, kept on disk by what they were made from: another text, another encoder, and only that one is made again.

Half precision on disk (768 bytes a text at 384 dimensions), single in memory, where a matrix product wants it. Encoding 23,500
articles takes minutes; it is done in portions, and what was interrupted goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

PORTION = 100
"""Texts between two looks at whether to stop: about a second."""
SAVE_EVERY = 30.0
"""Seconds of encoding at most that an interruption costs."""

NAME = 16
"""Bytes of a text's name."""

Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]


class Encodes(Protocol):
    """`encoder.Encoder`, or a test's own."""

    fingerprint: str
    dimensions: int

    def encode(self, texts: Sequence[str], kind: str = "query") -> Any: ...


class VectorStore:
    """Texts of one kind ('query' or 'passage') of one encoder. One process writes, others may read: files are replaced whole."""

    def __init__(self, folder: Path, encoder: Encodes, kind: str) -> None:
        self._encoder, self._kind = encoder, kind
        self.path = folder / f"{kind}-{encoder.fingerprint[:16]}.npz"
        self._known: dict[bytes, int] = {}
        self._rows: NDArray[np.float16] = np.zeros((0, encoder.dimensions), np.float16)
        self._load()

    def _load(self) -> None:
        try:
            with np.load(self.path) as kept:
                names, rows = kept["names"], kept["rows"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("vectors in %s are damaged (%s), making them again", self.path, error)
            return
        if rows.shape == (len(names), self._encoder.dimensions):
            self._known = {bytes(name): place for place, name in enumerate(names)}
            self._rows = rows

    def missing(self, texts: Sequence[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if _name(text) not in self._known]

    def get(self, texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        """A row a text (zeros where there is none yet), and which are there."""
        places = np.array([self._known.get(_name(text), -1) for text in texts], np.int64)
        there = places >= 0
        rows = np.zeros((len(texts), self._encoder.dimensions), np.float32)
        rows[there] = self._rows[places[there]]
        return rows, there

    def make(self, texts: Sequence[str], progress: Progress | None = None, stop: Callable[[], bool] = lambda: False) -> bool:
        """Encode what is missing, in this order, and keep it. False when `stop` said so before the end."""
        missing = self.missing(texts)
        saved = time.monotonic()
        for start in range(0, len(missing), PORTION):
            if stop():
                self._save()
                return False
            portion = missing[start : start + PORTION]
            made = np.asarray(self._encoder.encode(portion, self._kind), np.float16)
            for place, text in enumerate(portion, len(self._rows)):
                self._known[_name(text)] = place
            self._rows = np.concatenate([self._rows, made])
            if progress is not None:
                progress(start + len(portion), len(missing))
            if time.monotonic() - saved > SAVE_EVERY:
                self._save()
                saved = time.monotonic()
        if missing:
            self._save()
        return True

    def forget_but(self, texts: Sequence[str]) -> None:
        """Drop what none of `texts` is any more."""
        wanted = {_name(text) for text in texts} & self._known.keys()
        if len(wanted) == len(self._known):
            return
        kept = [(name, place) for name, place in self._known.items() if name in wanted]
        self._rows = self._rows[[place for _, place in kept]]
        self._known = {name: place for place, (name, _) in enumerate(kept)}
        self._save()

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}-{os.getpid()}")
        names = np.frombuffer(b"".join(self._known), np.uint8).reshape(len(self._known), NAME)
        try:
            with draft.open("wb") as file:
                np.savez(file, names=names, rows=self._rows)
            draft.replace(self.path)
        except OSError as error:
            # The vectors are in memory all the same; the next start makes them again.
            log.warning("vectors not kept in %s: %s", self.path, error)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


def _name(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:NAME]
