"""The diary in WeCom: a visit noted, put right, gone to again, made a ticket. What a note means is services/diary.py's to say."""

from __future__ import annotations

from community.errors import InvalidInput
from community.model.calendar import local
from community.model.category import RULES
from community.model.diary import category_said, day_name, only_says
from community.model.when import find_day
from community.services import diary, diary_list, diary_ticket
from community.services.diary import NewNote, NoteView
from community.services.staff_turn import Order, Reply, Turn
from community.services.staff_words import MOST, which

KINDS = frozenset({"diary", "change", "remind", "no_visit", "visited", "file"})
ASKS = frozenset({"diary", "file_words", "file_kind"})
"""What is asked here, so that the next words answer it."""
NONE_LATELY = "最近没有记日记。先写“记 走访了哪一户、什么情况”。"
SEVERAL_DUE = "到日子的回访有几户，不知道您说的是哪一户。请到工作台的“日记”里改。"
FILE_WORDS = "工单里写什么事？请回复一句（10分钟内），居民和经办人会看到；日记里的话不会给他们看。写“算了”就不转。"


async def handle(turn: Turn, order: Order) -> Reply:
    match order.kind:
        case "diary":
            return await note_down(turn, order.words)
        case "change":
            return _noted(turn, await diary.correct(turn.c, turn.me, (await _latest(turn)).id, order.words), "已改")
        case "remind":
            return await _remind(turn, order.words)
        case "no_visit":
            note = await _latest(turn)
            return _noted(turn, await diary.visit_on(turn.c, turn.me, note.id, None), "好的，不再提醒")
        case "visited":
            return await _visited(turn, order.words)
    return await _file(turn, await _latest(turn), order.words)


async def answered(turn: Turn, text: str) -> Reply:
    """The words that were asked for."""
    if turn.asking == "diary":
        return await note_down(turn, text)
    note_id = int(turn.talk.options[0]["number"]) if turn.talk.options else 0
    if turn.asking == "file_words":
        return await _file_note(turn, note_id, text, "")
    return await _file_note(turn, note_id, turn.talk.words, text)


async def chosen(turn: Turn, option: dict[str, object]) -> Reply:
    return await _went(turn, int(str(option["number"])), str(option["words"]))


async def note_down(turn: Turn, words: str) -> Reply:
    if len(words.strip()) < 2:
        return Reply("请写要记的内容，比如：走访3幢2单元502李奶奶，身体都好，下周三再去。", ask="diary")
    return _noted(turn, await diary.note(turn.c, turn.me, NewNote(words, turn.key("diary"))), "已记入民情日记")


async def _latest(turn: Turn) -> NoteView:
    """The note just written; where there is none, the one whose visit is due: its reminder may be what is answered."""
    note = await diary.latest(turn.c, turn.me)
    if note is not None:
        return note
    due = await diary_list.due(turn.c, turn.me)
    if due.total == 1:
        return due.items[0]
    raise InvalidInput(SEVERAL_DUE if due.total else NONE_LATELY)


async def _remind(turn: Turn, words: str) -> Reply:
    """12月1日 is when to come again of the note just written; with more words it is a note of its own."""
    if (day := only_says(words, turn.now)) is not None:
        return _noted(turn, await diary.visit_on(turn.c, turn.me, (await _latest(turn)).id, day), "好的，到时提醒您")
    found = find_day(words, turn.now)
    if found is None:
        raise InvalidInput("没看懂是哪天，请写日子，比如：提醒 12月1日。")
    new = NewNote(words, turn.key("diary"), visit=found.day)
    return _noted(turn, await diary.note(turn.c, turn.me, new), "已记入民情日记")


async def _visited(turn: Turn, words: str) -> Reply:
    async with turn.c.reading() as uow:
        done = await uow.keys.ref(turn.key("visited"))
    if done:
        return await _went(turn, int(done), words)
    due = (await diary_list.due(turn.c, turn.me, 50)).items
    if not due:
        note = await diary.latest(turn.c, turn.me)
        due = [note] if note is not None and note.waits else []
    if len(due) > 1 and words.strip():
        place = await diary.place_of(turn.c, turn.me, words)
        fit = [note for note in due if place.place_id is not None and note.place_id == place.place_id]
        due = fit or [note for note in due if note.who and note.who in words] or due
    if not due:
        raise InvalidInput("现在没有到日子的回访。要记一次走访，写“记 …”。")
    if len(due) == 1:
        return await _went(turn, due[0].id, words)
    lines = [f"{note.place_text or '没有写地点'}" + (f"，{note.who}" if note.who else "") for note in due]
    options = [{"kind": "visited", "note": True, "number": str(note.id), "words": words} for note in due[:MOST]]
    return Reply(which("去的是哪一户？", lines), ask="pick", options=options)


async def _went(turn: Turn, note_id: int, words: str) -> Reply:
    note = await diary.visited(turn.c, turn.me, note_id, words, turn.key("visited"))
    if len(words.strip()) < 2:
        where = f"（{note.place_text}）" if note.place_text else ""
        return Reply(f"已记回访{where}。要写情况，写“记 …”。")
    return _noted(turn, note, "已记回访")


# --- a ticket of it -------------------------------------------------------------------------------------------------------


async def _file(turn: Turn, note: NoteView, words: str) -> Reply:
    if note.ticket:
        return Reply(f"这条日记已经转成工单{note.ticket}了。", note.ticket)
    words = words.strip()
    named = category_said(words)
    if named is not None and len(words) <= len(RULES[named].name) + 1:
        # 转工单 照明: the category alone.
        return await _file_note(turn, note.id, note.need, words)
    return await _file_note(turn, note.id, words or note.need, "")


async def _file_note(turn: Turn, note_id: int, words: str, kind: str) -> Reply:
    """Once both what is wanted and of which category it is are known; else the one that is missing is asked for."""
    options = [{"kind": "file", "note": True, "number": str(note_id)}]
    if len(words.strip()) < 2:
        return Reply(FILE_WORDS, ask="file_words", options=options)
    category = category_said(kind) if kind else category_said(words)
    if category is None:
        names = "、".join(rule.name for rule in RULES.values())
        return Reply(f"是哪一类？请回复类别名：{names}。", ask="file_kind", options=options, words=words)
    detail = await diary_ticket.turn(turn.c, turn.me, note_id, category, words)
    ticket = detail.ticket
    turn.number = ticket.number
    held = f"，派给{ticket.holder_role}{ticket.holder_name}" if ticket.holder_name else ""
    return Reply(f"已转成工单{ticket.number}（{ticket.category_name}）：{ticket.title}{held}。", ticket.number)


def _noted(turn: Turn, note: NoteView, head: str) -> Reply:
    """What was understood, in a line, and how to change it."""
    parts = [f"{'户' if note.household else '地点'}：{note.place_text}" if note.place_text else note.remark or "没有写哪一户"]
    if note.remark and note.place_text:
        parts.append(note.remark)
    if note.need:
        parts.append(f"需要：{note.need}")
    if note.waits and note.follow_up is not None:
        parts.append(f"回访：{day_name(note.follow_up, local(turn.now).date())}")
    then = "" if note.waits else "，要再去写“提醒 12月1日”"
    file = "" if note.ticket else "要立单写“转工单”，"
    return Reply(f"{head}。{'；'.join(parts)}。{file}更正写“改 …”{then}。")
