"""Trainers see words as the linter cuts them, also just after a training has written one."""

from __future__ import annotations

from pathlib import Path

from community.knowledge.wording import LexiconWording


async def test_a_word_that_was_written_is_one_from_then_on_and_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    wording = LexiconWording(tmp_path / "lexicon")
    text = "蓬莱仙苑后门婴儿车棚"
    before = await wording.tokens(text)
    assert "".join(before) == text
    assert "婴儿车棚" not in before
    assert (await wording.lexicon()).estates == ()
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon/words.txt").write_text("婴儿车棚 100 n\n", encoding="utf-8")
    (tmp_path / "lexicon/estates.lst").write_text("# names\n剡溪花园 剡溪 剡溪小区\n鹿山苑\n", encoding="utf-8")
    assert "婴儿车棚" in await wording.tokens(text)
    known = await wording.lexicon()
    assert (known.words, known.estates) == (frozenset({"婴儿车棚"}), (("剡溪花园", ("剡溪", "剡溪小区")), ("鹿山苑", ())))
    assert known.names["剡溪"] == "剡溪花园"
