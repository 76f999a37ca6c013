"""Read the matrices of an ONNX file without the onnx package, which only the build environment has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

_GRAPH, _INITIALIZER, _DIMS, _TYPE, _NAME, _RAW = 7, 5, 1, 2, 8, 9
_INT8 = 3


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        field, wire = key >> 3, key & 7
        if wire == 0:
            yield field, number()
        else:
            size = {1: 8, 5: 4}.get(wire) or number()
            yield field, data[at : at + size]
            at += size


def int8_matrices(path: Path) -> dict[str, np.ndarray]:
    """Every matrix of signed bytes in the graph, by name."""
    found = {}
    for field, graph in _fields(memoryview(path.read_bytes())):
        if field != _GRAPH:
            continue
        assert isinstance(graph, memoryview)
        for part, tensor in _fields(graph):
            if part != _INITIALIZER:
                continue
            assert isinstance(tensor, memoryview)
            dims: list[int] = []
            values: dict[int, int | memoryview] = {}
            for inner, value in _fields(tensor):
                if inner != _DIMS:
                    values[inner] = value
                elif isinstance(value, int):
                    dims.append(value)
                else:  # packed
                    dims += _numbers(value)
            if values.get(_TYPE) == _INT8 and len(dims) == 2:
                name = bytes(values[_NAME]).decode()  # type: ignore[arg-type]
                found[name] = np.frombuffer(values[_RAW], np.int8).reshape(dims)  # type: ignore[call-overload]
    return found


def _numbers(data: memoryview) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
