"""Articles found by words, meaning and lay phrasings together; and that what is learnt is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from community.knowledge import adapter, tuning
from community.knowledge.adapter import Adapter
from community.knowledge.fusion import Fusion, PhrasingIndex
from community.knowledge.ranker import EVIDENCE, FEATURES, Ranker, load
from community.knowledge.ranking import ArticleIndex, Row
from community.knowledge.text import load_search_words

LAW = "中华人民共和国民法典"
TEXTS = ["出租人应当退还押金", "承租人应当支付租金", "饲养的动物造成他人损害的，饲养人承担责任", "业主应当支付物业费", "借款人应当返还借款"]
ROWS = [Row(LAW, f"第{n}条", text, "2021-01-01", "某章") for n, text in zip("一二三四五", TEXTS, strict=True)]


class Known:
    """Knows the meaning of some words: one direction a topic."""

    dimensions, fingerprint = 8, "e" * 64
    topics = ("押金|房东", "租金", "狗|动物", "物业", "借|钱")

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        rows = np.full((len(texts), 8), 0.1, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for number, topic in enumerate(self.topics):
                row[number] += any(word in text for word in topic.split("|"))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nothing_learnt(size: int = 8) -> Adapter:
    return Adapter(np.zeros((size, 2), np.float32), np.zeros((2, size), np.float32))


def fusion(phrasings: dict[tuple[str, str], tuple[str, ...]] | None = None) -> Fusion:
    index, encoder = ArticleIndex.build(ROWS, load_search_words()), Known()
    told = PhrasingIndex(ROWS, phrasings or {})
    asked = encoder.encode(told.texts) if told.texts else np.zeros((0, 8), np.float32)
    return Fusion(index, told, encoder.encode(TEXTS, "passage"), asked, nothing_learnt(), encoder)


def ranker(**weights: float) -> Ranker:
    chance = np.zeros(len(EVIDENCE), np.float32)
    chance[0] = 1
    return Ranker(nothing_learnt(), np.array([weights.get(name, 0) for name in FEATURES], np.float32), chance, Known.fingerprint)


def test_what_shares_no_word_is_found_by_its_meaning() -> None:
    (best, chance), *_ = fusion().search("我家被狗咬了", 3, ranker(adapted=1.0))
    assert best.label == "第三条"
    assert 0.5 < chance <= 1


def test_what_only_a_phrasing_says_is_found_by_it() -> None:
    found = fusion({(LAW, "第四条"): ("每月交给小区管家的那笔费用",)})
    (best, _), *_ = found.search("小区管家要收费用", 3, ranker(phrasing_words=1.0))
    assert best.label == "第四条"


def test_a_phrasing_of_a_law_that_is_not_in_force_is_left_out() -> None:
    found = fusion({("中华人民共和国某法", "第四条"): ("小区管家",)})
    assert found.search("小区管家", 3, ranker(phrasing_words=1.0, adapted=0.1))


def test_nothing_to_search_in_finds_nothing() -> None:
    index = ArticleIndex.build([], load_search_words())
    empty = np.zeros((0, 8), np.float32)
    found = Fusion(index, PhrasingIndex([], {}), empty, empty, nothing_learnt(), Known())
    assert found.search("狗", 3, ranker(adapted=1.0)) == []


def test_what_was_learnt_is_kept_and_belongs_to_one_encoder(tmp_path: Path) -> None:
    ranker(adapted=1.5).save(tmp_path)
    kept = load(Known.fingerprint, tmp_path)
    assert kept is not None
    assert kept.weights[FEATURES.index("adapted")] == pytest.approx(1.5)
    assert load("another", tmp_path) is None
    assert load(Known.fingerprint, tmp_path / "nowhere") is None


def test_the_map_learns_that_two_words_mean_one_article() -> None:
    dice = np.random.default_rng(1)
    articles = dice.standard_normal((40, 16)).astype(np.float32)
    articles /= np.linalg.norm(articles, axis=1, keepdims=True)
    # What is asked lies where the article does, turned by one matrix that the map has to find.
    turned = articles @ np.linalg.qr(dice.standard_normal((16, 16)))[0].astype(np.float32)
    learnt = adapter.train(turned[:30], [{n} for n in range(30)], articles, steps=200)
    before = np.argmax(turned[:30] @ articles.T, axis=1)
    after = np.argmax(learnt(turned[:30]) @ articles.T, axis=1)
    assert (before == np.arange(30)).mean() < 0.3
    assert (after == np.arange(30)).mean() > 0.9


def test_the_gradients_are_those_of_the_loss() -> None:
    dice = np.random.default_rng(2)

    def unit(rows: int) -> np.ndarray:
        made = dice.standard_normal((rows, 6)).astype(np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    asked, articles, wanted, known = unit(3), unit(7), [0, 1, 2], [{0, 5}, {1}, {2}]
    here = Adapter(dice.standard_normal((6, 2)).astype(np.float32) * 0.1, dice.standard_normal((2, 6)).astype(np.float32) * 0.1)

    def loss(one: Adapter) -> float:
        scores = (adapter.SCALE * one(asked) @ articles.T).astype(np.float64)
        scores[0, 5] = -np.inf
        return float(np.mean([np.log(np.exp(s - s.max()).sum()) - (s[w] - s.max()) for s, w in zip(scores, wanted, strict=True)]))

    down, up = adapter._gradients(here, asked, wanted, known, articles)
    for gradient, weight in ((down, here.down), (up, here.up)):
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        kept, step = weight[place], 1e-3
        weight[place] = kept + step
        ahead = loss(here)
        weight[place] = kept - step
        behind = loss(here)
        weight[place] = kept
        assert (ahead - behind) / (2 * step) == pytest.approx(gradient[place], rel=0.05)


def test_weights_prefer_what_tells_right_from_wrong() -> None:
    dice = np.random.default_rng(3)
    seen = []
    for _ in range(60):
        features = dice.standard_normal((20, len(FEATURES))).astype(np.float32)
        marks = np.zeros(20, np.bool_)
        marks[np.argmax(features[:, 4] + 0.3 * features[:, 0])] = True
        seen.append((features, marks))
    weights = tuning.learn_weights(seen)
    assert weights[4] > 2 * abs(weights[0]) > 0
    assert np.abs(np.delete(weights, [0, 4])).max() < weights[4] / 4
