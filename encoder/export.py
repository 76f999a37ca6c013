"""From a sentence-transformers model to a folder that is served (build time; needs `.venv/encoder`)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from encoder import folder as folders
from encoder import quantise, smooth
from encoder.errors import EncoderBuildFailed

TOOLS = ("torch", "sentence-transformers", "transformers", "optimum-onnx", "onnx", "onnxruntime", "tokenizers")

Say = Callable[[str], None]


def export(
    model: str,
    target: Path,
    name: str,
    notice: str,
    built: dict[str, Any],
    say: Say,
    embedding_bits: int = 8,
    keep_float: Path | None = None,
) -> folders.Config:
    """Write model.onnx, tokenizer.json, config.json and NOTICE of a sentence-transformers folder or name to `target`.

    The old content of `target` goes only when the new one is complete.
    """
    from optimum.exporters.onnx import main_export
    from sentence_transformers import SentenceTransformer

    say("reading the model")
    sentence = SentenceTransformer(model, device="cpu")
    pooling, prompts, max_tokens = _description(sentence)
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        plain = part / "plain"
        sentence[0].auto_model.save_pretrained(plain)
        sentence.tokenizer.save_pretrained(plain)
        say("exporting to ONNX")
        exported = part / "exported"
        main_export(
            str(plain), exported, task="feature-extraction", library_name="transformers", opset=quantise.OPSET,
            do_validation=False,
        )  # fmt: skip
        say("rounding to 8-bit integers")
        config = sentence[0].auto_model.config
        quantise.quantise(
            exported / "model.onnx",
            part / folders.MODEL,
            config.num_attention_heads,
            config.hidden_size,
            pooling,
            _calibration(sentence, prompts),
            embedding_bits,
        )
        _save_tokenizer(sentence, part / folders.TOKENIZER)
        if keep_float:
            keep_float.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(str(exported / "model.onnx"), str(keep_float))
        shutil.rmtree(plain)
        shutil.rmtree(exported)
        (part / folders.NOTICE).write_text(notice, "utf-8")
        described = {
            "name": name,
            "dimensions": sentence.get_embedding_dimension(),
            "max_tokens": max_tokens,
            "prompts": prompts,
            "pooling": pooling,
            "built": built,
            "files": {item: folders.sha256(part / item) for item in (folders.MODEL, folders.TOKENIZER)},
        }
        (part / folders.CONFIG).write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", "utf-8")
        made = folders.read(part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    replace(part, target)
    return made


def replace(part: Path, target: Path) -> None:
    """Put a complete folder in the place of another, so that a reader sees the one or the other."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(part, target)
    shutil.rmtree(old, ignore_errors=True)


def _description(sentence: Any) -> tuple[str, dict[str, str], int]:
    kinds = [type(module).__name__ for module in sentence]
    if kinds[0] != "Transformer" or "Pooling" not in kinds or set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise EncoderBuildFailed(
            f"This model is made of {', '.join(kinds)}; only Transformer and Pooling can be exported."
        )
    mode = sentence[kinds.index("Pooling")].pooling_mode
    pooling = mode if isinstance(mode, str) else "+".join(mode)
    prompts = {kind: words for kind, words in (sentence.prompts or {}).items() if words}
    if "document" in prompts and "passage" not in prompts:
        prompts["passage"] = prompts["document"]
    return pooling, prompts, min(int(sentence.max_seq_length or 512), 512)


def _calibration(sentence: Any, prompts: dict[str, str]) -> list[np.ndarray]:
    tokenizer = sentence.tokenizer
    framed = tokenizer(prompts.get("query", "").strip())["input_ids"]
    return smooth.sequences(tokenizer.get_vocab(), framed[:-1], framed[-1:])


def _save_tokenizer(sentence: Any, path: Path) -> None:
    backend = getattr(sentence.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise EncoderBuildFailed("This model has no fast tokenizer (tokenizer.json).")
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(path), pretty=False)
