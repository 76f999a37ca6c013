"""Personal data in free text made unreadable: telephone, identity and card numbers, plates, and a name somebody gives as theirs.

For what is kept so that an assistant may be taught. What is not a number of a known shape or a name after 我叫 stays:
this is care, not anonymity.
"""

from __future__ import annotations

import re

_NAME = r"(?<=我叫)[一-龥]{2,4}(?=$|[，,。.!！;； 0-9住电是])"
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "［身份证号］"),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "［电话］"),
    (re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"), "［电话］"),
    (re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,3})?(?!\d)"), "［卡号］"),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}(?![A-Za-z0-9])"), "［车牌］"),
    (re.compile(_NAME), "［姓名］"),
)


def mask(text: str) -> str:
    """`text` with each such piece put in words of what it was."""
    for shape, said in _SHAPES:
        text = shape.sub(said, text)
    return text
