"""Changing what the assistant knows: propose, look, approve, refuse, take back. What is approved counts at once.

Legal answers and danger rules want two persons, one of them a lawyer or an operator (`model.revision`); guides count when they are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.calendar import local
from community.model.law import CuratedAnswer
from community.model.people import Staff
from community.model.revision import JUDGES, KIND_NAMES, TWO_PERSONS, WRITES, ItemKind, Revision, RevisionState
from community.ports import Checked, Community, KnowledgeEntry, UnitOfWork
from community.services import staff_notify
from community.services.revision_views import FILE, RevisionView, digest_of, member_for, overlaid, standing, view_of

CHANGED = "刚才有人改过这一条，请刷新后对照新的再改。"
LONGEST_WHY = 300


@dataclass(frozen=True)
class New:
    """`base` is the digest of the entry that was open, '' for a new one. `gone`: it is to be taken out."""

    kind: ItemKind
    entry: KnowledgeEntry
    base: str
    why: str
    gone: bool = False


async def check(c: Community, staff_id: int, kind: ItemKind, entry: KnowledgeEntry) -> Checked:
    """What is wrong with an entry, and what the second reader should look at; nothing is kept."""
    async with c.reading() as uow:
        await member_for(uow, staff_id, kind)
        entries = await standing(c, uow, kind)
    return await c.curation.check(kind, entry, entries, local(c.clock.now()).date())


async def propose(c: Community, staff_id: int, new: New) -> RevisionView:
    """Keep a change; a guide's counts at once. Raises InvalidInput with what is wrong, Conflict when somebody was there before."""
    code, why = str(new.entry.get("id", "")).strip(), new.why.strip()[:LONGEST_WHY]
    if not why:
        raise InvalidInput("请写一句为什么改，第二位看的人要知道。")
    async with c.reading() as uow:
        await member_for(uow, staff_id, new.kind)
        entries = await standing(c, uow, new.kind)
    if digest_of(entries.get(code)) != new.base:
        raise Conflict(CHANGED if new.base else "这个编号已经有了，请换一个。")
    look: tuple[str, ...] = ()
    if new.gone:
        _may_go(new.kind, code, entries)
    else:
        checked = await c.curation.check(new.kind, new.entry, entries, local(c.clock.now()).date())
        if checked.wrong:
            raise InvalidInput("；".join(text.rstrip("。") for text in checked.wrong) + "。")
        if digest_of(new.entry) == new.base:
            raise InvalidInput("没有改动。")
        look = checked.look
    files = await c.curation.entries(new.kind)
    async with c.uow() as uow:
        member = await member_for(uow, staff_id, new.kind)
        live = await _unchanged(uow, files, new.kind, code, new.base)
        now = c.clock.now()
        expires = new.entry.get("expires_on")
        one = Revision(
            0, new.kind, code, str(new.entry.get("title") or code)[:200], {k: v for k, v in new.entry.items() if k != FILE}, new.base,
            RevisionState.PROPOSED, member.id, member.name, member.role, now, why, new.gone, list(look),
            expires_on=date.fromisoformat(expires) if expires else None,
        )  # fmt: skip
        if any(other.key == one.key for other in await uow.revisions.proposed()):
            raise Conflict("这一条有一个改动还没人看，先处理那一个。")
        if new.kind in TWO_PERSONS:
            one.propose()
            await uow.revisions.add(one)
            await _tell_judges(uow, one, member, now)
        else:
            await _put_in_force(c, uow, one, live, now)
            await uow.revisions.add(one)
        uow.announce("models")
        await uow.commit()
        return view_of(one, member)


async def approve(c: Community, staff_id: int, revision_id: int) -> RevisionView:
    """A second person says yes: it counts from now on. What was right when it was written is checked again."""
    async with c.reading() as uow:
        one = await _get(uow, staff_id, revision_id)
        entries = await standing(c, uow, one.kind)
        kind, code, body, gone, base = one.kind, one.code, dict(one.body), one.gone, one.base
    if digest_of(entries.get(code)) != base:
        raise Conflict("这一条后来又改过，不能照旧的改：请驳回，让写的人对照新的再提。")
    if gone:
        _may_go(kind, code, entries)
    else:
        checked = await c.curation.check(kind, body, entries, local(c.clock.now()).date())
        if checked.wrong:
            raise Conflict("现在通不过检查了：" + checked.wrong[0])
    files = await c.curation.entries(kind)
    async with c.uow() as uow:
        one = await _get(uow, staff_id, revision_id, for_update=True)
        member = await member_for(uow, staff_id, one.kind)
        live = await _unchanged(uow, files, kind, code, base)
        now = c.clock.now()
        one.approve(member, now)
        await _put_in_force(c, uow, one, live, now)
        uow.announce("models")
        await uow.commit()
        return view_of(one, member)


