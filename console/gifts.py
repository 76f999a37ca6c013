"""Gifts for points: what waits to be fetched, what is in stock, more of it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.services import gifts
from community.services.gifts import GiftLine, OrderLine
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel
from console.phrases import BOTTOM
from console.session import Visit


class GiftPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._lists = Panel(self._draw, "gifts")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def refresh(self) -> None:
        self._lists.show(await self.visit.ask(gifts.page))
        await self.frame.refresh()

    def _draw(self, shown: tuple[tuple[GiftLine, ...], tuple[OrderLine, ...]]) -> None:
        found, waiting = shown
        ui.label("等居民来领").classes("section")
        if not waiting:
            ui.label("没有等着领的礼品。").classes("muted")
        else:
            with ui.element("div").classes("views"):
                for order in waiting:
                    with ui.element("div").classes("srow").props(f'data-order="{order.id}"'):
                        with ui.element("div").classes("v-who"):
                            ui.label(order.name).classes("v-name")
                            ui.label(order.gift).classes("muted")
                        ui.label(f"领取码 {order.code}").classes("s-state here")
                        with ui.element("div").classes("l-acts"):
                            self._button("已领走", gifts.hand_over, order.id)
        ui.label("礼品").classes("section spaced")
        if not found:
            ui.label("还没有礼品。").classes("muted")
            return
        with ui.element("div").classes("views"):
            for gift in found:
                with ui.element("div").classes("srow").props(f'data-gift="{gift.id}"'):
                    with ui.element("div").classes("v-who"):
                        ui.label(gift.title).classes("v-name")
                        ui.label(f"{gift.points}积分").classes("muted")
                    ui.label(f"剩{gift.stock}/{gift.stocked}份").classes("s-state" + ("" if gift.stock else " soon"))
                    with ui.element("div").classes("l-acts"):
                        self._button("补货", self._ask_more, gift, staff=False)

    def _button(self, name: str, act: Any, thing: Any, *, staff: bool = True) -> None:
        button = ui.element("button").classes("l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            if staff:
                await self.visit.ask(act, thing)
                await self.refresh()
            else:
                await act(thing)

        button.on("click", self.visit.handler(press), args=[])

    async def _ask_more(self, gift: GiftLine) -> None:
        def fields() -> dict[str, Any]:
            return {"more": _number("又进了几份", 10)}

        async def keep(given: dict[str, Any]) -> None:
            await self.visit.ask(gifts.restock, gift.id, _int(given["more"]))

        self._form(f"{gift.title}补货", fields, keep)

    async def ask_new(self) -> None:
        def fields() -> dict[str, Any]:
            return {"title": ui.input("名称").props('maxlength="30"'), "points": _number("要多少积分", 50), "stock": _number("有几份", 10)}

        async def keep(given: dict[str, Any]) -> None:
            await self.visit.ask(gifts.add, given["title"].value or "", _int(given["points"]), _int(given["stock"]))

        self._form("上架礼品", fields, keep)

    def _form(self, title: str, fields: Any, keep: Any) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(title).classes("form-title")
            given = fields()
            for field in given.values():
                field.props("outlined dense").classes("full")

            async def save() -> None:
                await keep(given)
                self._dialog.close()
                await self.refresh()

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("保存", on_click=self.visit.handler(save)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


def _number(label: str, value: int) -> ui.number:
    return ui.number(label, value=value, min=1, precision=0).props('inputmode="numeric"')


def _int(field: ui.number) -> int:
    if field.value is None:
        raise InvalidInput("请填数字。")
    return int(field.value)


@ui.page("/gifts", title="积分礼品 · 邻舍工作台", response_timeout=10)
async def gifts_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "activities", "积分礼品", back="/activities") as frame:
        try:
            page = GiftPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside:
            button = ui.element("button").props('type="button"').classes("head-new textlink")
            with button:
                ui.icon("add")
                ui.label("上架礼品")
            button.on("click", visit.handler(page.ask_new), args=[])
    hub.watch(visit, page.refresh)
