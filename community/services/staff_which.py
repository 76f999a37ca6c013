"""Which ticket a member means: by its number or the end of it, by its place in a list, or because only one will do."""

from __future__ import annotations

from community.errors import InvalidInput, NotFound
from community.model.ticket import MOVE_NAMES
from community.services import desk
from community.services.desk import DeskFilter
from community.services.staff_turn import MOVES, Order, Reply, Turn, may
from community.services.staff_words import MOST, NOT_UNDERSTOOD, line_of, which
from community.services.views import TicketView


async def find(turn: Turn, order: Order) -> str | Reply:
    """A ticket's number, or a question."""
    if order.number:
        return await by_number(turn, order.number, order.kind, order.words, order.to)
    move = MOVES[order.kind]
    mine = await turn.mine()
    if (spoken := turn.talk.ticket(turn.now)) and any(v.number == spoken and may(v, move) for v in mine):
        return spoken
    fit = [view for view in mine if may(view, move)]
    if not fit:
        if spoken:
            return spoken
        raise InvalidInput(f"没有可以{MOVE_NAMES[move]}的工单。写“今日待办”看看，或者写上工单号。")
    if len(fit) == 1:
        return fit[0].number
    return ask_which(turn, f"要{MOVE_NAMES[move]}哪一件？", fit, order.kind, order.words, order.to)


async def by_number(turn: Turn, number: str, kind: str, words: str = "", to: str = "") -> str | Reply:
    """The ticket of this number, of which this is the end, or in this place of the list just shown."""
    option = turn.option(number) if turn.asking else None
    if option is not None and "note" not in option:
        return str(option["number"])
    mine = await turn.mine()
    fit = [view for view in mine if view.number.endswith(number)]
    if not fit and len(number) >= 3:
        page = await desk.list_tickets(turn.c, turn.me, DeskFilter("all", status="any", limit=200))
        fit = [view for view in page.items if view.number.endswith(number)]
    exact = [view for view in fit if view.number == number]
    if exact or len(fit) == 1:
        return (exact or fit)[0].number
    if not fit:
        if len(number) < 3:
            raise NotFound(NOT_UNDERSTOOD)
        return number
    return ask_which(turn, "号码对得上的有几件，是哪一件？", fit, kind, words, to)


def ask_which(turn: Turn, question: str, views: list[TicketView], kind: str, words: str, to: str = "") -> Reply:
    options = [{"kind": kind, "number": v.number, "words": words, "to": to} for v in views[:MOST]]
    return Reply(which(question, [line_of(view, turn.now) for view in views]), ask="pick", options=options)
