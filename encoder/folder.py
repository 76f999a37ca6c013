"""A model folder: which one is used, what is in it, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoder.errors import EncoderDamaged, EncoderMissing

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "models" / "encoder"
IN_USE = ROOT / "models" / "encoder-in-use"
SETTING = "LINSHE_ENCODER"

CONFIG, MODEL, TOKENIZER, NOTICE = "config.json", "model.onnx", "tokenizer.json", "NOTICE"
MEND = "./linshe encoder build"


def chosen(folder: str | Path | None = None) -> Path:
    """`folder`, else LINSHE_ENCODER, else what `./linshe encoder use` wrote down, else the model of this repository."""
    if folder is None:
        folder = os.environ.get(SETTING) or None
    if folder is None:
        try:
            folder = IN_USE.read_text("utf-8").strip() or None
        except OSError:
            folder = None
    # Relative to the project and not to where a process happens to stand: two environments must mean the same folder.
    return ROOT / folder if folder is not None else SHIPPED


@dataclass(frozen=True)
class Config:
    """What config.json says."""

    name: str
    dimensions: int
    max_tokens: int
    prompts: dict[str, str]
    files: dict[str, str]
    """File name -> sha256."""

    @property
    def fingerprint(self) -> str:
        """Changes when a vector could: with the model, the tokenizer, the prompts or the length."""
        parts = {"files": self.files, "prompts": self.prompts, "max_tokens": self.max_tokens}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read(folder: Path) -> Config:
    """Read config.json. Raises EncoderMissing or EncoderDamaged."""
    missing = [name for name in (CONFIG, MODEL, TOKENIZER) if not (folder / name).is_file()]
    if missing:
        raise EncoderMissing(f"The encoder in {folder} lacks {', '.join(missing)}. Run {MEND} to make it again.")
    try:
        raw: dict[str, Any] = json.loads((folder / CONFIG).read_text("utf-8"))
        return Config(
            name=str(raw["name"]),
            dimensions=int(raw["dimensions"]),
            max_tokens=int(raw["max_tokens"]),
            prompts={str(kind): str(words) for kind, words in raw["prompts"].items()},
            files={str(name): str(digest) for name, digest in raw["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderDamaged(f"{folder / CONFIG} cannot be read ({error!r}). Run {MEND} to make it again.") from error


def check(folder: Path, config: Config) -> None:
    """Raises EncoderDamaged when a file is not the one that was built. Takes about 30 ms."""
    for name, digest in config.files.items():
        if sha256(folder / name) != digest:
            raise EncoderDamaged(f"{folder / name} is not the file that was built. Run {MEND} to make it again.")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
