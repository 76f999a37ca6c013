"""From a float32 ONNX graph to the int8 one that is served (build time; needs onnx and onnxruntime).

Weights are rounded to 7 bits. Without VNNI a processor multiplies bytes in pairs and adds them in 16 bits, which overflow
silently with 8-bit weights; 255 * 64 * 2 = 32,640 cannot. Activations are scaled by the whole input, so one text is one run
(see encoder/serving.py), and then there is no padding and no mask to carry either.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoder import smooth
from encoder.errors import EncoderBuildFailed

OPSET = 17
MICROSOFT = "com.microsoft"
BLOCK = 32
INPUT, OUTPUT = "input_ids", "vectors"
WEIGHT_LIMIT = 64
_LARGE = 1_000_000


def quantise(
    exported: Path,
    target: Path,
    heads: int,
    width: int,
    pooling: str,
    calibration: Sequence[np.ndarray],
    embedding_bits: int = 8,
) -> None:
    """Write the graph input_ids -> unit vectors. `embedding_bits` is 4 where the table came from 4-bit blocks, else 8."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    if pooling not in ("mean", "cls"):
        raise EncoderBuildFailed(f"This model pools by {pooling}; only mean and cls are known (encoder/quantise.py).")
    fused = optimize_model(str(exported), "bert", heads, width, optimization_options=FusionOptions("bert")).model
    graph = _Graph(fused)
    graph.drop_mask()
    graph.replace_tables(embedding_bits)
    graph.pool(pooling)
    graph.tidy()
    smooth.smooth(fused, calibration)
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "float.onnx"
        onnx.save(fused, str(before))
        quantize_dynamic(
            str(before),
            str(target),
            op_types_to_quantize=["MatMul", "Attention"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            # Shapes are not inferred through fused nodes; everything between them is a float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    made = onnx.load(str(target))
    del made.metadata_props[:]
    made.producer_name, made.producer_version, made.doc_string = "linshe", "", ""
    for node in made.graph.node:
        node.doc_string = ""
    onnx.save(made, str(target))


def weights(path: Path) -> dict[str, np.ndarray]:
    """The int8 matrices of a served model by name."""
    import onnx
    from onnx import numpy_helper

    found = onnx.load(str(path)).graph.initializer
    return {item.name: numpy_helper.to_array(item) for item in found if item.data_type == onnx.TensorProto.INT8}


def blocks(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """4-bit codes and scales of a table in blocks of 32 along its rows. A table of Q4_0 blocks is met exactly."""
    rows, width = table.shape
    parts = table.reshape(rows, width // BLOCK, BLOCK).astype(np.float64)
    place = np.abs(parts).argmax(-1)[..., None]
    peak = np.take_along_axis(parts, place, -1)
    error = np.full(peak.shape[:-1], np.inf)
    codes, scales = np.zeros_like(parts), np.ones_like(error)
    # The largest weight of a Q4_0 block is usually -8 steps, but not where rounding moved it: the exact step is tried for.
    for steps in (-8, 7, *range(-7, -1), *range(1, 7)):
        scale = np.where(peak == 0, 1.0, peak / steps)
        trial = np.clip(np.rint(parts / scale), -8, 7)
        off = ((trial * scale - parts) ** 2).sum(-1)
        better = off < error * (1 - 1e-9)
        error = np.where(better, off, error)
        codes = np.where(better[..., None], trial, codes)
        scales = np.where(better, scale[..., 0], scales)
    return codes.reshape(rows, width).astype(np.int8), scales.astype(np.float32)


class _Graph:
    """The few operations on an ONNX graph that are needed here."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.graph = model.graph
        self.constants = {item.name: item for item in model.graph.initializer}

    def array(self, name: str) -> np.ndarray | None:
        from onnx import numpy_helper

        return numpy_helper.to_array(self.constants[name]) if name in self.constants else None

    def constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        item = numpy_helper.from_array(np.ascontiguousarray(value), name)
        self.constants[name] = item
        self.graph.initializer.append(item)
        return name

    def replace(self, old: Any, new: list[Any]) -> None:
        at = next(place for place, node in enumerate(self.graph.node) if node is old or node == old)
        nodes = list(self.graph.node)
        nodes[at : at + 1] = new
        del self.graph.node[:]
        self.graph.node.extend(nodes)

    def drop_mask(self) -> None:
        """One text is one run: nothing is padded, so attention may look everywhere."""
        for node in self.graph.node:
            if node.op_type == "Attention" and len(node.input) > 3:
                del node.input[3:]

    def replace_tables(self, bits: int) -> None:
        for node in list(self.graph.node):
            if node.op_type == "EmbedLayerNormalization":
                self.replace(node, self._embedding(node, bits))
            elif node.op_type == "Gather":
                table = self.array(node.input[0])
                if table is not None and table.ndim == 2 and table.size > _LARGE:
                    self.replace(node, self._lookup(table, node.input[1], node.output[0], bits))

    def _lookup(self, table: np.ndarray, ids: str, output: str, bits: int) -> list[Any]:
        from onnx import TensorProto, helper

        if bits == 4 and table.shape[1] % BLOCK == 0:
            codes, scales = blocks(table)
            nibbles = (codes & 0x0F).astype(np.uint8)
            packed = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)
            item = helper.make_tensor("table", TensorProto.INT4, table.shape, packed.tobytes(), raw=True)
            self.constants["table"] = item
            self.graph.initializer.append(item)
            inputs = ["table", ids, self.constant("table_scales", scales)]
            how = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
            return [helper.make_node("GatherBlockQuantized", inputs, [output], domain=MICROSOFT, name="words", **how)]
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9).astype(np.float32) / 127
        self.constant("table", np.rint(table / scale).astype(np.int8))
        self.constant("table_scales", scale)
        return [
            helper.make_node("Gather", ["table", ids], ["codes"], name="codes"),
            helper.make_node("Cast", ["codes"], ["codes_float"], name="codes_float", to=TensorProto.FLOAT),
            helper.make_node("Gather", ["table_scales", ids], ["scales"], name="scales"),
            helper.make_node("Mul", ["codes_float", "scales"], [output], name="words"),
        ]

    def _embedding(self, node: Any, bits: int) -> list[Any]:
        from onnx import TensorProto, helper

        word, position, kind, gamma, beta = (self.array(name) for name in node.input[2:7])
        if word is None or position is None or kind is None or gamma is None or beta is None:
            raise EncoderBuildFailed("The embedding of this model is not made of constants.")
        epsilon = next((item.f for item in node.attribute if item.name == "epsilon"), 1e-12)
        self.constant("positions", (position + kind[0]).astype(np.float16))  # every token is of kind 0
        for name, value in (("from", 0), ("axis", 1), ("rows", 0)):
            self.constant(f"place_{name}", np.array([value], np.int64))
        return [
            *self._lookup(word, INPUT, "words_out", bits),
            helper.make_node("Shape", [INPUT], ["length"], name="length", start=1, end=2),
            helper.make_node("Slice", ["positions", "place_from", "length", "place_rows"], ["here"], name="here"),
            helper.make_node("Cast", ["here"], ["here_float"], name="here_float", to=TensorProto.FLOAT),
            helper.make_node("Add", ["words_out", "here_float"], ["placed"], name="placed"),
            helper.make_node(
                "LayerNormalization",
                ["placed", node.input[5], node.input[6]],
                [node.output[0]],
                name="embedded",
                axis=-1,
                epsilon=epsilon,
            ),
        ]

    def pool(self, pooling: str) -> None:
        from onnx import TensorProto, helper

        hidden = self.graph.output[0].name
        if pooling == "mean":
            pooled = [helper.make_node("ReduceMean", [hidden], ["pooled"], name="pooled", axes=[1], keepdims=0)]
        else:
            first = self.constant("first", np.array(0, np.int64))
            pooled = [helper.make_node("Gather", [hidden, first], ["pooled"], name="pooled", axis=1)]
        unit = helper.make_node("LpNormalization", ["pooled"], [OUTPUT], name="unit", axis=-1, p=2)
        self.graph.node.extend([*pooled, unit])
        del self.graph.output[:]
        self.graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "width"]))

    def tidy(self) -> None:
        """Leave out what no longer leads to the output, and the inputs nobody reads."""
        needed = {OUTPUT}
        kept = []
        for node in reversed(self.graph.node):
            if needed & set(node.output):
                kept.append(node)
                needed |= set(node.input)
        del self.graph.node[:]
        self.graph.node.extend(reversed(kept))
        constants = [item for item in self.graph.initializer if item.name in needed]
        del self.graph.initializer[:]
        self.graph.initializer.extend(constants)
        inputs = [item for item in self.graph.input if item.name in needed]
        del self.graph.input[:]
        self.graph.input.extend(inputs)
        del self.graph.value_info[:]