async def refuse(c: Community, staff_id: int, revision_id: int, said: str = "") -> RevisionView:
    """No from somebody else, with the reason; from who wrote it it is a withdrawal."""
    async with c.uow() as uow:
        one = await _get(uow, staff_id, revision_id, for_update=True)
        member = await member_for(uow, staff_id, one.kind)
        if one.by_id != member.id and not said.strip():
            raise InvalidInput("请写一句为什么不行，写的人好改。")
        now = c.clock.now()
        one.refuse(member, now, said.strip()[:LONGEST_WHY])
        if one.by_id != member.id and (writer := await uow.people.staff(one.by_id)) is not None:
            text = f"您改的{KIND_NAMES[one.kind]}“{one.title}”，{member.name}没有通过：{one.said}"
            await staff_notify.say(uow, writer, text, key=f"revision-{one.id}:refused", now=now)
        uow.announce("models")
        await uow.commit()
        return view_of(one, member)


async def revert(c: Community, staff_id: int, kind: ItemKind, code: str, why: str) -> RevisionView:
    """Back to what the file says; what is in no file is gone. Only by who answers for such entries."""
    if not why.strip():
        raise InvalidInput("请写一句为什么退回。")
    files = await c.curation.entries(kind)
    async with c.uow() as uow:
        member = await member_for(uow, staff_id, kind)
        if member.role not in JUDGES[kind]:
            raise Forbidden("退回要由负责这一类内容的人来做。")
        one = await uow.revisions.live_of(kind, code)
        if one is None:
            raise Conflict("这一条已经是资料里的样子了。")
        if code not in files if one.gone else digest_of(files.get(code)) == digest_of(one.body):
            # It was brought into the files meanwhile: going back to them would change nothing, and say that it did.
            raise Conflict("这个改动已经写进资料文件了，退回不了：照原来的样子再改一次。")
        one.end(RevisionState.REVERTED, c.clock.now())
        one.said = f"{member.name}：{why.strip()}"[:LONGEST_WHY]
        if kind is ItemKind.ANSWER:
            await _put_answer(uow, code, c.curation.answer(files[code]) if code in files else None)
        uow.announce("models")
        await uow.commit()
        return view_of(one, member)


async def _unchanged(uow: UnitOfWork, files: Mapping[str, dict[str, Any]], kind: ItemKind, code: str, base: str) -> Revision | None:
    """The revision that counts, held until this unit of work ends. Raises Conflict when somebody changed the entry since `base`."""
    live = await uow.revisions.live_of(kind, code, for_update=True)
    if digest_of(overlaid(files, [live] if live is not None else []).get(code)) != base:
        raise Conflict(CHANGED)
    return live


async def _put_in_force(c: Community, uow: UnitOfWork, one: Revision, before: Revision | None, now: datetime) -> None:
    """`one` counts from now on, the one `before` it no more; of answers the table says what it says. Where none was there and somebody
    else puts one in force at the same moment, the unique key refuses the later one."""
    if before is not None:
        before.end(RevisionState.REPLACED, now)
        await uow.flush()
    one.put_in_force(now)
    if one.kind is ItemKind.ANSWER:
        answer = None if one.gone else c.curation.answer(one.body)
        await _put_answer(uow, one.code, answer)
        await _clear_flags(uow, one, answer, now)


async def _put_answer(uow: UnitOfWork, code: str, new: CuratedAnswer | None) -> None:
    old = next((one for one in await uow.laws.answers() if one.code == code), None)
    if new is None:
        if old is not None:
            await uow.laws.remove(old)
    elif old is None:
        await uow.laws.add(new)
    else:
        old.become(new)


async def _clear_flags(uow: UnitOfWork, one: Revision, answer: CuratedAnswer | None, now: datetime) -> None:
    """Two persons have looked at it since its article changed."""
    for flag in await uow.answer_flags.all_of(one.code):
        if flag.open and (answer is None or answer.checked_on >= max(flag.from_on, local(flag.found_on).date())):
            flag.cleared_by, flag.cleared_on, flag.why = one.second_name or one.by_name, now, f"修订：{one.why}"[:256]


def _may_go(kind: ItemKind, code: str, entries: Mapping[str, KnowledgeEntry]) -> None:
    if kind is ItemKind.DANGER:
        raise InvalidInput("危险的种类不能删。要去掉加的说法，把那一行删掉就行。")
    if code not in entries:
        raise NotFound("没有找到这一条。")
    for other in entries.values():
        options = (other.get("asks") or {}).get("options", ())
        if other.get("id") != code and any(option.get("answer") == code for option in options):
            raise InvalidInput(f"“{other.get('title')}”的反问会带到这一条，先改那一条。")


async def _tell_judges(uow: UnitOfWork, one: Revision, writer: Staff, now: datetime) -> None:
    wanted = WRITES[one.kind] if writer.role in JUDGES[one.kind] else JUDGES[one.kind]
    for member in await uow.people.all_staff():
        if member.active and member.role in wanted and member.id != writer.id:
            what = "要删掉" if one.gone else "改了"
            text = f"{writer.name}{what}{KIND_NAMES[one.kind]}“{one.title}”，等另一位看。在工作台“知识”里对照着看。"
            await staff_notify.say(uow, member, text, key=f"revision-{one.key}-{now.timestamp():.0f}:{member.id}", now=now)


async def _get(uow: UnitOfWork, staff_id: int, revision_id: int, *, for_update: bool = False) -> Revision:
    await member_for(uow, staff_id)
    one = await uow.revisions.get(revision_id, for_update=for_update)
    if one is None:
        raise NotFound("没有找到这个改动。")
    await member_for(uow, staff_id, one.kind)
    return one
