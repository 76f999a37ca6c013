"""小邻怎么样: understood or not, week by week and topic by topic; each number opens its messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import local
from community.model.intents import INTENT_NAMES, TOPICS
from community.model.understanding import DOUBT_NAMES, UNSURE
from community.services import teaching_figures
from community.services.teaching import Line
from community.services.teaching_figures import KIND_NAMES, KINDS, MOST, RECENT, WEEKS, Figures, Moved, Talks, Week
from console.layout import shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit

SESSION = (
    "一段会话：同一位居民说的话，前后隔不到30分钟。自己办成：从头到尾没有要找人工，也没有工作人员来写话。"
    "转人工：居民要找人，或者说的是危急的事。没听懂：打字说的话里没听懂的。有用、没用：居民对法律回答按的。"
)


def behind(week: datetime, weeks: int = 1, doubt: str = "", intent: str = "", kind: str = "", topic: str = "") -> str:
    asked = {"from": f"{local(week):%Y-%m-%d}", "weeks": weeks, "doubt": doubt, "intent": intent, "kind": kind, "topic": topic}
    return f"/teach/messages?{urlencode(asked)}"


def _draw(found: Figures) -> None:
    _draw_talks(found)
    ui.label("每周（居民打字说的话，按钮不算）").classes("section spaced")
    with ui.element("div").classes("views fig-weeks"):
        with ui.element("div").classes("fig-row fig-head"):
            for name in ("周一起", "说了", "没有疑问", *(DOUBT_NAMES[kind] for kind in KINDS)):
                ui.label(name)
        for week in found.weeks:
            if week.messages or week is found.weeks[0]:
                _draw_week(week)
    ui.label("按意思（近四周）").classes("section spaced")
    with ui.element("div").classes("views"):
        for topic in found.topics:
            with ui.element("div").classes("cand-label"):
                ui.label(topic.name)
                if topic.doubted:
                    ui.link(f"{topic.doubted}句有疑问", behind(found.drift_from, RECENT, intent=topic.intent)).classes("textlink")
                else:
                    ui.label("")
                ui.link(f"{topic.messages}句", behind(found.drift_from, RECENT, intent=topic.intent, kind="all")).classes("textlink")
    _draw_drift(found)


def _draw_talks(found: Figures) -> None:
    ui.label("自己办成了多少").classes("section")
    ui.label(SESSION).classes("muted fig-said")
    with ui.element("div").classes("chips"):
        for code, name in (("", "全部"), *((code, name) for code, (name, _) in TOPICS.items())):
            chip = ui.element("a").classes("chip").props(f'href="/teach/figures?topic={code}"')
            chip.props(f'aria-current="{"page" if code == found.topic else "false"}"')
            with chip:
                ui.label(name)
    heads = ("会话", "自己办成", "转人工", "没听懂", "有用", "没用")
    with ui.element("div").classes("views fig-weeks"):
        with ui.element("div").classes("fig-row fig-talk fig-head"):
            for name in ("周一起", *heads):
                ui.label(name)
        for week in found.weeks:
            if week.talks.sessions or week is found.weeks[0]:
                _draw_talk(f"{local(week.begins):%m-%d}", week.talks, week.begins, 1, found.topic)
    if found.talks and not found.topic:
        ui.label("按主题（近四周，看会话的第一件事）").classes("section spaced")
        with ui.element("div").classes("views fig-weeks"):
            with ui.element("div").classes("fig-row fig-talk fig-head"):
                for name in ("主题", *heads):
                    ui.label(name)
            for one in found.talks:
                _draw_talk(one.name, one.talks, found.drift_from, RECENT, one.code)


def _draw_talk(name: str, talks: Talks, begins: datetime, weeks: int, topic: str) -> None:
    def share(part: int, whole: int) -> str:
        return f"{part / whole:.0%}" if whole else "—"

    shown = (
        ("any", talks.sessions, f"{talks.sessions}段"),
        ("alone", talks.alone, share(talks.alone, talks.sessions)),
        ("handed", talks.handed, share(talks.handed, talks.sessions)),
        ("unclear", talks.unclear, share(talks.unclear, talks.messages)),
        ("useful", talks.useful, str(talks.useful)),
        ("useless", talks.useless, str(talks.useless)),
    )
    with ui.element("div").classes("fig-row fig-talk"):
        ui.label(name)
        for kind, number, text in shown:
            if number:
                ui.link(text, behind(begins, weeks, kind=kind, topic=topic)).classes("textlink")
            else:
                ui.label(text).classes("muted")


def _draw_drift(found: Figures) -> None:
    ui.label("问的变了（近四周和之前八周比）").classes("section spaced")
    if not found.drift:
        ui.label("还没有可比的，或者没有变。").classes("muted")
        return
    with ui.element("div").classes("views"):
        for one in found.drift:
            _draw_moved(one, found.drift_from)


def _draw_moved(one: Moved, since: datetime) -> None:
    points = (one.now_share - one.before_share) * 100
    with ui.element("div").classes("drift-row"):
        ui.label(one.name).classes("drift-name")
        ui.label(f"{'多' if points > 0 else '少'}了{abs(points):.1f}个百分点").classes("drift-up" if points > 0 else "muted")
        with ui.element("div").classes("drift-was"):
            _share(f"近四周{one.now_share:.1%}（{one.now}句）", one.now, behind(since, RECENT, intent=one.intent, kind="all"))
            before = behind(since - timedelta(weeks=WEEKS), WEEKS, intent=one.intent, kind="all")
            _share(f"之前{one.before_share:.1%}（{one.before}句）", one.before, before)
        taught = f"教过{one.taught}句（占{one.taught_share:.0%}）" if one.taught else "还没教过"
        if one.intent in INTENT_NAMES:
            ui.link(taught, "/teach/labels").classes("textlink")
        else:
            ui.label("")


def _share(text: str, number: int, to: str) -> None:
    if number:
        ui.link(text, to).classes("textlink")
    else:
        ui.label(text).classes("muted")


def _draw_week(week: Week) -> None:
    with ui.element("div").classes("fig-row"):
        ui.label(f"{local(week.begins):%m-%d}")
        _share(f"{week.messages}句", week.messages, behind(week.begins, kind="all"))
        _share(f"{week.share:.0%}" if week.messages else "—", week.plain, behind(week.begins, kind="plain"))
        for kind, number in zip(KINDS, week.by_doubt, strict=True):
            if number:
                ui.link(str(number), behind(week.begins, doubt=str(kind))).classes("textlink")
            else:
                ui.label("0").classes("muted")


@ui.page("/teach/figures", title="小邻怎么样 · 邻舍工作台", response_timeout=10)
async def figures_page(request: Request) -> None:
    visit, topic = Visit.of(request), request.query_params.get("topic") or ""
    with shell(visit, "teach", "小邻怎么样", back="/teach") as frame:
        panel = Panel(_draw, "figures")

        async def refresh() -> None:
            panel.show(await visit.ask(teaching_figures.figures, topic))
            await frame.refresh()

        try:
            await refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    # Not drawn anew at every message of the city: they are figures of weeks.
    hub.watch(visit, frame.refresh)


@ui.page("/teach/messages", title="话 · 邻舍工作台", response_timeout=10)
async def messages_page(request: Request) -> None:
    visit, asked = Visit.of(request), request.query_params
    with shell(visit, "teach", "这些话", back="/teach/figures") as frame:
        try:
            try:
                begins = local(datetime.fromisoformat(asked.get("from", "") + "T00:00:00+08:00"))
                weeks = min(WEEKS, max(1, int(asked.get("weeks") or 1)))
            except ValueError:
                raise InvalidInput("没有这样的一周。") from None
            doubt, intent, kind, topic = (asked.get(name) or "" for name in ("doubt", "intent", "kind", "topic"))
            found = await visit.ask(teaching_figures.behind, begins, weeks, doubt, intent, kind, topic)
            _draw_about(begins, weeks, doubt, intent, kind, topic)
            _draw_lines(found)
            await frame.refresh()
        except LinsheError as error:
            await frame.refuse(error)


def _draw_about(begins: datetime, weeks: int, doubt: str, intent: str, kind: str, topic: str) -> None:
    """Which messages these are, in a line."""
    last = local(begins + timedelta(weeks=weeks)) - timedelta(days=1)
    parts = [f"{local(begins):%m-%d}到{last:%m-%d}"]
    if topic in TOPICS:
        parts.append(TOPICS[topic][0])
    if intent:
        parts.append(INTENT_NAMES.get(intent, "没听懂" if intent == UNSURE else intent))
    known = {str(one): name for one, name in DOUBT_NAMES.items()}
    parts.append(known.get(doubt) or next((name for one, name in KIND_NAMES.items() if one == kind), ""))
    ui.label(" · ".join(part for part in parts if part)).classes("muted fig-said")


def _draw_lines(found: list[Line]) -> None:
    if not found:
        empty("没有这样的话。", "school")
        return
    with ui.element("div").classes("teach-list"):
        if len(found) == MOST:
            ui.label(f"只列最近的{MOST}句。").classes("muted fig-said")
        for one in found:
            with ui.element("div").classes("teach-row"):
                with ui.element("div").classes("teach-words"):
                    ui.label(one.text).classes("teach-text")
                with ui.element("div").classes("teach-why"):
                    for why in one.doubts:
                        tag(why, "u-high")
                with ui.element("div").classes("teach-guessed"):
                    ui.label(f"猜是{one.guess_name} {one.confidence:.0%}")
                    ui.label(f"{local(one.at):%m-%d %H:%M}").classes("muted")
                ui.label("")
