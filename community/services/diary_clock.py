"""On the morning of a visit its writer is told, once. Several processes may run this at once."""

from __future__ import annotations

from community.errors import LinsheError
from community.model.calendar import local
from community.model.diary import DiaryEntry, day_name, who_in
from community.model.people import Staff
from community.ports import Community, UnitOfWork
from community.services import staff_notify
from community.services.diary import words_of

MOST = 200
HOW = "去过了写“已回访”，可以带上情况；改天去写“提醒”和日子，比如：提醒 12月1日。"
HOW_MANY = "去过了写“已回访”和是哪一户，比如：已回访 3幢502 身体好。改天去请到工作台改日子。"


async def run(c: Community) -> int:
    """Tell what is due by now; returns how many visits were told. All of one member are one message."""
    async with c.reading() as uow:
        waiting = await uow.diary.to_remind(c.clock.now(), MOST)
        entries = [entry for entry_id in waiting if (entry := await uow.diary.get(entry_id)) is not None]
        mine: dict[int, list[int]] = {}
        for entry in entries:
            mine.setdefault(entry.staff_id, []).append(entry.id)
    done = 0
    for staff_id, ids in mine.items():
        try:
            async with c.uow() as uow:
                done += await _tell(uow, c, staff_id, ids)
                await uow.commit()
        except LinsheError:
            # Another process was quicker: it has told, or we do at the next look.
            continue
    return done


async def _tell(uow: UnitOfWork, c: Community, staff_id: int, ids: list[int]) -> int:
    """The notes are looked at again under their locks: who comes second finds nothing to tell."""
    now = c.clock.now()
    due: list[DiaryEntry] = []
    for entry_id in sorted(ids):
        entry = await uow.diary.get(entry_id, for_update=True)
        if entry is not None and entry.remind_at is not None and entry.remind_at <= now:
            entry.remind_at = None
            if entry.waits:
                due.append(entry)
    member = await uow.people.staff(staff_id)
    if not due or member is None:
        return 0
    key = f"diary-{due[0].id}:{due[0].follow_up}"
    await staff_notify.say(uow, member, _words(c, due, ""), key=key, now=now)
    deputy = await _deputy(uow, member, c)
    if deputy is not None:
        await staff_notify.say(uow, deputy, _words(c, due, member.name), key=f"{key}:deputy", now=now)
    return len(due)


async def _deputy(uow: UnitOfWork, member: Staff, c: Community) -> Staff | None:
    """Who stands in today. The absent are told all the same: they may know better than anybody that it need not be."""
    leaves = await uow.people.leaves([member.id], local(c.clock.now()).date())
    deputy_id = leaves[0].deputy_id if leaves else None
    return await uow.people.staff(deputy_id) if deputy_id else None


def _words(c: Community, due: list[DiaryEntry], away: str) -> str:
    """Where and who, and no more: WeCom keeps what it shows, and so do screenshots."""
    now = c.clock.now()
    lines = []
    for entry in due:
        who = who_in(words_of(c, entry))
        day = day_name(entry.follow_up, local(now).date()) if entry.follow_up else ""
        lines.append(f"{day}：{entry.place_text or '（没有写地点）'}" + (f"，{who}" if who else ""))
    whose = f"{away}请假，由您代去的回访" if away else "该回访了"
    if len(lines) == 1:
        return f"{whose}：{lines[0]}。" + ("" if away else HOW)
    numbered = "\n".join(f"{number} {line}" for number, line in enumerate(lines, 1))
    return f"{whose}，{len(lines)}户：\n{numbered}" + ("" if away else f"\n{HOW_MANY}")
