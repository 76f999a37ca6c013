"""Vectors of training texts, kept between trainings: most texts are the same each time, and encoding is most of a training's time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List, Optional

import numpy as np

import encoder


def encode(vectors: encoder.Encoder, texts: List[str], kept_in: Optional[Path]) -> np.ndarray:
    """As `vectors.encode(texts)`, taking from and adding to the file in `kept_in`, if one is named.

    The file is of one encoder; one of another encoder, or one that cannot be read, counts as none. It holds what was asked for last.
    """
    file = kept_in / f"vectors-{vectors.fingerprint[:16]}.npz" if kept_in else None
    known = _read(file) if file else {}
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known.update(zip(missing, vectors.encode(missing), strict=True))
    found = np.stack([known[text] for text in texts])
    if file and missing:
        _write(file, list(dict.fromkeys(texts)), known)
    return found


def _read(file: Path) -> Dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError):
        return {}


def _write(file: Path, texts: List[str], known: Dict[str, np.ndarray]) -> None:
    """Whole or not at all: a training may be stopped, and two may run at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.stem}.{os.getpid()}.npz")
    np.savez(part, texts=np.array(texts), vectors=np.stack([known[text] for text in texts]))
    os.replace(part, file)
    for other in file.parent.glob("vectors-*.npz"):
        if other != file:
            other.unlink(missing_ok=True)
