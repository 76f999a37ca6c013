"""Speed, memory and agreement with float32 of a model folder; runs wherever the encoder is served."""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoder import folder as folders
from encoder.serving import Encoder

QUESTION = "楼道灯坏了昨晚就不亮了"
FLOAT = folders.ROOT / "var" / "encoder" / "float" / "float.onnx"


def run(folder: Path, texts: Sequence[str], threads: int = 1, rounds: int = 200) -> dict[str, Any]:
    """Measure the model in `folder` on `texts`."""
    before = _memory()
    began = time.perf_counter()
    encoder = Encoder(folder, folders.read(folder), threads)
    loaded = time.perf_counter() - began
    encoder.encode([QUESTION] * 5)
    alone: list[float] = []
    processor: list[float] = []
    for _ in range(rounds):
        clock, work = time.perf_counter(), time.process_time()
        encoder.encode([QUESTION])
        alone.append(time.perf_counter() - clock)
        processor.append(time.process_time() - work)
    began = time.perf_counter()
    encoder.encode(texts)
    took = time.perf_counter() - began
    return {
        "name": encoder.name,
        "dimensions": encoder.dimensions,
        "fingerprint": encoder.fingerprint,
        "threads": threads,
        "load_ms": round(1000 * loaded, 1),
        "alone_p50_ms": round(1000 * statistics.median(alone), 2),
        "alone_p99_ms": round(1000 * sorted(alone)[int(0.99 * len(alone))], 2),
        "alone_cpu_p50_ms": round(1000 * statistics.median(processor), 2),
        "texts": len(texts),
        "texts_per_s": round(len(texts) / took, 1),
        "memory_mb": round(_memory() - before, 1),
        "file_mb": round((folder / folders.MODEL).stat().st_size / 1e6, 2),
        "agreement": agreement(encoder, texts),
    }


def agreement(encoder: Encoder, texts: Sequence[str], plain: Path = FLOAT) -> dict[str, Any] | None:
    """Cosine to the float32 model that the last `./linshe encoder build` left; None where there is none of this model."""
    if encoder.folder != folders.SHIPPED or not plain.is_file():
        return None
    reference = Float(plain, encoder)
    sample = list(texts)[:: max(1, len(texts) // 300)]
    cosines = (encoder.encode(sample) * reference.encode(sample)).sum(axis=1)
    return {
        "texts": len(sample),
        "cosine_mean": round(float(cosines.mean()), 5),
        "cosine_p1": round(float(np.percentile(cosines, 1)), 5),
        "cosine_min": round(float(cosines.min()), 5),
    }


class Float:
    """The float32 graph as it was exported, pooled by mean, over the tokens of the served model."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._encoder = encoder

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        rows = []
        for text in texts:
            ids = self._encoder.ids(text, kind)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            row = self._session.run(None, feed)[0][0].mean(axis=0)
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, np.float32)


def texts(root: Path = folders.ROOT) -> list[str]:
    """The examples of data/nlu, without their marks: sentences as residents write them."""
    import re

    found = []
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        for line in path.read_text("utf-8").splitlines():
            example = re.match(r"\s+- (?!intent:)(\S.*)$", line)
            if example:
                found.append(re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", example.group(1)))
    return found


def compare(one: Path, other: Path, sample: Sequence[str]) -> dict[str, Any]:
    """Are two folders the same bytes, and how near are their vectors?"""
    first, second = folders.read(one), folders.read(other)
    if first.files == second.files:
        return {"same_bytes": True, "cosine_min": 1.0}
    if first.dimensions != second.dimensions:
        return {"same_bytes": False, "cosine_min": 0.0}
    rows = [Encoder(path, config).encode(sample) for path, config in ((one, first), (other, second))]
    return {"same_bytes": False, "cosine_min": float((rows[0] * rows[1]).sum(axis=1).min())}


def _memory() -> float:
    """Resident megabytes now (Linux), else the peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def as_json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False)
