"""The console over HTTP, as a real process: sign-in, the gate, rights, files."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from community.bootstrap import open_community
from community.services import staff_auth
from community.services.sessions import token_hash
from community.store import migrate
from tests.conftest import FakeClock
from tests.small_city import PASSWORD
from tests.unit.console.console_city import ConsoleCity, build_console_city, jpeg
from tests.unit.console.console_server import ConsoleServer, running_console, settings_on

NOWHERE = "redis://127.0.0.1:1/0"


async def seed(server_settings: object) -> ConsoleCity:
    clock = FakeClock()
    clock.time = datetime.now(timezone.utc)
    async with open_community(server_settings, signals=False, clock=clock) as c:  # type: ignore[arg-type]
        return await build_console_city(c, clock)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConsoleServer, ConsoleCity]]:
    folder = tmp_path_factory.mktemp("console")
    settings = settings_on(folder, NOWHERE, 1)
    migrate.upgrade(settings.async_database_url)
    city = asyncio.run(seed(settings))
    with running_console(folder, NOWHERE) as server:
        yield server, city


@pytest.fixture
def web(console: tuple[ConsoleServer, ConsoleCity]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=console[0].url, follow_redirects=False, trust_env=False) as client:
        yield client


@pytest.fixture
def city(console: tuple[ConsoleServer, ConsoleCity]) -> ConsoleCity:
    return console[1]


def sign_in(web: httpx.Client, login: str, password: str = PASSWORD, **form: str) -> httpx.Response:
    return web.post("/login", data={"login": login, "password": password, **form})


def test_healthz_answers_200_while_the_database_does(web: httpx.Client) -> None:
    answer = web.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


@pytest.mark.parametrize(
    "path", ["/", "/tickets?status=overdue", "/tickets/100014", "/conversations", "/conversations/1"]
)
def test_a_page_without_a_session_leads_to_sign_in_and_back(web: httpx.Client, path: str) -> None:
    answer = web.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    sent_back = sign_in(web, "grid1", next=path)
    assert sent_back.headers["location"] == path


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(web: httpx.Client) -> None:
    cookie = sign_in(web, "grid1").headers["set-cookie"].lower()
    assert cookie.startswith("linshe_staff=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_password_is_told_without_saying_whether_the_account_exists(web: httpx.Client) -> None:
    known, unknown = sign_in(web, "grid2", "wrong"), sign_in(web, "nobody", "wrong")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert "账号或密码不对" in known.text
    assert "账号或密码不对" in unknown.text


def test_five_wrong_passwords_lock_the_account_and_the_page_says_for_how_long(web: httpx.Client) -> None:
    for _ in range(5):
        sign_in(web, "desk2", "wrong")
    locked = sign_in(web, "desk2")
    assert locked.status_code == 401
    assert "密码错误次数太多，请15分钟后再试" in locked.text
    assert "linshe_staff" not in locked.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "form", [{}, {"login": "grid1"}, {"login": "x" * 5000, "password": "y"}, {"password": "z" * 90_000}]
)
def test_a_broken_sign_in_form_is_told_in_a_sentence(web: httpx.Client, form: dict[str, str]) -> None:
    answer = web.post("/login", data=form)
    assert answer.status_code == 400
    assert "请填写账号和密码" in answer.text


def test_what_was_typed_as_a_login_comes_back_as_text_only(web: httpx.Client) -> None:
    answer = sign_in(web, '"><script>alert(1)</script>', "x")
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/login"]
)
def test_sign_in_never_leads_outside(web: httpx.Client, target: str) -> None:
    assert sign_in(web, "grid1", next=target).headers["location"] == "/"


def test_a_form_of_another_site_cannot_sign_anybody_in_or_out(web: httpx.Client) -> None:
    sign_in(web, "grid1")
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert web.post("/logout", headers=headers).status_code == 403
        data = {"login": "grid1", "password": PASSWORD}
        assert web.post("/login", data=data, headers=headers).status_code == 403
    assert web.get("/tickets").status_code == 200


def test_signing_out_ends_the_session_for_good(web: httpx.Client) -> None:
    sign_in(web, "grid1")
    token = web.cookies["linshe_staff"]
    assert web.post("/logout").headers["location"] == "/login?why=out"
    web.cookies.set("linshe_staff", token)
    assert web.get("/tickets").status_code == 303


def test_an_expired_session_is_sent_to_sign_in_with_a_sentence(
    web: httpx.Client, console: tuple[ConsoleServer, ConsoleCity]
) -> None:
    sign_in(web, "grid1")
    token = web.cookies["linshe_staff"]

    async def expire() -> None:
        async with open_community(console[0].settings, signals=False) as c:
            assert await staff_auth.who(c, token) is not None
            async with c.uow() as uow:
                now = c.clock.now()
                await uow.sessions.extend(token_hash(token), now, now - timedelta(seconds=1))
                await uow.commit()

    asyncio.run(expire())
    answer = web.get("/tickets?status=overdue", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?why=expired&next=/tickets%3Fstatus%3Doverdue"
    assert "登录已过期，请重新登录。" in web.get(answer.headers["location"]).text


def test_a_made_up_cookie_is_nobody(web: httpx.Client) -> None:
    for token in ("x", "%00", "a" * 5000, '"; drop'):
        answer = web.get("/", headers={"cookie": f"linshe_staff={token}", "accept": "text/html"})
        assert answer.status_code == 303


def test_a_grid_worker_opening_another_grids_ticket_reads_not_found(web: httpx.Client, city: ConsoleCity) -> None:
    sign_in(web, "grid1")
    answer = web.get(f"/tickets/{city.numbers['other']}")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "遛狗" not in answer.text
    unknown = web.get("/tickets/999999")
    assert unknown.status_code == 404


def test_nobody_reads_other_places_in_lists_or_searches(web: httpx.Client) -> None:
    sign_in(web, "grid3")
    for query in ("?group=all&status=any", "?group=grid&status=any", "?group=all&status=any&q=电梯"):
        text = web.get(f"/tickets{query}").text
        assert "剡溪花园" not in text
        assert "电梯停在" not in text


def test_a_lawyer_starts_with_conversations_and_sees_only_legal_ones(web: httpx.Client, city: ConsoleCity) -> None:
    sign_in(web, "lawyer")
    assert web.get("/").headers["location"] == "/conversations"
    text = web.get("/conversations").text
    assert "张建国" in text
    assert "李秀英" not in text
    general = web.get(f"/conversations/{city.city.residents['R0001'].id}")
    assert general.status_code == 404
    assert web.get(f"/tickets/{city.numbers['new']}").status_code == 404


@pytest.mark.parametrize("who", ["999999", "0", "-1", "abc", "1%27", "99999999999999999999999999"])
def test_a_conversation_that_is_none_reads_not_found(web: httpx.Client, who: str) -> None:
    sign_in(web, "grid1")
    answer = web.get(f"/conversations/{who}")
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_photos_are_for_those_who_may_see_their_ticket(web: httpx.Client, city: ConsoleCity) -> None:
    assert web.get(f"/photo/{city.photo}").status_code == 401
    sign_in(web, "grid1")
    own = web.get(f"/photo/{city.photo}")
    assert (own.status_code, own.headers["content-type"]) == (200, "image/jpeg")
    assert own.headers["cache-control"] == "private, no-cache"
    other, nothing = web.get(f"/photo/{city.other_photo}"), web.get(f"/photo/{'0' * 64}")
    # The same answer for "not yours" and "not there".
    assert (other.status_code, other.text) == (nothing.status_code, nothing.text) == (404, "没有这张照片。")
    sign_in(web, "grid3")
    assert web.get(f"/photo/{city.other_photo}").status_code == 200
    assert web.get(f"/photo/{city.photo}").status_code == 404


@pytest.mark.parametrize("name", ["x", "..%2f..%2fetc%2fpasswd", "A" * 64, "0" * 63])
def test_a_malformed_photo_name_is_not_found(web: httpx.Client, name: str) -> None:
    sign_in(web, "grid1")
    assert web.get(f"/photo/{name}").status_code == 404


def test_an_upload_needs_a_session(web: httpx.Client) -> None:
    answer = web.post("/_nicegui/client/00000000-0000-0000-0000-000000000000/upload/9", files={"f": jpeg()})
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_signed_in"


def test_thirty_megabytes_are_refused_before_they_are_read(web: httpx.Client) -> None:
    with socket.create_connection((web.base_url.host, web.base_url.port or 80), timeout=5) as raw:
        # Only the announcement is sent: the answer must not wait for the bytes.
        raw.sendall(b"POST /_nicegui/client/x/upload/9 HTTP/1.1\r\nHost: x\r\nContent-Length: 31457280\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_an_unknown_address_is_a_chinese_page_without_technical_words(web: httpx.Client) -> None:
    sign_in(web, "grid1")
    answer = web.get("/nothing/here", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "query", ["?page=-5", "?page=abc", "?page=99999999999", "?status=nonsense&group=x&category=y", "?q=%25_'%22"]
)
def test_a_mistyped_link_to_a_list_still_opens_it(web: httpx.Client, query: str) -> None:
    sign_in(web, "grid1")
    assert web.get(f"/tickets{query}").status_code == 200


def test_no_page_fetches_anything_from_outside(web: httpx.Client, city: ConsoleCity) -> None:
    sign_in(web, "grid1")
    for path in ("/", "/tickets", f"/tickets/{city.numbers['late']}", "/conversations", "/login"):
        answer = web.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        outside = [part for part in ("cdn.", "googleapis", "unpkg", "jsdelivr") if part in answer.text]
        assert outside == []
