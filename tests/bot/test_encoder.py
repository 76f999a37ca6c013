"""The encoder in Rasa's Python gives what it gives in the app's: the same file of vectors is asked of both."""

import json
from pathlib import Path

import numpy as np
import pytest

from encoder import EncoderMissing, folder, load

REFERENCE = json.loads((folder.ROOT / "tests" / "unit" / "encoder" / "reference.json").read_text("utf-8"))
NEAR = 0.998  # see tests/unit/encoder/test_serving.py


def test_vectors_are_those_the_app_gives() -> None:
    shipped = load(folder.SHIPPED)
    assert shipped.fingerprint == REFERENCE["fingerprint"]
    for row in REFERENCE["vectors"]:
        wanted = np.array(row["vector"])
        got = shipped.encode([row["text"]], row["kind"])[0]
        assert got @ wanted / np.linalg.norm(wanted) >= NEAR, row["text"]


def test_a_text_gets_the_same_vector_in_training_and_in_serving() -> None:
    shipped = load(folder.SHIPPED)
    texts = [row["text"] for row in REFERENCE["vectors"]] * 2
    together = shipped.encode(texts)
    for place, text in enumerate(texts):
        assert np.array_equal(together[place], shipped.encode([text])[0]), text


def test_a_missing_model_names_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match=r"\./linshe encoder build"):
        load(tmp_path)
