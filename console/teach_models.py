"""模型: a candidate beside what serves, publishing, going back, and what was done before."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.category import Category, category_name
from community.model.intents import INTENT_NAMES
from community.model.teaching import JobKind
from community.services import model_jobs
from community.services.model_jobs import JobView, ModelsPage, ModelView
from console import teach_confusion
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.teach import job_line

TONES = {"serving": "s-todo", "candidate": "s-wait", "kept": "s-over"}
SMALL = 0.005
"""Changes of an F1 below this are not listed."""


def name_of(label: str) -> str:
    """'report/leak' -> 反映问题、报修 · 漏水渗水."""
    intent, _, category = label.partition("/")
    if not category and intent in set(Category):
        return category_name(Category(intent))
    named = INTENT_NAMES.get(intent, "没听懂" if intent in ("nlu_fallback", "-") else intent)
    return f"{named} · {category_name(Category(category))}" if category in set(Category) else named


class ModelsView:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._panel = Panel(self._draw, "models")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def refresh(self) -> None:
        self._panel.show(await self.visit.ask(model_jobs.page))
        await self.frame.refresh()

    def _draw(self, page: ModelsPage) -> None:
        if page.running is not None:
            job_line(page.running, self.visit)
        candidate = next((one for one in page.models if one.state == "candidate"), None)
        if candidate is not None:
            self._draw_candidate(candidate, page)
        elif page.running is None:
            empty("没有候选模型。到“教学”里教几句，按“训练”，比较结果会出现在这里。", "model_training")
        ui.label("能用的模型").classes("section spaced")
        with ui.element("div").classes("views"):
            for one in page.models:
                if one.state != "candidate":
                    self._draw_model(one, page)
        ui.label("做过的事").classes("section spaced")
        with ui.element("div").classes("views"):
            for job in page.jobs:
                self._draw_job(job)

    def _draw_candidate(self, one: ModelView, page: ModelsPage) -> None:
        found = one.figures
        with ui.element("div").classes("cand").props(f'data-model="{one.name}"'):
            with ui.element("div").classes("sides-head"):
                ui.label(f"候选 {one.name}").classes("section")
                ui.label(f"{local(one.made_at):%m-%d %H:%M}训练，教了{found.get('taught', 0)}条").classes("muted")
                if page.running is None:
                    self._publish_button(one)
            with ui.element("div").classes("cand-figures"):
                self._pair("意思听对（宏平均F1）", found.get("intent"))
                self._pair("类别分对（宏平均F1）", found.get("category"))
                talks = found.get("conversation") or {}
                self._figure("对话测试", f"{talks.get('passed', 0)}通过 {talks.get('failed', 0)}没过")
                self._figure("考题", f"{found.get('messages', 0)}句")
            for text in one.blocked:
                ui.label(f"不能发布：{text}").classes("cand-bad")
            if number := len(talks.get("kept_failed") or ()):
                ui.link(f"其中{number}段是你们留的对话，看是哪段", "/teach/labels").classes("textlink")
            for text in one.losses:
                ui.label(f"退步：{text}").classes("cand-loss")
            self._labels(found)
            self._changed(found)
            teach_confusion.draw(found.get("confusions"), name_of)

    def _figure(self, name: str, value: str, tone: str = "") -> None:
        with ui.element("div").classes("cand-figure"):
            ui.label(name).classes("muted")
            ui.label(value).classes(f"v-name {tone}")

    def _pair(self, name: str, pair: Any) -> None:
        if pair:
            tone = "cand-up" if pair[1] > pair[0] else "cand-down" if pair[1] < pair[0] else ""
            self._figure(name, f"{pair[0]:.3f} → {pair[1]:.3f}", tone)

    def _labels(self, found: dict[str, Any]) -> None:
        moved = [one for one in found.get("labels", []) if abs(one["f1"][1] - one["f1"][0]) >= SMALL]
        if not moved:
            return
        moved.sort(key=lambda one: one["f1"][1] - one["f1"][0])
        with ui.element("details").classes("cand-more"):
            with ui.element("summary"):
                ui.label(f"{len(moved)}类有变化")
            with ui.element("div").classes("views"):
                for one in moved:
                    before, after = one["f1"]
                    with ui.element("div").classes("cand-label"):
                        ui.label(name_of(one["label"]))
                        ui.label(f"{before:.2f} → {after:.2f}").classes("cand-up" if after > before else "cand-down")
                        ui.label(f"{one['messages']}句").classes("muted")

    def _changed(self, found: dict[str, Any]) -> None:
        changed = found.get("changed", [])
        if not changed:
            ui.label("考题里没有一句改了判断。").classes("muted")
            return
        with ui.element("details").classes("cand-more").props("open"):
            with ui.element("summary"):
                ui.label(f"{len(changed)}句考题改了判断")
            with ui.element("div").classes("views"):
                for one in changed[:60]:
                    lost, won = one["right"] == [True, False], one["right"] == [False, True]
                    with ui.element("div").classes("cand-change"):
                        ui.label(one["text"])
                        ui.label(f"{name_of(one['before'])} → {name_of(one['after'])}").classes("muted")
                        tag("错了" if lost else "对了" if won else "都不对", "u-high" if lost else "s-work" if won else "")

    def _draw_model(self, one: ModelView, page: ModelsPage) -> None:
        with ui.element("div").classes("teach-row model-row").props(f'data-model="{one.name}"'):
            with ui.element("div").classes("teach-words"):
                ui.label(one.name).classes("v-name")
                ui.label(one.why).classes("muted")
            with ui.element("div").classes("teach-why"):
                tag(one.state_name, TONES[one.state])
            with ui.element("div").classes("teach-guessed"):
                if "intent" in one.figures:
                    ui.label(f"意思 {one.figures['intent'][1]:.3f}")
                ui.label(f"{local(one.published_at):%m-%d %H:%M}起" if one.published_at else "").classes("muted")
            with ui.element("div").classes("l-acts"):
                if one.state == "kept" and page.running is None:
                    self._button("退回到它", lambda: self._ask(one, JobKind.ROLLBACK))

    def _draw_job(self, job: JobView) -> None:
        with ui.element("div").classes("teach-event"):
            ui.label(f"{local(job.asked_at):%m-%d %H:%M}").classes("muted")
            took = f"，{(job.ended_at - job.began_at).total_seconds():.0f}秒" if job.ended_at and job.began_at else ""
            ui.label(f"{job.asked_by} {job.kind_name} {job.model} {job.state_name}{took}" + (f"：{job.error}" if job.error else ""))

    def _publish_button(self, one: ModelView) -> None:
        if one.blocked:
            return
        self._button("发布", lambda: self._ask(one, JobKind.PUBLISH), "talk-act")

    def _button(self, name: str, act: object, classes: str = "") -> None:
        button = ui.element("button").classes(f"l-resend {classes}").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            await act()  # type: ignore[operator]

        button.on("click", self.visit.handler(press), args=[])

    async def _ask(self, one: ModelView, kind: JobKind) -> None:
        publish = kind is JobKind.PUBLISH
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("发布这个模型" if publish else "退回到这个模型").classes("form-title")
            ui.label("每个应答进程换上它，正在说的话说完再换，不漏一句。").classes("muted")
            for text in one.losses if publish else ():
                ui.label(f"退步：{text}").classes("cand-loss")
            label = "为什么还是要发布" if publish and one.losses else "备注（可不填）"
            why = ui.input(label).props('outlined dense maxlength="200"').classes("full")

            async def go() -> None:
                await self.visit.ask(model_jobs.ask, kind, one.name, why.value or "")
                self._dialog.close()
                await self.refresh()

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("确定", on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/teach/models", title="模型 · 邻舍工作台", response_timeout=10)
async def models_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "teach", "模型", back="/teach") as frame:
        try:
            page = ModelsView(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh).models = True
