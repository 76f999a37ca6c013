"""A trainer says what a text means: as a whole, what words of it name, or which problems it tells of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from chinese.entities import find_entities
from chinese.masking import mask
from community.errors import Conflict, InvalidInput
from community.model.category import Category
from community.model.people import Staff
from community.model.taught import OF_ENTITY, Part, Span, check_parts, check_spans
from community.model.teaching import REPORT, Label, LabelState, held_out, same_text
from community.model.understanding import LONGEST, Looked
from community.ports import Community, Lexicon, UnitOfWork
from community.services import lexicon
from community.services.labels import LabelView, check_meaning, meaning_of, note, view_of
from community.services.lexicon import NewWord
from community.services.trainers import trainer_of
from community.services.understandings import without_faces

SHORTEST = 2
MOST_ALIKE = 20
CATEGORIES = frozenset(str(category) for category in Category)


@dataclass(frozen=True)
class NewLabel:
    """What a text means. `said`: other residents' words for the same; `alike`: more ways to say it, in the trainer's own words; `spans`:
    what words of `text` name; `parts`: the problems it tells of, when they are several (intent and category are then theirs)."""

    text: str
    intent: str = ""
    category: str = ""
    why: str = ""
    sources: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A text as it would be taught, ready to be marked. `tokens` are its words, joined they are the text; `found` what the assistant's
    rules find in it today."""

    text: str
    tokens: tuple[str, ...]
    found: tuple[Span, ...]
    lexicon: Lexicon

    def cuts_a_word(self, start: int, end: int) -> bool:
        """Whether either end of a mark lies inside a word: the mark would not be written, since nothing could learn it."""
        edges, at = {0}, 0
        for token in self.tokens:
            at += len(token)
            edges.add(at)
        return start not in edges or end not in edges


async def sentence(c: Community, staff_id: int, text: str) -> Sentence:
    """Raises InvalidInput for what cannot be taught."""
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
    said = clean(text)
    known = await c.wording.lexicon()
    estates = tuple((name, of) for of, others in known.estates for name in (of, *others))
    activities = tuple(name for of, others in known.activities for name in (of, *others))
    entities = find_entities(said, c.clock.now(), estates, activities)
    found = tuple(Span(one.start, one.end, one.kind, said[one.start : one.end]) for one in entities)
    return Sentence(said, tuple(await c.wording.tokens(said)), found, known)


async def label(c: Community, staff_id: int, new: NewLabel) -> list[LabelView]:
    """Say what a text means; `alike` are labelled with it. The sources leave the queue. Marks that are another name of an estate or an
    activity become words on their way into the lexicon.

    A fixed share goes to the measuring set by its words (`model.teaching.held_out`), but never a trainer's own rewording, nor a text of
    several problems. Raises InvalidInput for what cannot be learnt, Conflict for a text that somebody labelled otherwise.
    """
    if new.parts:
        check_parts(new.text, new.parts, CATEGORIES)
        new = NewLabel(new.text, REPORT, new.parts[0].category, new.why, new.sources, parts=new.parts)
    check_meaning(new.intent, new.category)
    said = [clean(new.text), *(clean(text) for text in new.said if len(same_text(without_faces(text))) >= SHORTEST)]
    if (new.spans or new.parts) and said[0] != new.text:
        raise InvalidInput("这句话和标记对不上，请关掉重新标。")
    check_spans(said[0], new.spans)
    alike = [clean(text) for text in new.alike if text.strip()]
    if len(alike) > MOST_ALIKE:
        raise InvalidInput(f"一次最多写{MOST_ALIKE}种说法。")
    known = await c.wording.lexicon()
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        now = c.clock.now()
        made = []
        for text in dict.fromkeys((*said, *alike)):
            made.append(await _one(uow, member, new, text, now, own=text not in said, first=text == said[0]))
        for span in new.spans:
            if span.of and span.words not in known.names:
                word = NewWord(span.words, OF_ENTITY[span.entity], span.of, f"在“{said[0][:60]}”里")
                await lexicon.propose(uow, known, member, word, now)
        for source in await uow.understandings.get_all(new.sources):
            source.looked = Looked.TAUGHT
        await uow.commit()
        return [view_of(one, member, {member.id: member.name}) for one in made]


async def _one(uow: UnitOfWork, member: Staff, new: NewLabel, text: str, now: datetime, *, own: bool, first: bool) -> Label:
    key = same_text(text)
    known = await uow.labels.by_text(key)
    category = new.category if new.intent == REPORT else ""
    spans = [span.as_row() for span in sorted(new.spans, key=lambda span: span.start)] if first else []
    parts = [[part.category, part.words] for part in new.parts]
    measured = held_out(text) and not own and not parts
    if known is not None:
        if known.state is LabelState.UNDONE:
            raise Conflict(f"“{text[:20]}”撤回后还没从资料里拿掉：先训练一次，再重新教。")
        if known.state is LabelState.REMOVED:
            known.intent, known.category, known.by_id, known.at, known.why = new.intent, category, member.id, now, new.why[:200]
            known.second_id, known.state, known.text = None, LabelState.READY, text
            known.held_out, known.spans, known.parts = measured, spans, parts
        elif (known.intent, known.category, known.parts) != (new.intent, category, parts):
            was = f"{len(known.parts)}件事" if known.parts else meaning_of(known.intent, known.category)
            raise Conflict(f"“{text[:20]}”已经标成“{was}”了，要改先撤回那一条。")
        elif spans and spans != known.spans:
            if known.state is LabelState.TAUGHT or known.text != text:
                raise Conflict(f"“{text[:20]}”已经教过了，要改标记先撤回那一条。")
            known.spans = spans
        else:
            return known
        found = known
        did = "再标"
    else:
        found = Label(0, text, key, new.intent, category, member.id, now, new.why.strip()[:200], spans=spans, parts=parts)
        found.held_out, found.sources = measured, list(new.sources) if not own else []
        await uow.labels.add(found)
        did = "标为"
    meaning = f"{len(parts)}件事" if parts else meaning_of(found.intent, found.category)
    marked = f"，标了{len(spans)}处" if spans else ""
    await note(uow, found, member, now, f"{did}{meaning}{marked}"[:32], new.why)
    return found


def clean(text: str) -> str:
    """A text as it is taught: one line, masked, without faces, nor brackets that data/nlu would read as a mark. Raises InvalidInput."""
    said = mask(re.sub(r"\s+", " ", without_faces(text)).strip(), rooms=())
    if not SHORTEST <= len(said) <= LONGEST or not same_text(said):
        raise InvalidInput(f"一句话要有{SHORTEST}到{LONGEST}个字。")
    return re.sub(r"[\[\]{}]", "", said)
