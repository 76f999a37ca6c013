"""What of tuning needs no torch: which pairs are made, and when a result is kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from encoder import heldout, tune
from encoder.folder import ROOT

EXAMPLES = [
    (f"{group}的第{number}句", group.split("/")[0], group) for group in ("a/x", "a/y", "b/") for number in range(4)
]
ANSWERS = [[("问一", "答一"), ("又问一", "答一")], [("问二", "答二")]]


def test_a_result_is_kept_only_when_no_figure_fell_and_one_rose() -> None:
    before = {"intents": 0.90, "articles": 0.50}
    assert tune.better(before, {"intents": 0.91, "articles": 0.50})
    assert not tune.better(before, {"intents": 0.95, "articles": 0.499})
    assert not tune.better(before, {"intents": 0.9005, "articles": 0.5005})


def test_no_batch_asks_to_push_apart_two_texts_of_one_group() -> None:
    groups = {text: group for text, _, group in EXAMPLES}
    for pairs, passages in islice(tune.batches(EXAMPLES, ANSWERS, seed=1), 20):
        if passages:
            assert len({answer for _, answer in pairs}) == len(pairs)
        else:
            assert all(groups[one] == groups[other] and one != other for one, other in pairs)
            assert len({groups[one] for one, _ in pairs}) == len(pairs)


def test_the_same_seed_gives_the_same_batches_so_that_a_checkpoint_can_go_on() -> None:
    first, second = (list(islice(tune.batches(EXAMPLES, ANSWERS, seed=4), 9)) for _ in range(2))
    assert first == second


def test_our_own_examples_and_answers_can_be_read() -> None:
    examples = tune.read_examples(ROOT / "data" / "nlu")
    assert {"report", "ask_legal"} <= {intent for _, intent, _ in examples}
    assert "report/elevator" in {group for _, _, group in examples}
    assert not any("](" in text for text, _, _ in examples)
    assert tune.read_answers(ROOT / "data" / "knowledge" / "legal")


def test_held_out_messages_of_an_intent_without_examples_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "held.jsonl"
    path.write_text('{"text": "一", "intent": "known"}\n{"text": "二", "intent": "unknown"}\n', "utf-8")
    probe = heldout.read_probe([("三", "known")], path)
    assert (probe.held_texts, probe.texts) == (["一"], ["三"])


def test_a_question_counts_when_a_right_article_is_among_the_first_ten(tmp_path: Path) -> None:
    laws, questions = tmp_path / "laws.db", tmp_path / "questions.jsonl"
    base = sqlite3.connect(laws)
    base.execute("CREATE TABLE laws (law_id TEXT, law_name TEXT, version_date TEXT)")
    base.execute("CREATE TABLE articles (law_id TEXT, law_name TEXT, article_no_arabic INTEGER, article_text TEXT)")
    base.executemany(
        "INSERT INTO laws VALUES (?, ?, ?)", [("1", "中华人民共和国某法", "2001"), ("2", "中华人民共和国某法", "2020")]
    )
    base.executemany(
        "INSERT INTO articles VALUES ('1', '中华人民共和国某法', ?, ?)", [(n, f"旧{n}") for n in range(1, 13)]
    )
    base.executemany(
        "INSERT INTO articles VALUES ('2', '中华人民共和国某法', ?, ?)", [(n, f"新{n}") for n in range(1, 13)]
    )
    base.commit()
    base.close()
    rows = [{"query": f"问{n}", "gold": [["某法", 1 + n // 5], ["没有的法", 1]]} for n in range(10)]
    questions.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    search = heldout.read_search(questions, laws)
    assert search.questions == ["问0", "问5"]
    assert all("新" in article for article in search.articles)
    assert len(search.articles) == 12

    def first_is_best(texts: Sequence[str], kind: str) -> np.ndarray:
        if kind == "query":
            return np.ones((len(texts), 1))
        return np.linspace(1, 0, len(texts))[:, None]

    def last_is_best(texts: Sequence[str], kind: str) -> np.ndarray:
        return first_is_best(texts, kind) * (1 if kind == "query" else -1)

    assert heldout.found_in_ten(search, first_is_best) == 1
    assert heldout.found_in_ten(search, last_is_best) == 0
