"""Makes the tables in chinese/tables again, from libraries that need not be installed to use them.

    pip install opencc-python-reimplemented==0.1.7 pypinyin==0.55.0 zhdate==0.1   # somewhere else than in our environments
    python -m ops.chinese_tables chinese/tables

Tables and not the libraries themselves: a dictionary lookup a character is all that is used of them, and a room without
dependencies can be read from both Pythons.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FIRST, LAST = 1950, 2079
"""The lunar years in the table."""


def traditional() -> Iterator[str]:
    """A traditional character and its simplified one, a pair a word; only those inside the basic plane."""
    folder = Path(str(importlib.import_module("opencc").__file__)).parent
    text = (folder / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = []
    for line in text.splitlines():
        old, _, new = line.partition("\t")
        first = new.split(" ")[0]
        if len(old) == len(first) == 1 and old != first and ord(old) < 0x10000 and ord(first) < 0x10000:
            pairs.append(old + first)
    for start in range(0, len(pairs), 40):
        yield " ".join(pairs[start : start + 40])


def common() -> Iterator[str]:
    """The characters of GB 2312: what people type."""
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue


def syllables() -> Iterator[str]:
    """A syllable without its tone, and the characters that can be read so."""
    pinyin: Any = importlib.import_module("pypinyin")
    found: dict[str, list[str]] = {}
    for char in common():
        for sound in pinyin.pinyin(char, style=pinyin.Style.NORMAL, heteronym=True)[0]:
            found.setdefault(sound, []).append(char)
    for sound in sorted(found):
        yield f"{sound} {''.join(found[sound])}"


def lunar() -> Iterator[str]:
    """A lunar year: its first day, its leap month (0: none), and for each of its months 1 for 30 days, 0 for 29."""
    zhdate: Any = importlib.import_module("zhdate")
    for year in range(FIRST, LAST + 1):
        first: datetime = zhdate.ZhDate(year, 1, 1).to_datetime()
        leap = next((m for m in range(1, 13) if _is_date(zhdate, year, m)), 0)
        starts = []
        for month in range(1, 13):
            starts.append(zhdate.ZhDate(year, month, 1).to_datetime())
            if month == leap:
                starts.append(zhdate.ZhDate(year, month, 1, leap_month=True).to_datetime())
        starts.append(zhdate.ZhDate(year + 1, 1, 1).to_datetime())
        lengths = [after - before for before, after in zip(starts, starts[1:], strict=False)]
        if not all(length in (timedelta(29), timedelta(30)) for length in lengths):
            raise ValueError(f"the months of {year} do not add up")
        yield f"{year} {first:%m%d} {leap} {''.join('1' if length.days == 30 else '0' for length in lengths)}"


def _is_date(zhdate: Any, year: int, month: int) -> bool:
    return bool(zhdate.ZhDate.validate(year, month, 1, True))


NOTES = {
    "traditional": "Traditional to simplified, from OpenCC's TSCharacters (Apache-2.0) in opencc-python-reimplemented 0.1.7.",
    "syllables": "Syllables of the GB 2312 characters, from pypinyin 0.55.0 (MIT).",
    "lunar": "Lunar years, computed with zhdate 0.1 (MIT): year, first day, leap month, months of 30 days.",
}
MAKERS = {"traditional": traditional, "syllables": syllables, "lunar": lunar}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MAKERS.items():
        lines = [f"# {NOTES[name]} Made by ops/chinese_tables.py.", *make()]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
