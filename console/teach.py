"""教学: what residents said and was not understood, what is most worth teaching first."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.teaching import JobKind
from community.services import assigning, model_jobs, teaching
from community.services.labels import LabelView
from community.services.model_jobs import JobView
from community.services.talk_cases import CaseView
from community.services.teaching import Group, Queue
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit
from console.teach_label import LabelDialog
from console.teach_talk import TalkDialog

SHOWN = 40
"""Groups on the page; the rest come up as these are worked through."""


def job_line(job: JobView, visit: Visit) -> None:
    """A job under way: what it is at, how far, and a way to stop it."""
    with ui.element("div").classes("job").props(f'data-job="{job.id}"'):
        with ui.element("div").classes("job-head"):
            ui.label(f"{job.kind_name} · {job.stage or job.state_name}").classes("v-name")
            button = ui.element("button").classes("textlink").props('type="button"')
            with button:
                ui.label("停下")

            async def stop() -> None:
                await visit.ask(model_jobs.cancel, job.id)

            button.on("click", visit.handler(stop), args=[])
        ui.linear_progress(job.share, show_value=False).props('rounded size="6px"')
        last = job.log.strip().splitlines()[-1:] or [""]
        ui.label(last[0]).classes("muted job-said")


class TeachPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._doubt, self._mine = "", False
        self._people: tuple[tuple[int, str], ...] = ()
        self._top = Panel(self._draw_top, "teach-top")
        self._chips = Panel(self._draw_chips, "chips")
        self._list = Panel(self._draw, "teach-list")
        self._dialog = LabelDialog(visit, self._labelled)
        self._talk = TalkDialog(visit, self._kept)

    async def refresh(self) -> None:
        queue = await self.visit.ask(teaching.queue, self._doubt, mine=self._mine)
        self._people = queue.people
        page = await self.visit.ask(model_jobs.page)
        self._top.show((queue, page.running, page.ready))
        if not self._doubt:
            self._chips.show((queue.by_doubt, self._doubt, queue.mine, self._mine))
        self._list.show(queue.groups[:SHOWN])
        await self.frame.refresh()

    def _draw_top(self, shown: tuple[Queue, JobView | None, int]) -> None:
        queue, running, ready = shown
        with ui.element("div").classes("teach-facts"):
            ui.label(f"近30天{queue.messages}句，{queue.total}句值得看").classes("muted")
            ui.link(f"等下次训练 {ready}条", "/teach/labels").classes("textlink")
            if queue.disputed:
                ui.link(f"意见不一 {queue.disputed}条", "/teach/labels").classes("textlink")
            ui.link("模型与对比", "/teach/models").classes("textlink")
            ui.link("小邻怎么样", "/teach/figures").classes("textlink")
        if running is not None:
            job_line(running, self.visit)
        else:
            button = ui.button("训练", on_click=self.visit.handler(self._train)).props("unelevated no-caps").classes("form-sure")
            button.set_enabled(ready > 0)

    async def _train(self) -> None:
        await self.visit.ask(model_jobs.ask, JobKind.TRAIN)
        await self.refresh()

    def _draw_chips(self, shown: tuple[tuple[tuple[str, str, int], ...], str, int, bool]) -> None:
        counts, here, mine, only = shown
        for code, name, number in (("", "全部", 0), *counts):
            chip = ui.element("button").classes("chip").props(f'type="button" aria-pressed="{str(code == here).lower()}"')
            with chip:
                ui.label(f"{name} {number}" if number else name)
            chip.on("click", self.visit.handler(lambda code=code: self._pick(code)), args=[])  # type: ignore[misc]
        if mine or only:
            chip = ui.element("button").classes("chip").props(f'type="button" aria-pressed="{str(only).lower()}"')
            with chip:
                ui.label(f"只看给我的 {mine}")
            chip.on("click", self.visit.handler(self._only_mine), args=[])

    async def _pick(self, code: str) -> None:
        self._doubt = code
        queue = await self.visit.ask(teaching.queue, code, mine=self._mine)
        everything = await self.visit.ask(teaching.queue) if code else queue
        self._chips.show((everything.by_doubt, code, everything.mine, self._mine))
        self._list.show(queue.groups[:SHOWN])

    async def _only_mine(self) -> None:
        self._mine = not self._mine
        await self._pick(self._doubt)

    def _draw(self, groups: tuple[Group, ...]) -> None:
        if not groups:
            empty("没有要看的了，居民最近说的话小邻都有把握。", "school")
            return
        for group in groups:
            self._draw_group(group)

    def _draw_group(self, group: Group) -> None:
        first = group.lines[0]
        with ui.element("div").classes("teach-row").props(f'data-heard="{first.id}"'):
            with ui.element("div").classes("teach-words"):
                ui.label(first.text).classes("teach-text")
                for line in group.lines[1:3]:
                    ui.label(line.text).classes("muted")
                if len(group.lines) > 3:
                    ui.label(f"还有{len(group.lines) - 3}句差不多的").classes("muted")
            with ui.element("div").classes("teach-why"):
                for why in dict.fromkeys(why for line in group.lines for why in line.doubts):
                    tag(why, "u-high")
                asked = dict(self._people).get(first.assigned_to or 0)
                if asked:
                    tag("我来看" if first.assigned_to == self.visit.staff.id else f"请{asked}看", "s-work")
                if group.maybe_new:
                    tag(f"可能是新的一类：{group.maybe_new}", "s-wait")
            with ui.element("div").classes("teach-guessed"):
                other = f"，其次{first.second_name}" if first.second_name and first.confidence < 0.9 else ""
                ui.label(f"猜是{first.guess_name} {first.confidence:.0%}{other}")
                for line in group.lines[:3]:
                    if line.staff_category_name:
                        was = f"“{line.category_name}”" if line.category_name else ""
                        ui.label(f"工作人员把{was}改成“{line.staff_category_name}”").classes("teach-staff")
                ui.label(f"{local(first.at):%m-%d %H:%M}" + (f" · 共{len(group.lines)}句" if len(group.lines) > 1 else "")).classes("muted")
            with ui.element("div").classes("l-acts"):
                self._button("教", lambda: self._dialog.open(group), "l-resend")
                self._button("不用教", lambda: self._pass(group), "l-talk textlink")
                self._button("看前后", lambda: self._talk.open(group.ids), "l-talk textlink")
                self._ask_menu(group)

    def _button(self, name: str, act: object, classes: str) -> None:
        button = ui.element("button").classes(classes).props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            done = act()  # type: ignore[operator]
            if done is not None:
                await done

        button.on("click", self.visit.handler(press), args=[])

    def _ask_menu(self, group: Group) -> None:
        """Who looks at it: oneself, a colleague, or nobody in particular."""
        asked = group.lines[0].assigned_to
        button = ui.element("button").classes("l-talk textlink").props('type="button" aria-haspopup="menu"')
        with button:
            ui.label("谁来看")
            with ui.menu().props("auto-close"):
                for number, name in self._people:
                    if number != asked:
                        said = "我来看" if number == self.visit.staff.id else f"请{name}看"
                        ui.menu_item(said, self.visit.handler(lambda number=number: self._assign(group, number)))  # type: ignore[misc]
                if asked is not None:
                    ui.menu_item("不请人看了", self.visit.handler(lambda: self._assign(group, None)))

    async def _assign(self, group: Group, to: int | None) -> None:
        await self.visit.ask(assigning.assign, group.ids, to, group.lines[0].assigned_to)
        await self.refresh()

    async def _pass(self, group: Group) -> None:
        await self.visit.ask(teaching.pass_over, group.ids)
        await self.refresh()

    async def _labelled(self, made: list[LabelView]) -> None:
        learnt = sum(1 for one in made if not one.held_out)
        held = f"，{len(made) - learnt}句留作考题" if learnt < len(made) else ""
        self.visit.tell(f"记下了：{made[0].meaning}，{learnt}句等下次训练{held}。", "positive")
        await self.refresh()

    async def _kept(self, made: CaseView) -> None:
        self.visit.tell(f"记下了：{len(made.says)}句话的对话测试，下次训练时跑。", "positive")
        await self.refresh()


@ui.page("/teach", title="教学 · 邻舍工作台", response_timeout=10)
async def teach_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "teach", "教学") as frame:
        try:
            page = TeachPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh).models = True
