"""What is false in a reply about the law: a citation that does not stand today, a quotation that is not in the table, a denial of what is.

The quotations are compared with the table as it was read once, not with the search that answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from chinese.laws import find_laws
from community.knowledge.false_citations import find_false
from community.knowledge.names import PREFIX
from community.ports import Community
from ops.legal_talk.wordings import GONE

_QUOTE = re.compile(
    r"《(?P<law>(?:[^《》\n]|《[^《》\n]+》)+)》(?P<label>第[^（\n：:]+条(?:之[一二三四五六七八九十]+)?|[^（\n：:]{1,12})"
    r"（(?P<y>\d+)年(?P<m>\d+)月(?P<d>\d+)日起施行）[：:\n](?P<words>[^\n]+)"
)
_ARTICLE = re.compile(r"第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?")
_ITEM = re.compile(r"(?= （[一二三四五六七八九十]+）)")
_NO_ARTICLE = re.compile(r"(?P<law>《[^》\n]+》)现行有效，但里面没有(?P<label>[^，\n]+?)，请核对一下条号。")
_NOT_IN_FORCE = re.compile(
    r"没有查到现行有效的(?P<unknown>《[^》\n]+》[^，\n]*)，它可能已经废止，或者不在我的法律库里。"
    r"|(?P<ended>《[^》\n]+》)(?:自[0-9年月日]+起)?已经不再施行，不能再引用。"
    r"|(?P<ahead>《[^》\n]+》)到[0-9年月日]+才开始施行，现在还不能引用。"
)

@dataclass
class Table:
    """What is in force today: `texts` is (short name, printed number) -> (text in one line, the day from which it is in force).

    `ended` are names of laws that are not in force, of the table and well-known others.
    """

    texts: dict[tuple[str, str], set[tuple[str, date]]]
    laws: frozenset[str]
    ended: frozenset[str]

    def names_ended(self, text: str) -> list[str]:
        """Ended laws that `text` names in any way; 劳动合同法 is not 合同法."""
        for name in sorted(self.laws, key=len, reverse=True):
            text = text.replace(name, "□")
        return sorted(name for name in self.ended if name in text)


@dataclass
class Checked:
    """`citations` counts laws and articles named as standing, `quotes` texts shown as an article's, `denials` what is said not to stand."""

    citations: int = 0
    quotes: int = 0
    denials: int = 0
    wrong: list[str] = field(default_factory=list)


async def read_table(c: Community, today: date) -> Table:
    texts: dict[tuple[str, str], set[tuple[str, date]]] = {}
    async with c.reading() as uow:
        for article, statute in await uow.laws.articles_in_force(today):
            key = (statute.short_name, article.label)
            texts.setdefault(key, set()).add((" ".join(article.text.split()), statute.in_force_from))
        known = {statute.short_name for statute in await uow.laws.statutes()}
    laws = frozenset(law for law, _ in texts)
    return Table(texts, laws, frozenset((known | set(GONE)) - laws))


async def check(c: Community, reply: str, table: Table, today: date) -> Checked:
    done = Checked()
    reply = await _without(c, reply, _NO_ARTICLE, today, table, done)
    reply = await _without(c, reply, _NOT_IN_FORCE, today, table, done)
    for quote in _QUOTE.finditer(reply):
        done.quotes += 1
        article = _ARTICLE.match(quote["label"])
        part = article is not None and article.end() < len(quote["label"])
        key = (quote["law"].removeprefix(PREFIX), article[0] if article else quote["label"])
        day, words = date(int(quote["y"]), int(quote["m"]), int(quote["d"])), quote["words"]
        same = _is_part_of if part else _is_of
        if not any(day == since and same(words, text) for text, since in table.texts.get(key, ())):
            done.wrong.append(f"quotation: {quote[0][:80]}")
    # What an article itself says of other laws is the article's: 依照本法, 《…》同时废止.
    own = _QUOTE.sub(lambda quote: quote[0][: -len(quote["words"])], reply)
    done.citations += len(find_laws(own))
    done.wrong += [f"{one.wrong}: {one.said}" for one in await find_false(c, own, today)]
    done.wrong += [f"names a law that has ended: {name}" for name in table.names_ended(own)]
    return done


def _is_of(words: str, text: str) -> bool:
    return words == text or (words.endswith("…") and len(words) > 20 and text.startswith(words[:-1]))


def _is_part_of(words: str, text: str) -> bool:
    """A 款 or 项 that was asked for: its words stand there in a row, an item behind the words that introduce its list."""
    pieces = [piece.strip() for piece in _ITEM.split(words.removesuffix("…"))]
    return len(words) > 4 and all(piece in text for piece in pieces if piece)


async def _without(c: Community, reply: str, denial: re.Pattern[str], today: date, table: Table, done: Checked) -> str:
    """The reply without these sentences, each looked into: what it denies may not stand."""
    for found in denial.finditer(reply):
        done.denials += 1
        if denial is _NO_ARTICLE:
            law = found["law"].strip("《》").removeprefix(PREFIX)
            true = law in table.laws and (law, found["label"]) not in table.texts
        else:
            law, _, label = (found["unknown"] or found["ended"] or found["ahead"]).removeprefix("《").partition("》")
            true = law.removeprefix(PREFIX) not in table.laws and await c.legal.cite(law, label or "第一条", today) is None
        if not true:
            done.wrong.append(f"denied although it stands: {found[0][:80]}")
    return denial.sub("", reply)
