"""A ticket's category put right, as it is typed: 改类别 1234 噪音, 1234类别改成噪音 其实是楼上装修. No I/O."""

from __future__ import annotations

import re

from gateway.wecom.grammar import BEGIN, QUESTION, Command, Kind, any_of
from gateway.wecom.numbers import SEP, number_at
from gateway.wecom.typed import SEPARATORS, Typed

_VERB = rf"(?:{any_of('改类别 更改类别 修改类别 调整类别 换类别 改分类 更改分类')}|(?:类别|分类)\s*(?:要|应该?|得)?改)(?:成|为|到)?"
_NAME = re.compile(r"[\u4e00-\u9fff]{1,8}")


def category(typed: Typed) -> Command | None:
    """`to` is the category as written, `words` why."""
    text = typed.text
    begin = re.match(rf"{BEGIN}(?:把|将)?", text)
    at, number = begin.end() if begin else 0, None
    if found := number_at(text, at):
        number, at = found
    verb = re.compile(rf"{SEP}*(?:的|这一?[件单个])?{SEP}*{_VERB}").match(text, at)
    if verb is None or QUESTION.search(text, at):
        return None
    at = verb.end()
    if number is None and (found := number_at(text, at)):
        number, at = found
    name = _NAME.match(text, re.compile(rf"{SEP}*(?:成|为|到)?{SEP}*").match(text, at).end())  # type: ignore[union-attr] # may be empty
    if name is None:
        return Command(Kind.RECATEGORISE, number, typed.words(at).strip(SEPARATORS))
    end = name.end()
    if number is None and (found := number_at(text, end)):
        number, end = found
    return Command(Kind.RECATEGORISE, number, typed.words(end), typed.words(name.start(), name.end()))
