"""The encoder as the app uses it; tests/bot/test_encoder.py asks the same of Rasa's Python."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import encoder
from encoder import Encoder, EncoderDamaged, EncoderMissing, folder, load

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))
NEAR = 0.998
"""Rounding to 8 bits turns last digits, in which processors differ, into a little more than last digits."""
LINES = [
    "楼道灯坏了",
    "3幢2单元502室卫生间往楼下滴水，麻烦叫人来看看",
    "转人工",
    "可以不交物业费吗",
    "好的",
    "周六有什么志愿活动",
]


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return load(folder.SHIPPED)


def test_vectors_are_those_the_other_python_gives_too(shipped: Encoder) -> None:
    for row in REFERENCE["vectors"]:
        wanted = np.array(row["vector"])
        got = shipped.encode([row["text"]], row["kind"])[0]
        assert got @ wanted / np.linalg.norm(wanted) >= NEAR, row["text"]


def test_the_reference_was_made_with_the_shipped_model(shipped: Encoder) -> None:
    assert REFERENCE["fingerprint"] == shipped.fingerprint


def test_a_text_gets_the_same_vector_alone_and_in_company(shipped: Encoder) -> None:
    many = LINES * 3
    together = shipped.encode(many)
    for place, text in enumerate(many):
        assert np.array_equal(together[place], shipped.encode([text])[0]), text


def test_rows_are_unit_vectors_of_float32_in_the_order_of_the_texts(shipped: Encoder) -> None:
    rows = shipped.encode(LINES * 2)
    assert rows.dtype == np.float32
    assert rows.shape == (12, shipped.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows[:6], rows[6:])


def test_nothing_and_an_empty_message_are_encoded_too(shipped: Encoder) -> None:
    assert shipped.encode([]).shape == (0, shipped.dimensions)
    assert np.isfinite(shipped.encode(["", "   ", "🙏"])).all()


def test_a_very_long_message_is_cut_and_not_refused(shipped: Encoder) -> None:
    assert np.isfinite(shipped.encode(["楼上一直漏水没有人管，" * 400])).all()
    assert shipped.ids("楼上一直漏水没有人管，" * 400).shape[1] == 512


def test_what_means_the_same_is_nearer_than_what_does_not(shipped: Encoder) -> None:
    for one, same, other in (
        ("楼道灯坏了", "楼梯间的灯不亮", "可以不交物业费吗"),
        ("家里停水了", "水龙头一滴水都没有", "广场舞声音太大"),
        ("楼上漏水漏到我家", "天花板被楼上的水泡了", "周六有志愿活动吗"),
        ("租客不交房租怎么办", "房客拖欠租金", "电梯坏了"),
    ):
        vectors = shipped.encode([one, same, other])
        assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.02, one


def test_a_question_finds_its_passage(shipped: Encoder) -> None:
    passages = [
        "业主应当按照约定向物业服务人支付物业费。",
        "不动产的相邻权利人应当按照有利生产、方便生活的原则，正确处理相邻关系。",
        "夫妻双方自愿离婚的，应当签订书面离婚协议，并亲自到婚姻登记机关申请离婚登记。",
    ]
    scores = shipped.encode(["怎么办离婚", "物业费能不能不交"]) @ shipped.encode(passages, "passage").T
    assert scores.argmax(axis=1).tolist() == [2, 0]


def test_addresses_and_rare_names_survive_the_tokenizer(shipped: Encoder) -> None:
    unknown = "<unk>"
    for text in (
        "剡溪花园12幢3单元502室",
        "12-3-502",
        "江滨小区5号楼",
        "邓喆",
        "王翀住鹿山苑",
        "ＷｉＦｉ坏了，１２３４５",
    ):
        pieces = shipped.tokens(text)
        assert pieces[0] == "<s>"
        assert pieces[-1] == "</s>"
        assert unknown not in pieces, text
    assert "".join(shipped.tokens("剡溪花园12幢3单元502室")[1:-1]) == "▁剡溪花园12幢3单元502室"


def test_a_wrong_kind_and_a_lone_string_are_told_at_once(shipped: Encoder) -> None:
    with pytest.raises(ValueError, match="query, passage"):
        shipped.encode(["好"], "question")
    with pytest.raises(TypeError, match="list of texts"):
        shipped.encode("楼道灯坏了")


@pytest.fixture
def copy(tmp_path: Path) -> Callable[..., Path]:
    def make(without: str = "") -> Path:
        for path in folder.SHIPPED.iterdir():
            if path.name != without:
                (tmp_path / path.name).write_bytes(path.read_bytes())
        return tmp_path

    return make


@pytest.mark.parametrize("name", [folder.MODEL, folder.TOKENIZER, folder.CONFIG])
def test_a_missing_file_is_named_together_with_the_command_that_mends_it(copy: Callable[..., Path], name: str) -> None:
    with pytest.raises(EncoderMissing, match=rf"{name}.*\./linshe encoder build"):
        load(copy(without=name))


def test_a_file_that_was_changed_is_noticed(copy: Callable[..., Path]) -> None:
    path = copy()
    with (path / folder.TOKENIZER).open("a") as file:
        file.write(" ")
    with pytest.raises(EncoderDamaged, match=r"tokenizer\.json.*\./linshe encoder build"):
        load(path)


def test_a_config_that_says_nothing_is_told_in_words(copy: Callable[..., Path]) -> None:
    path = copy()
    (path / folder.CONFIG).write_text("{}")
    with pytest.raises(EncoderDamaged, match=r"\./linshe encoder build"):
        load(path)


def test_the_fingerprint_changes_with_the_model_and_with_the_prompts(copy: Callable[..., Path]) -> None:
    path = copy()
    before = folder.read(path).fingerprint
    raw = json.loads((path / folder.CONFIG).read_text("utf-8"))
    raw["files"][folder.MODEL] = hashlib.sha256(b"another").hexdigest()
    (path / folder.CONFIG).write_text(json.dumps(raw))
    other = folder.read(path).fingerprint
    raw["prompts"]["query"] = "q: "
    (path / folder.CONFIG).write_text(json.dumps(raw))
    assert len({before, other, folder.read(path).fingerprint}) == 3


def test_loading_again_costs_nothing_and_the_setting_chooses_the_folder(
    copy: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folder.SETTING, str(copy()))
    assert load() is load()
    assert load().folder != folder.SHIPPED
    assert load(folder.SHIPPED) is not load()


def test_what_use_wrote_down_is_loaded_unless_a_setting_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(folder.SETTING, raising=False)
    note = tmp_path / "in-use"
    monkeypatch.setattr(folder, "IN_USE", note)
    assert folder.chosen() == folder.SHIPPED
    note.write_text("var/encoder/other\n")
    assert folder.chosen() == folder.ROOT / "var/encoder/other"
    monkeypatch.setenv(folder.SETTING, "models/encoder")
    assert folder.chosen() == folder.SHIPPED


def test_importing_loads_neither_a_model_nor_a_runtime() -> None:
    said = "import sys, encoder; print([m for m in ('onnxruntime', 'tokenizers', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, cwd=folder.ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_folder_fits_into_the_repository() -> None:
    files = list(folder.SHIPPED.iterdir())
    assert sum(path.stat().st_size for path in files) <= 30_000_000
    assert {path.name for path in files} == {folder.MODEL, folder.TOKENIZER, folder.CONFIG, folder.NOTICE}
    assert "MIT" in (folder.SHIPPED / folder.NOTICE).read_text("utf-8")


def test_every_name_the_package_promises_is_there() -> None:
    assert all(hasattr(encoder, name) for name in encoder.__all__)
