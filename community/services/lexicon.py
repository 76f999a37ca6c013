"""Words for the lexicon: a new word, another name of an estate or an activity. Put into the files by the next training."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, InvalidInput, NotFound
from community.model.people import Staff
from community.model.taught import WORD_KIND_NAMES, LexiconWord, Taught, WordKind, check_word, written_as
from community.model.teaching import LABEL_STATE_NAMES, LabelState
from community.ports import Community, Lexicon, UnitOfWork
from community.services.trainers import names_of_staff, note, trainer_of

WAITING = (LabelState.READY, LabelState.UNDONE)
SHOWN = 200


@dataclass(frozen=True)
class NewWord:
    """`of`: the estate or activity it is another name of, as the lexicon writes it."""

    word: str
    kind: WordKind
    of: str = ""
    why: str = ""


@dataclass(frozen=True)
class WordView:
    """`meaning` says what it is in Chinese: 新词, 剡溪花园的叫法."""

    id: int
    word: str
    kind: str
    meaning: str
    state: str
    state_name: str
    by: str
    at: datetime
    why: str
    change: str
    file: str


async def names(c: Community, staff_id: int) -> Lexicon:
    """What the lexicon knows today."""
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
    return await c.wording.lexicon()


async def add(c: Community, staff_id: int, new: NewWord) -> WordView:
    """Raises InvalidInput for what can be no such word, Conflict for one that is there already. The same word again changes
    nothing."""
    known = await c.wording.lexicon()
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        found = await propose(uow, known, member, new, c.clock.now())
        await uow.commit()
        return _view(found, {member.id: member.name})


async def propose(uow: UnitOfWork, known: Lexicon, member: Staff, new: NewWord, now: datetime) -> LexiconWord:
    """The same inside a running unit of work."""
    word = new.word.strip()
    check_word(word, new.kind, new.of)
    found = await uow.lexicon_words.by_word(new.kind, word)
    if found is not None and found.state in (LabelState.READY, LabelState.TAUGHT) and found.of == new.of:
        return found
    if found is not None and found.state is LabelState.UNDONE:
        raise Conflict(f"“{word}”撤回后还没从词库里拿掉：先训练一次，再重新加。")
    if found is not None and found.state is not LabelState.REMOVED:
        raise Conflict(f"“{word}”已经加过了" + (f"，是{found.of}的叫法。" if found.of else "。"))
    await _fits(uow, known, word, new)
    if found is None:
        found = LexiconWord(0, new.kind, word, new.of, member.id, now, new.why.strip()[:200])
        await uow.lexicon_words.add(found)
    else:
        found.of, found.by_id, found.at, found.why = new.of, member.id, now, new.why.strip()[:200]
        found.state = LabelState.READY
    await note(uow, member, Taught.WORD, found.id, now, f"加词“{word}”：{_meaning(found)}", new.why)
    return found


async def _fits(uow: UnitOfWork, known: Lexicon, word: str, new: NewWord) -> None:
    """Raises Conflict for a word that the lexicon has, InvalidInput for another name of what is not there."""
    if new.kind is WordKind.WORD:
        if word in known.words:
            raise Conflict(f"词库里已经有“{word}”了。")
        return
    if new.of not in dict(known.estates if new.kind is WordKind.ESTATE else known.activities):
        raise InvalidInput(f"词库里没有“{new.of}”，请从列表里选。")
    if word in known.names:
        raise Conflict(f"“{word}”已经是“{known.names[word]}”的叫法了。")
    for kind in (WordKind.ESTATE, WordKind.ACTIVITY):
        other = await uow.lexicon_words.by_word(kind, word)
        if other is not None and kind is not new.kind and other.state is not LabelState.REMOVED:
            raise Conflict(f"“{word}”已经是“{other.of}”的叫法了。")


async def words(c: Community, staff_id: int) -> list[WordView]:
    """The newest first."""
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
        found = await uow.lexicon_words.in_state(list(LabelState), SHOWN)
        who = await names_of_staff(uow, {one.by_id for one in found})
    return [_view(one, who) for one in found]


async def undo(c: Community, staff_id: int, word_id: int, why: str = "") -> WordView:
    """Take a word back; what is in the files already goes with the next training. Raises Conflict twice."""
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        found = await uow.lexicon_words.get(word_id)
        if found is None:
            raise NotFound("没有找到这个词。")
        found.undo()
        await note(uow, member, Taught.WORD, found.id, c.clock.now(), f"撤回词“{found.word}”", why)
        await uow.commit()
        return _view(found, {member.id: member.name})


async def to_write(c: Community) -> list[LexiconWord]:
    """Words that the files must gain (READY) or lose (UNDONE), the oldest first."""
    async with c.reading() as uow:
        return list(reversed(await uow.lexicon_words.in_state(WAITING, 2000)))


async def written(c: Community, files: dict[int, str], change: str, gone: Collection[int]) -> None:
    """These words (id: file) are in the lexicon now by that change, those of `gone` out of it."""
    async with c.uow() as uow:
        for word_id, file in files.items():
            found = await uow.lexicon_words.get(word_id)
            if found is not None:
                found.change, found.file = change[:64], file[:64]
                found.state = written_as(found.state, gone=word_id in gone)
        await uow.commit()


def _meaning(one: LexiconWord) -> str:
    return f"{one.of}的叫法" if one.of else WORD_KIND_NAMES[one.kind]


def _view(one: LexiconWord, who: dict[int, str]) -> WordView:
    return WordView(
        id=one.id,
        word=one.word,
        kind=str(one.kind),
        meaning=_meaning(one),
        state=str(one.state),
        state_name=LABEL_STATE_NAMES[one.state],
        by=who.get(one.by_id, ""),
        at=one.at,
        why=one.why,
        change=one.change,
        file=one.file,
    )
