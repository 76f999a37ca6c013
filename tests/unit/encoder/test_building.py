"""What of the build needs no torch: which pieces stay, how a table is rounded, how two builds are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from encoder import bench, folder, quantise, smooth, vocabulary, wheel
from encoder.errors import EncoderBuildFailed


def kept(*pieces: str) -> list[str]:
    return [pieces[place] for place in vocabulary.keep(pieces, specials=[])]


def test_simplified_words_single_characters_numbers_and_emoji_stay() -> None:
    pieces = ("物业费", "▁居民", "喆", "剡", "電", "2023年", "▁2", "🙏", "。", "WiFi", "▁the", "?!")
    assert kept(*pieces) == list(pieces)


def test_words_of_other_scripts_and_traditional_words_go() -> None:
    assert kept("電梯", "の", "お店", "自分の", "привет", "más", "한국", "١", "οι") == []


def test_only_frequent_latin_words_stay() -> None:
    words = [f"word{number:05}" for number in range(vocabulary.LATIN + 10)]
    assert kept(*words) == words[: vocabulary.LATIN]


def test_the_special_pieces_always_stay() -> None:
    assert vocabulary.keep(["<s>", "<pad>", "дом", "<unk>"], specials=[0, 1, 3]) == [0, 1, 3]


def test_a_table_that_came_from_4_bit_blocks_loses_nothing() -> None:
    dice = np.random.default_rng(5)
    codes = dice.integers(-8, 8, (40, 64)).astype(np.int8)
    scales = dice.uniform(0.001, 0.1, (40, 2)).astype(np.float16).astype(np.float32)
    table = codes.reshape(40, 2, 32) * scales[:, :, None]
    made, steps = quantise.blocks(table.reshape(40, 64).astype(np.float32))
    assert np.allclose(made.reshape(40, 2, 32) * steps[:, :, None], table, rtol=1e-5)


def test_made_up_sequences_are_the_same_each_time_and_hold_chinese_only() -> None:
    words = {"<s>": 0, "</s>": 1, "a": 2, "物业": 3, "楼": 4}
    first, second = (smooth.sequences(words, [0], [1]) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert {int(number) for ids in first for number in ids[0, 1:-1]} <= {3, 4}


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(EncoderBuildFailed, match="another layout"):
        wheel.read(path)


def test_a_missing_wheel_is_told_with_the_command_that_brings_it() -> None:
    with pytest.raises(EncoderBuildFailed, match=r"\./linshe encoder build"):
        wheel.find()


def test_comparing_a_build_with_itself_says_the_same_bytes() -> None:
    assert bench.compare(folder.SHIPPED, folder.SHIPPED, ["好"]) == {"same_bytes": True, "cosine_min": 1.0}


def test_the_measuring_texts_are_sentences_without_marks() -> None:
    texts = bench.texts()
    assert len(texts) > 1000
    # [玫瑰] is what WeChat writes for a rose, no mark.
    assert not any("](" in text or "]{" in text for text in texts)
