"""Chinese and Arabic numerals as people write them in addresses, dates and article numbers."""

from __future__ import annotations

DIGITS = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "壹": 1, "幺": 1, "二": 2, "贰": 2, "两": 2, "三": 3, "叁": 3, "四": 4, "肆": 4,
    "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10000}
CHARS = "".join(DIGITS) + "".join(UNITS)

_FULLWIDTH = {ord("０") + i: str(i) for i in range(10)}


def to_int(text: str) -> int | None:
    """Read `text` as a whole number, or None when it is not one.

    Understands 502, ５０２, 五百零二, 五零二 (digit by digit), 十二, 二十, 一千二百五十四.
    """
    text = text.strip().translate(_FULLWIDTH)
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if any(c not in DIGITS and c not in UNITS for c in text):
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, section, digit = 0, 0, 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
            continue
        unit = UNITS[char]
        if unit == 10000:
            total += (section + digit) * unit
            section = digit = 0
        else:
            # 十二 means 12: a unit with no digit before it counts once, but only in front of the number.
            section += (digit or (1 if section == 0 and unit == 10 else 0)) * unit
            digit = 0
    return total + section + digit


def to_chinese(number: int) -> str:
    """Write 1..99999 the way articles are numbered: 942 -> 九百四十二, 12 -> 十二."""
    if not 0 < number < 100_000:
        raise ValueError(f"out of range: {number}")
    digits = "零一二三四五六七八九"
    out, zero = "", False
    for unit, name in ((10000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if zero and out else "") + digits[digit] + name
            zero = False
        elif out:
            zero = True
    return out[1:] if out.startswith("一十") else out
