"""Turn what encoder/wheel.py read into a sentence-transformers folder (build time; needs torch)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from encoder.wheel import Source

PROMPTS = {"query": "query: ", "passage": "passage: "}


def save(source: Source, kept: list[int], folder: Path) -> None:
    """Write the float32 model with the pieces in `kept`."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    shape = source.shape
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=1e-12,
        pad_token_id=kept.index(source.specials["<pad>"]),
        hidden_act="gelu",
        dtype="float32",
    )
    bert = BertModel(config, add_pooling_layer=False)
    state = {name: torch.from_numpy(np.array(value, np.float32)) for name, value in _weights(source, kept).items()}
    missing, unexpected = bert.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if "position_ids" not in name]:
        raise AssertionError(f"weights do not fit: {missing} {unexpected}")
    bert.eval()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(source, kept),
        model_max_length=shape.positions,
        bos_token="<s>",  # noqa: S106
        cls_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        sep_token="</s>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
    )
    with tempfile.TemporaryDirectory() as transformer:
        bert.save_pretrained(transformer)
        fast.save_pretrained(transformer)
        module = Transformer(transformer, max_seq_length=shape.positions)
    pooling = Pooling(shape.width, "mean")
    model = SentenceTransformer(modules=[module, pooling, Normalize()], prompts=PROMPTS, device="cpu")
    model.save(str(folder), create_model_card=False)


def _weights(source: Source, kept: list[int]) -> dict[str, np.ndarray]:
    shape = source.shape
    word = source.matrices["emb.word"]
    weights = {
        "embeddings.word_embeddings.weight": word.floats()[kept],
        "embeddings.position_embeddings.weight": source.vectors["emb.pos"].reshape(shape.positions, shape.width),
        "embeddings.token_type_embeddings.weight": source.vectors["emb.type"].reshape(-1, shape.width),
        "embeddings.LayerNorm.weight": source.vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": source.vectors["emb.ln.b"],
    }
    matrices = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}"
        for short, long in matrices.items():
            weights[f"{prefix}.{long}.weight"] = source.matrices[f"l{layer}.{short}.w"].floats()
            weights[f"{prefix}.{long}.bias"] = source.vectors[f"l{layer}.{short}.b"]
        for short, long in {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}.items():
            weights[f"{prefix}.{long}.weight"] = source.vectors[f"l{layer}.{short}.w"]
            weights[f"{prefix}.{long}.bias"] = source.vectors[f"l{layer}.{short}.b"]
    return weights


def tokenizer(source: Source, kept: list[int]) -> Any:
    """The Unigram tokenizer over the pieces in `kept`, normalising as the source does (NFKC and a little more)."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    vocabulary = [(source.pieces[place], float(source.scores[place])) for place in kept]
    numbers = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    made = Tokenizer(models.Unigram(vocabulary, unk_id=numbers["<unk>"], byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(left=False, right=True)]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", numbers["<s>"]), ("</s>", numbers["</s>"])],
    )
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    return made
