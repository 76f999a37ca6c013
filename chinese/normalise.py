"""One way of writing for what people write in many: full width, traditional, 坏了坏了坏了, emoji. The way back is kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLES = Path(__file__).parent / "tables"

_EMOJI_WORDS = {
    "👍": "好", "👌": "好", "💯": "好", "🙏": "谢谢", "🌹": "谢谢", "👎": "差", "😡": "生气", "😠": "生气", "🤬": "生气",
    "😭": "难过", "😢": "难过", "🆘": "救命", "☎": "电话", "📞": "电话", "📱": "手机", "🏠": "家", "💧": "水", "💦": "水",
    "🔥": "火", "🚗": "车", "🐶": "狗", "🐕": "狗", "🐱": "猫", "🗑": "垃圾", "💡": "灯", "✅": "对", "❌": "不对",
}  # fmt: skip
_DASHES = dict.fromkeys("‐‑‒–―−﹣－", "-")
_KEPT = "一二三四五六七八九十百千零〇○幺两壹贰叁肆伍陆柒捌玖拾"
_TWICE = re.compile(r"([^\w\n])\1")
_THRICE = re.compile(r"(.)\1\1")
_RUN = re.compile(rf"([^\w\n])\1+|((?![{_KEPT}])[\u4e00-\u9fff])\2{{2,}}")
# Digits and numerals mean something each time: 110, 1388888, 八八八.
_WORDS = re.compile(r"(.{2,4}?)(?:[,。!、 ]?\1){2,}")
_NUMERAL = re.compile(rf"[0-9A-Za-z{_KEPT}]")


@dataclass(frozen=True)
class Normalised:
    """`text` to read; `offsets[i]` is where its character i stands in `original`."""

    text: str
    offsets: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the original, as a slice. An empty span is an empty slice."""
        if start >= end or not self.offsets:
            at = self.offsets[start] if start < len(self.offsets) else len(self.original)
            return at, at
        return self.offsets[start], self.offsets[end - 1] + 1


def table(name: str) -> list[str]:
    """The lines of a table, without its note."""
    lines = (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    return {pair[0]: pair[1] for line in table("traditional") for pair in line.split(" ")}


class _Written(dict[str, str]):
    """What stands for one character: nothing, itself, or more than one. Fills itself."""

    def __missing__(self, char: str) -> str:
        if len(self) > 20_000:
            self.clear()
        self[char] = written = _write(char)
        return written


def _write(char: str) -> str:
    if char in _EMOJI_WORDS:
        return _EMOJI_WORDS[char]
    if char in "\n\t":
        return char
    category = unicodedata.category(char)
    if category in ("Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"):  # zero width, control, half of a pair, marks on others
        return ""
    flat = unicodedata.normalize("NFKC", _DASHES.get(char, char))
    if category == "So" and char not in "℃°" or category == "Sk" and ord(char) > 0xFFFF:
        # Circled numbers are such signs too, and mean the number; what is left is a picture.
        return flat if flat != char and flat.isalnum() else ""
    return "".join(_simplified().get(c, c) for c in flat)


_WRITTEN = _Written()


def _squeeze(text: str, offsets: list[int], pattern: re.Pattern[str]) -> tuple[str, list[int]]:
    """Keep the first of what is said again and again."""
    kept: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        first = match.end(match.lastindex or 0)
        if pattern is _WORDS and _NUMERAL.search(text, match.start(), first):
            continue
        kept += range(last, first)
        last = match.end()
    if not last:
        return text, offsets
    kept += range(last, len(text))
    return "".join([text[i] for i in kept]), [offsets[i] for i in kept]


def normalise(text: str | Normalised) -> Normalised:
    """Half width, simplified, nothing invisible, nothing said three times over. Never raises; done twice, it is the same."""
    if isinstance(text, Normalised):
        return text
    flat = [_WRITTEN[char] for char in text]
    joined = "".join(flat)
    if len(joined) != len(text) or "" in flat:
        offsets = [i for i, part in enumerate(flat) for _ in part]
    else:
        offsets = list(range(len(text)))
    if _TWICE.search(joined) or _THRICE.search(joined):
        joined, offsets = _squeeze(joined, offsets, _RUN)
    if len(joined) - len(set(joined)) >= 4:  # two characters, three times
        joined, offsets = _squeeze(joined, offsets, _WORDS)
    return Normalised(joined, tuple(offsets), text)
