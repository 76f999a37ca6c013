"""Whether the text of an article has to do with the answer that cites it: by words among all articles, or by meaning among some.

What agrees in neither way is no error by itself (an answer may rest on a general rule that shares no word with it), but somebody has to
have read it: `data/knowledge/support_checked.yml` lists what was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from community.errors import InvalidInput
from community.knowledge.answer_ranking import body_of
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.fusion import text_of
from community.knowledge.names import normal_label
from community.knowledge.ranking import ArticleIndex
from community.knowledge.text import bigrams, substance, words
from community.knowledge.vectors import Encodes
from community.model.law import CuratedAnswer

CHECKED = "support_checked.yml"
NEAR_BY_WORDS = 200
"""Of 23,578 articles so many may share more words with the answer."""
EVERY, NEAR_BY_MEANING = 40, 5
"""Against every so many-th article, fewer than so many may be nearer in meaning."""

Pair = tuple[str, str, str]
"""(code of the answer, law, printed number of the article)."""


def read_checked(folder: Path = KNOWLEDGE) -> set[Pair]:
    """What somebody has read and found to support its answer. Raises InvalidInput naming the entry."""
    content = yaml.safe_load((folder / CHECKED).read_text(encoding="utf-8")) or {}
    found: set[Pair] = set()
    for code, cited in content.items():
        if not isinstance(cited, list) or not all(isinstance(one, dict) and set(one) == {"law", "article"} for one in cited):
            raise InvalidInput(f"{CHECKED}: {code}: 应当是 law 和 article 的列表。")
        found |= {(str(code), str(one["law"]), normal_label(str(one["article"]))) for one in cited}
    return found


def unlike(answers: Sequence[CuratedAnswer], index: ArticleIndex, encoder: Encodes) -> set[Pair]:
    """The citations that agree with their answer neither by words nor by meaning. Half a minute of encoding."""
    place = {(row.law, row.label): number for number, row in enumerate(index.rows)}
    beside = encoder.encode([text_of(row) for row in index.rows[::EVERY]], "passage")
    found: set[Pair] = set()
    for answer in answers:
        cited = {(c["law"], normal_label(c["article"])) for c in answer.citations}
        text = body_of(answer)
        said = substance(text)
        pairs, terms, _ = index.parts(text, bigrams(said), words(said))
        scores = pairs + terms
        far = [key for key in cited if key in place and int((scores > scores[place[key]]).sum()) >= NEAR_BY_WORDS]
        if not far:
            continue
        asked = np.asarray(encoder.encode([text])[0], np.float32)
        theirs = np.asarray(encoder.encode([text_of(index.rows[place[key]]) for key in far], "passage"), np.float32) @ asked
        nearer = np.asarray(beside, np.float32) @ asked
        found |= {
            (answer.code, *key) for key, near in zip(far, theirs, strict=True) if int((nearer > near).sum()) >= NEAR_BY_MEANING
        }
    return found
