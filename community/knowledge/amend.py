"""Amendments that are newer than the newest text of their law, worked into it.

The file has the Criminal Law as of 2020 and the twelfth amendment of 2023 beside it. Without this the seven articles it
changed would be shown verbatim in wording that is no longer the law.
"""

from __future__ import annotations

import re
from dataclasses import replace

from community.knowledge.wheel import RawArticle, RawStatute

_CHANGE = re.compile(
    r"^(?:将|在)?(?:《?(?:中华人民共和国)?[^第，]*?》?)(?P<label>第[零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?)"
    r"(?:中增加.{1,20}?，将该条|(?P<first>第一款))?修改为：(?P<text>.+)$",
    re.S,
)
_START = re.compile(r"^本(?:修正案|决定)自.+起施行。?$")


def consolidate(raws: list[RawStatute]) -> tuple[list[RawStatute], list[str]]:
    """New versions made from amendments, and remarks on amendments that could not be worked in."""
    added: list[RawStatute] = []
    remarks: list[str] = []
    newest: dict[str, RawStatute] = {}
    for raw in raws:
        if raw.name not in newest or raw.version_on > newest[raw.name].version_on:
            newest[raw.name] = raw
    amendments = [raw for raw in raws if raw.kind == "修正案"]
    for amendment in sorted(amendments, key=lambda raw: raw.version_on):
        law = newest.get(amendment.name.split("修正案")[0])
        if law is None or law.version_on >= amendment.version_on:
            continue
        articles = _apply(law, amendment)
        if articles is None:
            remarks.append(f"{amendment.name}: not worked into {law.name}, its text is of {law.version_on}")
            continue
        merged = replace(
            law,
            source_id=f"{law.source_id}+{amendment.source_id.removeprefix('wheel:')}",
            version_on=amendment.version_on,
            articles=articles,
        )
        newest[law.name] = merged
        added.append(merged)
    return added, remarks


def _apply(law: RawStatute, amendment: RawStatute) -> tuple[RawArticle, ...] | None:
    """The articles of `law` with every change made, or None when one of them is not understood."""
    articles = {article.label: article for article in law.articles}
    for item in amendment.articles:
        if _START.match(item.text.strip()):
            continue
        change = _CHANGE.match(item.text.strip())
        if change is None or change["label"] not in articles:
            return None
        old = articles[change["label"]]
        text = _unquote(change["text"])
        if change["first"]:
            text = "\n".join([text, *old.text.split("\n")[1:]])
        articles[old.label] = replace(old, text=text)
    return tuple(articles.values())


def _unquote(text: str) -> str:
    """Every paragraph of a quoted article opens with a quotation mark, only the last one closes it."""
    lines = [re.sub(r"^[\"“]", "", line) for line in text.strip().split("\n")]
    return re.sub(r"[\"”]$", "", "\n".join(lines))
