"""The numbers must be right on processors without VNNI, which add pairs of byte products in 16 bits and clip in silence."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from encoder import folder

_SPEC = importlib.util.spec_from_file_location("onnx_file", Path(__file__).with_name("onnx_file.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
onnx_file = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(onnx_file)

LAYERS, MATRICES_A_LAYER = 12, 4  # query, key and value are one matrix


@pytest.fixture(scope="module")
def matrices() -> dict[str, np.ndarray]:
    return dict(onnx_file.int8_matrices(folder.SHIPPED / folder.MODEL))


def clipped_product(activations: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """uint8 x int8 as `vpmaddubsw` does it: two products are added in 16 bits and clipped, then the sums in 32 bits."""
    products = activations.astype(np.int32)[:, :, None] * weights.astype(np.int32)[None]
    pairs = products[:, 0::2] + products[:, 1::2]
    return np.asarray(np.clip(pairs, -(2**15), 2**15 - 1).sum(axis=1))


def hostile(matrix: np.ndarray) -> np.ndarray:
    """Activations that strain the sums most: everything at 255, and 255 only where a column is positive or negative."""
    rows = [np.full(matrix.shape[0], 255)]
    rows += [np.where(sign * matrix[:, column] > 0, 255, 0) for column in (0, 7) for sign in (1, -1)]
    return np.array(rows, np.uint8)


def test_every_matrix_is_found(matrices: dict[str, np.ndarray]) -> None:
    assert len(matrices) == LAYERS * MATRICES_A_LAYER
    assert sum(matrix.size for matrix in matrices.values()) == 12 * (4 * 384 * 384 + 2 * 384 * 1536)


def test_no_pair_of_products_can_leave_16_bits(matrices: dict[str, np.ndarray]) -> None:
    for name, matrix in matrices.items():
        assert np.abs(matrix.astype(np.int32)).max() <= 64, name
    assert 255 * 64 * 2 <= 2**15 - 1


def test_arithmetic_that_clips_gives_the_exact_product(matrices: dict[str, np.ndarray]) -> None:
    for name, matrix in list(matrices.items())[::7]:
        activations = hostile(matrix)
        part = matrix[:, :64]
        exact = activations.astype(np.int64) @ part.astype(np.int64)
        assert np.array_equal(clipped_product(activations, part), exact), name


def test_with_8_bit_weights_the_same_arithmetic_would_be_wrong(matrices: dict[str, np.ndarray]) -> None:
    matrix = next(iter(matrices.values()))
    wider = np.clip(matrix[:, :64].astype(np.int32) * 2, -127, 127).astype(np.int8)
    activations = hostile(wider)
    exact = activations.astype(np.int64) @ wider.astype(np.int64)
    assert not np.array_equal(clipped_product(activations, wider), exact)
