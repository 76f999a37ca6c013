"""Promise rules: what each category is promised, and a change of it tried on last month's tickets before it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.category import Category, category_name
from community.model.promise import First, Photos, PromiseRule
from community.services import promises
from community.services.promises import RuleLine, Trial
from console import heart
from console.layout import shell
from console.parts import Panel, tag
from console.session import Visit

FIRST_NAMES = {First.GRID: "网格员", First.PROPERTY: "物业"}
PHOTO_NAMES = {Photos.NONE: "不要求", Photos.AFTER: "处理后", Photos.BOTH: "处理前和处理后"}
NONE = "—"
HEADINGS = ("类别", "先派给", "接单", "办结", "逾期后每隔", "办结照片", "主管部门", "")


@dataclass(frozen=True)
class Row:
    """A rule as the list shows it; `coming` is what is set to come, and when."""

    category: Category
    cells: tuple[str, ...]
    coming: str
    may_change: bool


def hours_text(minutes: int) -> str:
    """30分钟, 2小时, 3个工作日: as a promise is said; a working day has eight hours."""
    if minutes < 60:
        return f"{minutes}分钟"
    if minutes % 480 == 0:
        return f"{minutes // 480}个工作日"
    return f"{minutes / 60:g}小时"


def row_of(line: RuleLine) -> Row:
    rule = line.now
    coming = ""
    if line.coming is not None:
        later = line.coming
        coming = (
            f"{later.effective_from:%m-%d}起：接单{hours_text(later.accept_minutes)}，"
            f"办结{hours_text(later.resolve_hours * 60)}（{later.author}设）"
        )
    cells = (
        category_name(line.category),
        FIRST_NAMES[rule.first],
        hours_text(rule.accept_minutes),
        hours_text(rule.resolve_hours * 60),
        hours_text(rule.step_hours * 60),
        PHOTO_NAMES[rule.photos],
        rule.department or NONE,
    )
    return Row(line.category, cells, coming, line.may_change)


def trial_text(trial: Trial) -> str:
    if not trial.tickets:
        return f"过去{trial.days}天没有这类工单，试算不出差别。"
    accept = _change("接单超时", trial.late_accept_before, trial.late_accept_after)
    resolve = _change("办结超时", trial.late_resolve_before, trial.late_resolve_after)
    return f"过去{trial.days}天{trial.tickets}件：{accept}，{resolve}。"


def _change(what: str, before: int, after: int) -> str:
    return f"{what}仍是{before}件" if before == after else f"{what}从{before}件变成{after}件"


class RuleList:
    """The list on one open page, and the dialog in which a rule is changed."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._lines: dict[Category, RuleLine] = {}
        self._rows = Panel(self._draw, "rules")
        self._dialog = ui.dialog().props(":position=\"window.innerWidth < 900 ? 'bottom' : 'standard'\"").classes("form-dialog")

    async def load(self) -> None:
        lines = await self.visit.ask(promises.list_rules)
        self._lines = {line.category: line for line in lines}
        self._rows.show(tuple(row_of(line) for line in lines))

    def _draw(self, rows: Sequence[Row]) -> None:
        with ui.element("div").classes("rule rule-head"):
            for heading in HEADINGS:
                ui.label(heading)
        for row in rows:
            with ui.element("div").classes("rule").props(f'data-category="{row.category.value}"'):
                for heading, cell in zip(HEADINGS, row.cells, strict=False):
                    ui.label(cell).classes("rule-cell" + (" none" if cell == NONE else "")).props(f'data-name="{heading}"')
                with ui.element("div").classes("rule-act"):
                    if row.may_change:
                        self._button(row.category)
                if row.coming:
                    with ui.element("div").classes("rule-next"):
                        tag("已定", "s-wait")
                        ui.label(row.coming)

    def _button(self, category: Category) -> None:
        async def ask() -> None:
            self.ask(category)

        button = ui.element("button").classes("l-resend").props('type="button"')
        with button:
            ui.label("调整")
        button.on("click", self.visit.handler(ask), args=[])

    def ask(self, category: Category) -> None:
        """Open the form with what holds now, or what is set to come."""
        line = self._lines[category]
        old = line.coming or line.now
        first_day = promises.tomorrow(heart.community())
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(f"{category_name(category)}的承诺时限").classes("form-title")
            ui.label("按工作时间算，一个工作日 8 小时。已经承诺的工单不变。").classes("muted")
            fields: dict[str, Any] = {
                "accept": _number("接单（分钟）", old.accept_minutes),
                "resolve": _number("办结（工作小时）", old.resolve_hours),
                "step": _number("逾期后每隔多久升一级（工作小时）", old.step_hours),
            }
            fields["first"] = ui.select({f.value: n for f, n in FIRST_NAMES.items()}, value=old.first.value, label="先派给")
            fields["photos"] = ui.select({p.value: n for p, n in PHOTO_NAMES.items()}, value=old.photos.value, label="办结照片")
            fields["department"] = ui.input("主管部门和电话（没有就空着）", value=old.department)
            fields["from"] = ui.input("从哪天起", value=max(old.effective_from, first_day).isoformat())
            fields["from"].props(f'type="date" min="{first_day.isoformat()}" stack-label')
            for field in fields.values():
                field.props("outlined dense options-dense").classes("full")
            told = ui.label("").classes("rule-trial").props('role="status"')

            async def attempt() -> None:
                told.set_text(trial_text(await self.visit.ask(promises.try_rule, _rule(category, fields))))

            async def save() -> None:
                kept = await self.visit.ask(promises.set_rule, _rule(category, fields))
                self._dialog.close()
                await self.load()
                self.visit.tell(f"定好了，{kept.effective_from:%m月%d日}起按新的时限承诺。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("用上月工单试算").props("outline no-caps").on_click(self.visit.handler(attempt))
                ui.button("保存").props("unelevated no-caps").classes("form-sure").on_click(self.visit.handler(save))
        self._dialog.open()


def _number(label: str, value: int) -> ui.number:
    return ui.number(label, value=value, min=1, precision=0).props('inputmode="numeric"')


def _rule(category: Category, fields: dict[str, Any]) -> PromiseRule:
    """What stands in the form. Raises InvalidInput for what is no number or no day."""
    try:
        return PromiseRule(
            0,
            category,
            date.fromisoformat(str(fields["from"].value)),
            int(fields["accept"].value),
            int(fields["resolve"].value),
            int(fields["step"].value),
            First(fields["first"].value),
            Photos(fields["photos"].value),
            str(fields["department"].value or "").strip(),
        )
    except (TypeError, ValueError) as error:
        raise InvalidInput("请把时限填成数字，日期选好。") from error


@ui.page("/promises", title="承诺时限 · 邻舍工作台", response_timeout=10)
async def promises_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "promises", "承诺时限", back="/") as frame:
        try:
            page = RuleList(visit)
            await page.load()
        except LinsheError as error:
            await frame.refuse(error)
            return
        await frame.refresh()

