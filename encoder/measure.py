"""What cutting the vocabulary and rounding cost, against the uncut float32 model; run in `.venv/encoder`:

`PYTHONPATH=. .venv/encoder/bin/python -m encoder.measure [FILE.jsonl ...]` (rows with `text` or `query`; else data/nlu).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from encoder import bench, folder, torch_model, wheel
from encoder.serving import Encoder

MOST = 400


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    arguments = parser.parse_args()
    groups: dict[str, list[str]] = {"data/nlu": bench.texts()}
    for path in arguments.files:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        groups[path.name] = [str(row.get("text") or row.get("query")) for row in rows]
    from sentence_transformers import SentenceTransformer

    source = wheel.read(wheel.find())
    served = Encoder(folder.SHIPPED, folder.read(folder.SHIPPED))
    with tempfile.TemporaryDirectory() as temporary:
        torch_model.save(source, list(range(len(source.pieces))), Path(temporary))
        uncut = SentenceTransformer(temporary, device="cpu")
        plain = bench.Float(bench.FLOAT, served)
        print("| texts | | pieces that change | texts that change | cut to uncut | served to uncut (mean, lowest) |")
        for name, texts in groups.items():
            texts = [text for text in texts if text.strip()]
            tokenizer = uncut.tokenizer
            changed, total, touched = 0, 0, 0
            for text in texts:
                old = tokenizer.tokenize("query: " + text)
                new = served.tokens("query: " + text)[1:-1]
                lost = len(old) - _common(old, new)
                changed, total, touched = changed + lost, total + len(old), touched + bool(old != new)
            sample = texts[:: max(1, len(texts) // MOST)]
            whole = np.asarray(uncut.encode(sample, prompt_name="query", batch_size=8))
            cut = (whole * plain.encode(sample)).sum(axis=1)
            eight = (whole * served.encode(sample)).sum(axis=1)
            print(
                f"| {name} | {len(texts)} | {changed / total:.2%} | {touched / len(texts):.2%} | {cut.mean():.5f} |"
                f" {eight.mean():.5f}, {eight.min():.5f} |",
                flush=True,
            )
    return 0


def _common(old: list[str], new: list[str]) -> int:
    """How many pieces both have at the same place of the text."""

    def spans(pieces: list[str]) -> set[tuple[int, str]]:
        at, found = 0, set()
        for piece in pieces:
            found.add((at, piece))
            at += len(piece)
        return found

    return len(spans(old) & spans(new))


if __name__ == "__main__":
    sys.exit(main())
