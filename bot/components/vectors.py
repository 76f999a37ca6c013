"""Vectors of training texts, kept between trainings: most texts are the same each time, and encoding is most of a training's time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Dict, Iterator, List, Optional

import numpy as np

import encoder


def encode(vectors: encoder.Encoder, texts: List[str], kept_in: Optional[Path], name: str) -> np.ndarray:
    """As `vectors.encode(texts)`, taking what is known from the folder `kept_in`, if there is one, and keeping it under `name`.

    Files are of one encoder; those of another, or that cannot be read, count as none. Each name holds what was asked for last under it.
    The assistant and the danger model learn from nearly the same texts at the same time: who comes second waits for the vectors of the
    first, and encodes only what is left (35,000 texts became 22,000).
    """
    if kept_in is None:
        return vectors.encode(texts)
    wanted = list(dict.fromkeys(texts))
    mark = vectors.fingerprint[:16]
    with _alone(kept_in):
        own = _read(kept_in / f"{name}-{mark}.npz")
        known = {} if own.keys() >= set(wanted) else _read_all(kept_in, mark)
        known.update(own)
        missing = [text for text in wanted if text not in known]
        known.update(zip(missing, vectors.encode(missing), strict=True))
        if own.keys() != set(wanted):
            _write(kept_in, name, mark, wanted, known)
    return np.stack([known[text] for text in texts])


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_all(folder: Path, mark: str) -> Dict[str, np.ndarray]:
    found: Dict[str, np.ndarray] = {}
    for file in folder.glob(f"*-{mark}.npz"):
        found.update(_read(file))
    return found


def _read(file: Path) -> Dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError):
        return {}


def _write(folder: Path, name: str, mark: str, texts: List[str], known: Dict[str, np.ndarray]) -> None:
    """Whole or not at all: a training may be stopped."""
    file = folder / f"{name}-{mark}.npz"
    part = folder / f".{name}.{os.getpid()}.npz"
    np.savez(part, texts=np.array(texts), vectors=np.stack([known[text] for text in texts]))
    os.replace(part, file)
    for other in folder.glob(f"{name}-*.npz"):
        if other != file:
            other.unlink(missing_ok=True)
