"""统计, 网格地图, 查阅记录 and the export in a real browser: what a number opens, what a click on the map opens, what stays masked."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, expect
from sqlalchemy import insert, select

from community.model.category import Category
from community.ports import Community
from community.services import audit, tickets
from community.services.audit import AuditFilter
from community.services.tickets import FileTicket
from community.store.tables import tickets as table
from tests.integration.test_console_browser import (  # noqa: F401 (fixtures)
    PHONE,
    Stage,
    browser,
    pytestmark,
    shot,
    signed_in,
    staged,
)
from tests.small_city import PASSWORD

CALL = "13900001234"


def square(community: str, grid: str, lng: float) -> dict[str, object]:
    corners = [[lng, 0], [lng + 0.01, 0], [lng + 0.01, 0.01], [lng, 0.01], [lng, 0]]
    geometry = {"type": "Polygon", "coordinates": [corners]}
    return {"type": "Feature", "properties": {"community": community, "grid": grid}, "geometry": geometry}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    """With a map of the small city, as an operator gives it."""
    folder: Path = tmp_path_factory.mktemp("console-figures")
    features = [square("剡溪社区", "第一网格", 0), square("剡溪社区", "第二网格", 0.01), square("鹿山社区", "第三网格", 0.02)]
    drawn = folder / "grids.geojson"
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    yield from staged(folder, valkey, LINSHE_GRIDS=str(drawn))


@contextmanager
def client(stage: Stage, login: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stage.server.url, follow_redirects=False, trust_env=False, timeout=30) as web:
        assert web.post("/login", data={"login": login, "password": PASSWORD}).status_code == 303
        yield web


async def called(stage: Stage, key: str) -> str:
    """A ticket whose resident left a number to call, which no colleague has."""
    place, resident = stage.city.city.places["剡溪花园/3"], stage.city.city.residents["R0001"].id
    command = FileTicket(resident, Category.NOISE, "请打电话给我", place.full_name, place.id, key, contact=CALL)
    return str((await stage.act(lambda c: tickets.file_ticket(c, command))).ticket.number)


async def lines(stage: Stage, **asked: object) -> list[audit.AuditLine]:
    operator = stage.city.city.staff["operator"].id

    async def read(c: Community) -> list[audit.AuditLine]:
        return list((await audit.lines(c, operator, AuditFilter(**asked))).items)  # type: ignore[arg-type]

    found: list[audit.AuditLine] = await stage.act(read)
    return found


async def rows_shown(page: Page) -> int:
    """How many tickets the list says it has."""
    await expect(page.locator(".tfoot .muted:visible, .tnone .empty:visible").first).to_be_visible()
    foot = page.locator(".tfoot .muted:visible")
    return int((await foot.inner_text()).split()[1]) if await foot.count() else 0


async def test_a_number_of_the_statistics_opens_a_list_of_as_many(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/stats")
        await expect(page.locator(".page-stats canvas, .page-stats svg").first).to_be_visible()
        await shot(page, "1440-stats")
        tile = page.locator(".number", has_text="本期上报")
        filed = int(await tile.locator(".number-value").inner_text())
        assert filed >= 6
        await tile.click()
        await page.wait_for_url("**/tickets?**")
        assert await rows_shown(page) == filed
        await page.goto("/stats")
        missed = page.locator(".share-missed").first
        count = int((await missed.inner_text()).removeprefix("超时"))
        await missed.click()
        await expect(page.locator(".chip", has_text="接单超时")).to_be_visible()
        assert await rows_shown(page) == count
        # The chip takes the narrowing away again.
        await page.locator(".chip", has_text="接单超时").click()
        await expect(page.locator(".chip", has_text="接单超时")).to_have_count(0)
        assert "mark=" not in page.url


async def test_a_bar_opens_what_it_counted(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/stats?days=7")
        chart = page.locator(".page-stats .chart").last
        # The first bar of the first colleague; the square of the legend has the same colour and comes last.
        bar = chart.locator("path[fill='#0f766e']").first
        await expect(bar).to_be_visible()
        await page.wait_for_timeout(1200)
        await bar.click()
        await page.wait_for_url("**/tickets?**worker=**")
        assert await rows_shown(page) >= 1


async def test_a_click_on_the_map_opens_the_list_of_its_grid(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "operator") as page:
        await page.goto("/map")
        areas = page.locator(".grid-map path.leaflet-interactive")
        await expect(areas).to_have_count(3)
        numbers = page.locator(".grid-number b")
        listed = [text.removeprefix("未办结 ") for text in await page.locator(".grid-open").all_inner_texts()]
        assert sorted(await numbers.all_inner_texts()) == sorted(listed)
        await shot(page, "1440-map")
        await areas.nth(2).click()
        await page.wait_for_url("**/tickets?**grid=**")
        await expect(page.locator(".chip", has_text="第三网格")).to_be_visible()
        assert str(await rows_shown(page)) == listed[2]


async def test_the_map_counts_a_new_ticket_without_reload_where_the_reader_left_it(
    stage: Stage, browser: Browser  # noqa: F811
) -> None:
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/map")
        await expect(page.locator(".grid-map path.leaflet-interactive")).to_have_count(2)
        row = page.locator(".grid-row", has_text="第二网格").locator(".grid-open")
        before = int((await row.inner_text()).removeprefix("未办结 "))
        place = stage.city.city.places["剡溪花园/5"]
        resident = stage.city.city.residents["R0003"].id
        command = FileTicket(resident, Category.NOISE, "太吵了", place.full_name, place.id, "figures:live")
        await stage.act(lambda c: tickets.file_ticket(c, command))
        await expect(row).to_have_text(f"未办结 {before + 1}", timeout=4_000)
        await expect(page.locator(".grid-number", has_text="第二网格").locator("b")).to_have_text(str(before + 1))


async def test_a_phone_is_masked_on_the_page_until_a_click_that_leaves_a_line(stage: Stage, browser: Browser) -> None:  # noqa: F811
    number = await called(stage, "figures:masked")
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/tickets/{number}")
        facts = page.locator(".t-facts")
        await expect(facts).to_contain_text("139****1234")
        assert CALL not in await page.content()
        assert await lines(stage, number=number, what=audit.Viewed.PHONE) == []
        await page.get_by_role("button", name="显示电话").click()
        await expect(facts.locator("a[href='tel:13900001234']")).to_be_visible()
        line = (await lines(stage, number=number, what=audit.Viewed.PHONE))[0]
        assert (line.staff_name, line.page) == ("王强", f"/tickets/{number}")
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/audit?what=phone")
        await expect(page.locator(".view", has_text=number)).to_contain_text("王强")
        assert CALL not in await page.content()
        await page.get_by_role("button", name="导出工单").click()
        await expect(page.locator(".view", has_text=number)).to_have_count(0)
        await shot(page, "1440-audit")


async def test_no_page_gives_a_phone_before_it_was_asked_for(stage: Stage) -> None:
    number = await called(stage, "figures:nowhere")
    with client(stage, "desk1") as web:
        for path in ("/", "/tickets?group=all&status=any", f"/tickets/{number}", "/conversations", "/stats", "/map", "/audit"):
            answer = web.get(path)
            assert answer.status_code == 200, path
            assert CALL not in answer.text, path


async def test_an_export_opens_as_a_workbook_with_the_lists_filters(stage: Stage) -> None:
    with client(stage, "desk1") as web:
        answer = web.get("/tickets.xlsx?group=all&status=any&category=elevator")
    assert answer.headers["content-disposition"].startswith('attachment; filename="tickets.xlsx"')
    assert answer.headers["cache-control"] == "no-store"
    sheet = load_workbook(io.BytesIO(answer.content)).active
    read = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in read[2:]] == ["电梯"]
    assert read[2][0] == stage.city.numbers["new"]
    assert (await lines(stage, what=audit.Viewed.EXPORT))[0].note == "1件：全部、不限、电梯"


async def test_who_may_not_see_a_page_is_neither_offered_nor_shown_it(stage: Stage) -> None:
    with client(stage, "lawyer") as web:
        assert [web.get(path).status_code for path in ("/stats", "/map", "/audit", "/tickets.xlsx")] == [403] * 4
        assert 'href=\\"/stats\\"' not in web.get("/conversations").text
    with client(stage, "grid1") as web:
        assert [web.get(path).status_code for path in ("/stats", "/map", "/audit")] == [200, 200, 403]
    with httpx.Client(base_url=stage.server.url, trust_env=False) as web:
        assert [web.get(path).status_code for path in ("/stats", "/map", "/audit", "/tickets.xlsx")] == [303] * 4


async def test_pages_answer_while_a_long_list_is_taken_away(stage: Stage) -> None:
    """3,000 rows take a second or more of a core; a page must not wait for that."""
    city = stage.city.city
    place, resident = city.places["鹿山苑/1"], city.residents["R0004"].id

    async def many(c: Community) -> None:
        first = await tickets.file_ticket(c, FileTicket(resident, Category.OTHER, "第0件", place.full_name, place.id, "many:0"))
        async with c.uow() as uow:
            session = uow.session  # type: ignore[attr-defined]
            row = dict((await session.execute(select(table).where(table.c.number == first.ticket.number))).mappings().one())
            del row["id"]
            copies = [{**row, "number": f"9{n:08d}", "words": f"第{n}件，楼道里堆了东西，请来看看" * 3} for n in range(3000)]
            await session.execute(insert(table), copies)
            await uow.commit()

    await stage.act(many)
    base = stage.server.url
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as web:
        await web.post("/login", data={"login": "desk2", "password": PASSWORD})
        asked = asyncio.create_task(web.get("/tickets.xlsx?group=all&status=any"))
        slowest = 0.0
        while not asked.done():
            began = asyncio.get_running_loop().time()
            assert (await web.get("/healthz")).status_code == 200
            slowest = max(slowest, asyncio.get_running_loop().time() - began)
            await asyncio.sleep(0.02)
        answer = await asked
    assert sum(1 for _ in load_workbook(io.BytesIO(answer.content), read_only=True).active.rows) >= 3002
    assert slowest < 1.0, "a page waited for the export"


@pytest.mark.parametrize("path", ["/map", "/stats", "/audit"])
async def test_a_phone_has_the_further_pages_behind_one_button_and_nothing_runs_off_its_side(
    stage: Stage, browser: Browser, path: str  # noqa: F811
) -> None:
    async with signed_in(browser, stage, "operator", PHONE) as page:
        await page.locator(".nav-more summary").click()
        await page.locator(f".nav-more-card a[href='{path}']").click()
        await page.wait_for_url(f"**{path}")
        await page.wait_for_timeout(800)
        await shot(page, f"390{path.replace('/', '-')}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
