"""Even out the activations before they are rounded to 8 bits (build time).

A few of the 384 channels are ten times as strong as the rest, and one scale for all would leave the rest two or three bits.
So each channel is divided before a matrix by what the matrix is multiplied by: the product is the same, and both sides round
better. How strong channels are is seen on made-up sequences of Chinese pieces, so that no one's text is needed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

SHARE = 0.65
"""How much of the unevenness the matrix takes over; measured, see docs/encoder.md."""
_LENGTHS = (8, 12, 20, 40)
_ROUNDS = 12
_HAN = re.compile("[一-鿿]")


def sequences(vocabulary: dict[str, int], start: Sequence[int], end: Sequence[int]) -> list[np.ndarray]:
    """Made-up texts: frequent pieces often, rare ones seldom; the same ones each time."""
    places = sorted(number for piece, number in vocabulary.items() if _HAN.search(piece))
    dice = random.Random(1)  # noqa: S311 - no secret
    made = []
    for length in _LENGTHS * _ROUNDS:
        drawn = [places[min(int(dice.expovariate(1 / 2000)), len(places) - 1)] for _ in range(length)]
        made.append(np.array([[*start, *drawn, *end]], np.int64))
    return made


def smooth(model: Any, texts: Sequence[np.ndarray]) -> None:
    """Put a multiplication before each constant matrix of the graph, and the inverse into the matrix."""
    from onnx import helper, numpy_helper

    graph = model.graph
    constants = {item.name: item for item in graph.initializer}
    targets = [node for node in graph.node if node.op_type in ("MatMul", "Attention") and node.input[1] in constants]
    peaks = _peaks(model, sorted({node.input[0] for node in targets}), texts)
    nodes = []
    for node in graph.node:
        if node in targets:
            matrix = numpy_helper.to_array(constants[node.input[1]])
            scale = _scale(peaks[node.input[0]], np.abs(matrix).max(axis=1))
            constants[node.input[1]].CopyFrom(numpy_helper.from_array(matrix * scale[:, None], node.input[1]))
            name = f"even_{node.name}"
            graph.initializer.append(numpy_helper.from_array(1 / scale, f"{name}_by"))
            nodes.append(helper.make_node("Mul", [node.input[0], f"{name}_by"], [name], name=name))
            node.input[0] = name
        nodes.append(node)
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def _scale(activation: np.ndarray, weight: np.ndarray) -> np.ndarray:
    raw = np.log2(np.maximum(activation, 1e-5)) * SHARE - np.log2(np.maximum(weight, 1e-5)) * (1 - SHARE)
    # In quarter steps of two: the last digits, in which processors differ, must not reach the file.
    return np.asarray(np.exp2(np.round(4 * (raw - raw.mean())) / 4), np.float32)


def _peaks(model: Any, names: list[str], texts: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    import onnxruntime
    from onnx import TensorProto, helper

    watched = type(model).FromString(model.SerializeToString())
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs = [item.name for item in session.get_inputs()]
    peaks: dict[str, np.ndarray] = {}
    for ids in texts:
        feed = {name: ids if name == "input_ids" else _filler(name, ids) for name in inputs}
        for name, value in zip(names, session.run(names, feed), strict=True):
            peak = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            peaks[name] = np.maximum(peaks.get(name, peak), peak)
    return peaks


def _filler(name: str, ids: np.ndarray) -> np.ndarray:
    return np.ones_like(ids) if name == "attention_mask" else np.zeros_like(ids)
