"""What the pages of 协商议事 share: forms in a dialog, rows, moments."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from community.errors import InvalidInput
from community.model.ballot import BALLOT_NAMES, RULES, SCORES, YES_NO, Ballot, BallotStatus, Kind, Rule
from community.model.calendar import SHANGHAI, local
from community.model.deliberation import MEETING_NAMES, MeetingKind, MeetingStatus, Outcome, Status
from community.services import ballots, meetings
from community.services.ballots import NewBallot
from community.services.meetings import NewMeeting
from console import heart
from console.parts import tag
from console.phrases import BOTTOM
from console.session import Visit

PAGE = "/deliberation"
TONES = {
    Status.RAISED: "s-wait", Status.CO_SIGNED: "s-todo", Status.AGENDA: "s-work", Status.DISCUSSED: "s-work", Status.VOTING: "s-work",
    Status.DECIDED: "s-wait", Status.DONE: "s-over", Status.REFUSED: "s-over", Status.WITHDRAWN: "s-over",
}  # fmt: skip
MEETING_TONES = {
    MeetingStatus.PLANNED: "s-todo", MeetingStatus.NOTICED: "s-work", MeetingStatus.HELD: "s-over", MeetingStatus.CANCELLED: "s-over",
}  # fmt: skip
BALLOT_TONES = {
    BallotStatus.DRAFT: "s-todo", BallotStatus.OPEN: "s-work", BallotStatus.CLOSED: "s-over", BallotStatus.CANCELLED: "s-over",
}  # fmt: skip
OUTCOME_TONES = {Outcome.PASSED: "s-work", Outcome.REFUSED: "u-high", Outcome.NO_QUORUM: "s-over"}
AVERAGE_ITEMS = ("保洁", "绿化", "维修响应", "秩序维护", "收费公开")


class Asker:
    """Dialogs of one page. Each opens with a key of its own: pressing twice does it once."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.after = visit, after
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
        self.key = ""

    @contextmanager
    def form(self, title: str, sure: str, do: Callable[[], Awaitable[str]]) -> Iterator[None]:
        """A dialog; `do` returns what is said when it is done, '' when it leads elsewhere."""
        self.key = secrets.token_hex(10)

        async def go() -> None:
            said = await do()
            self.dialog.close()
            if said:
                await self.after()
                self.visit.tell(said, "positive")

        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(title).classes("form-title")
            yield
            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button(sure, on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self.dialog.open()

    def ask_words(
        self, title: str, label: str, sure: str, hint: str, most: int, act: Callable[[str], Awaitable[str]], value: str = ""
    ) -> None:
        """One box of words."""

        async def do() -> str:
            return await act(str(box.value or ""))

        with self.form(title, sure, do):
            if hint:
                ui.label(hint).classes("muted")
            box = ui.textarea(label, value=value).props(f'outlined autogrow maxlength="{most}" counter').classes("full")


def act_button(visit: Visit, name: str, act: Callable[[], Any], look: str = "outline") -> None:
    async def press() -> None:
        made = act()
        if made is not None:
            await made

    ui.button(name, on_click=visit.handler(press)).props(f"{look} no-caps")


def moment_of(text: Any, what: str) -> datetime:
    """The value of a datetime-local field, of Shanghai. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise InvalidInput(f"请选{what}的日子和时间。") from error


def moment_field(label: str, value: datetime) -> ui.input:
    field = ui.input(label, value=f"{local(value):%Y-%m-%dT%H:%M}")
    field.props('type="datetime-local" outlined dense stack-label').classes("full")
    return field


def select(options: dict[Any, str], label: str, value: Any = None, search: bool = False) -> ui.select:
    box = ui.select(options, value=value, label=label, with_input=search)
    box.props("outlined dense options-dense").classes("full")
    return box


def line(label: str, value: str = "", most: int = 60) -> ui.input:
    return ui.input(label, value=value).props(f'outlined dense maxlength="{most}"').classes("full")


def row(href: str, name: str, below: str, state: str, tone: str, when: str) -> None:
    with ui.element("a").props(f'href="{href}"').classes("drow"):
        with ui.element("div").classes("d-what"):
            ui.label(name).classes("n-place")
            if below:
                ui.label(below).classes("muted d-below")
        with ui.element("div").classes("d-state"):
            tag(state, tone)
        ui.label(when).classes("d-when")


async def ask_meeting(asker: Asker, title: str) -> None:
    places = dict(await asker.visit.ask(meetings.scopes))
    soon = local(heart.community().clock.now()) + timedelta(days=7)

    async def do() -> str:
        new = NewMeeting(
            int(place.value or 0), MeetingKind(kind.value), name.value or "", moment_of(at.value, "开会"), where.value or "", asker.key
        )
        made = await asker.visit.ask(meetings.plan, new)
        with asker.visit.client:
            ui.navigate.to(f"{PAGE}/meeting/{made.id}")
        return ""

    with asker.form("定一次会", "定下", do):
        kind = select({one.value: text for one, text in MEETING_NAMES.items()}, "什么会", MeetingKind.QUARTERLY.value)
        name = line("会议名称", title)
        place = select(places, "请哪些住户", next(iter(places), None), search=True)
        at = moment_field("开会时间", soon.replace(hour=14, minute=0))
        where = line("在哪里开", "", 100)
        ui.label("定下以后排议题，看过通知再发。").classes("muted")


async def ask_ballot(asker: Asker, title: str, proposal_id: int | None = None, kind: Kind = Kind.CHOICE) -> None:
    """A ballot: prepared here, opened on its own page after it was looked at."""
    places = dict(await asker.visit.ask(meetings.scopes))
    now = local(heart.community().clock.now())
    review = kind is Kind.SCORES
    firms = dict(await asker.visit.ask(ballots.companies)) if review else {}

    async def do() -> str:
        rule_code = Rule.SCORE if review else Rule(rule.value)
        new = NewBallot(
            int(place.value or 0), name.value or "", moment_of(opens.value, "开始"), moment_of(closes.value, "截止"), asker.key, kind,
            options=() if review or rule_code is not Rule.MOST else tuple(_lines(options.value)),
            items=tuple(_lines(items.value)) if review else (),
            secret=secret.value == "secret", rule=rule_code, quorum_percent=_percent(quorum.value), proposal_id=proposal_id,
            company_id=int(firm.value or 0) if review else None,
        )  # fmt: skip
        made = await asker.visit.ask(ballots.prepare, new)
        with asker.visit.client:
            ui.navigate.to(f"{PAGE}/ballot/{made.id}")
        return ""

    with asker.form("准备民主评议" if review else "准备表决", "先存着，看一遍", do):
        name = line("评议的名字" if review else "表决什么", title)
        if review:
            firm = select(firms, "评哪家物业", next(iter(firms), None))
            items = ui.textarea("打分的项目，一行一项", value="\n".join(AVERAGE_ITEMS)).props("outlined autogrow").classes("full")
            ui.label(f"每项{len(SCORES)}档：{'、'.join(SCORES)}").classes("muted")
        else:
            rules = {one.value: terms.name for one, terms in RULES.items() if one is not Rule.SCORE}
            rule = select(rules, "怎么算通过", Rule.DOUBLE_HALF.value)
            options = ui.textarea("选项，一行一个（只在“得票最多”时填）").props("outlined autogrow").classes("full")
            options.bind_visibility_from(rule, "value", value=Rule.MOST.value)
            ui.label(f"选项：{'、'.join(YES_NO)}").classes("muted").bind_visibility_from(rule, "value", lambda v: v != Rule.MOST.value)
        place = select(places, "哪些住户投", next(iter(places), None), search=True)
        secret = ui.toggle({"secret": "无记名", "open": "记名"}, value="secret").props("unelevated no-caps spread").classes("outcome")
        opens = moment_field("开始", now)
        closes = moment_field("截止", (now + timedelta(days=7)).replace(hour=20, minute=0))
        quorum = line("至少多少%的住户参加（可不填，照上面的算法）", "", 3)


def _lines(text: Any) -> list[str]:
    return [one.strip() for one in str(text or "").splitlines() if one.strip()]


def _percent(text: Any) -> int | None:
    said = str(text or "").strip().rstrip("%％")
    if not said:
        return None
    if not said.isascii() or not said.isdigit():
        raise InvalidInput("参加户数的要求写一个1到100的数。")
    return int(said)


def ballot_state(ballot: Ballot, voted: int, now: datetime) -> str:
    """In a row: 投票中 12/80户, 已计票."""
    if ballot.status is BallotStatus.OPEN:
        name = "等开票" if now >= ballot.closes_at else "未到时间" if now < ballot.opens_at else "投票中"
        return f"{name} {voted}/{ballot.roll_size}户"
    return BALLOT_NAMES[ballot.status]
