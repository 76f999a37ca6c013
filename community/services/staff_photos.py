"""A photo that a member sends: to the ticket last spoken of, to the only one in hand, or it is asked to which."""

from __future__ import annotations

from community.model.ticket import Status
from community.services import desk
from community.services.staff_moves import ASKED_FOR
from community.services.staff_turn import Reply, Turn
from community.services.staff_which import ask_which


async def received(turn: Turn) -> Reply:
    photos = [turn.message.photo]
    if number := turn.talk.ticket(turn.now):
        return await attach(turn, number, photos)
    if turn.asking and turn.talk.options and turn.talk.options[0]["kind"] == "photo":
        photos = [*str(turn.talk.options[0]["words"]).split(","), *photos]
    mine = await turn.mine()
    under_way = [view for view in mine if view.status in (Status.ACCEPTED, Status.IN_PROGRESS)]
    if len(under_way) == 1:
        return await attach(turn, under_way[0].number, photos)
    if not mine:
        return Reply("照片收到了，但现在没有要您办的工单，没有附上。请先说是哪件工单，再发照片。")
    return ask_which(turn, "照片附到哪件工单？", mine, "photo", ",".join(photos))


async def attach(turn: Turn, number: str, photos: list[str]) -> Reply:
    turn.number = number
    for photo in photos:
        view = await desk.attach_photo(turn.c, turn.me, number, photo, turn.key(f"photo:{photo[:16]}"))
    before = turn.talk.photos if turn.talk.ticket(turn.now) == number else []
    kept = list(dict.fromkeys([*before, *photos]))
    # While the words of what was done are awaited, they still are.
    still = turn.asking if turn.asking in ASKED_FOR and turn.talk.number == number else ""
    text = f"照片已附到工单{number}（{view.title}）" + ("，请再回复一句说明。" if still else "。")
    return Reply(text, number, ask=still, words=turn.talk.words if still else "", photos=kept)
