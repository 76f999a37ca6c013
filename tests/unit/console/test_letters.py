"""What the page of dead letters says, and what its address means."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

import pytest

from community.services.deadletters import DeadLetter
from console.letter_words import CHANNELS, gist_of, why_of
from console.letters_state import LettersState
from gateway.wechat import codes
from gateway.wecom import kf_codes

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
UNKNOWN = {"微信没有收下", "程序出错，请运维看日志"}


def letter(key: str = "out-1", channel: str = "wechat", text: str = "灯修好了", photos: int = 0) -> DeadLetter:
    return DeadLetter(key, channel, 1, "李秀英", text, "45002 too long", NOW, 1, photos)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("unsubscribed", "取消关注"),
        ("43004 not a follower", "取消关注"),
        ("45002 too long", "太长"),
        ("no token: 40125", "登录凭证"),
        ("upload: TimeoutError", "照片没能传到"),
        ("TimeoutError", "连不上"),
        ("ClientConnectorError", "连不上"),
        ("assistant away: 503", "小邻一直没有运行"),
        ("media away: ClientPayloadError", "取不下来"),
        ("99999", "微信没有收下"),
        ("99999 something new", "微信没有收下"),
        ("IntegrityError", "程序出错"),
        ("", "没有留下原因"),
        ("   ", "没有留下原因"),
    ],
)
def test_an_error_is_a_sentence(error: str, said: str) -> None:
    assert said in why_of(error)


@pytest.mark.parametrize("of", [codes, kf_codes])
def test_every_code_the_gateway_knows_has_a_sentence_of_its_own(of: ModuleType) -> None:
    known = {*of._CLOSED, *of._GONE, *of._REFUSED, *of._BUSY, *of.ALARM, *of.STALE_TOKEN, of.BAD_MEDIA}
    assert [code for code in known if why_of(str(code)) in UNKNOWN] == []


def test_every_refusal_written_in_the_senders_has_a_sentence_of_its_own() -> None:
    source = "".join(f.read_text("utf-8") for f in Path("gateway").rglob("*.py"))
    noted = re.findall(r'Trouble\.\w+, "([^"]+)"', source) + re.findall(r'_postpone\(message, f?"([^"{]+)', source)
    assert {"empty", "no template"} <= set(noted)
    assert [error for error in noted if why_of(error) in UNKNOWN] == []


def test_every_channel_there_is_has_a_name() -> None:
    from community.model.delivery import WAYS

    assert set(WAYS) <= set(CHANNELS)


def test_the_gist_is_one_line_with_its_photos_and_not_too_long() -> None:
    assert gist_of(letter(text="第一行\n第二行", photos=2)) == "［照片2张］第一行 第二行"
    assert len(gist_of(letter(text="长" * 500))) == 120


def test_the_address_says_the_filter_and_is_read_back() -> None:
    state = LettersState().changed(direction="in", channel="wechat").changed(page=3)
    assert state.url() == "/letters?direction=in&channel=wechat&page=3"
    assert LettersState.from_query({"direction": "in", "channel": "wechat", "page": "3"}) == state
    assert LettersState.from_query({"direction": "x", "channel": "<b>", "page": "-1"}) == LettersState()
    assert LettersState.from_query({"page": "９" * 9}) == LettersState()
    assert LettersState().url() == "/letters"


def test_a_letter_is_taken_by_its_direction_and_its_channel() -> None:
    assert LettersState(direction="out").takes(letter())
    assert not LettersState(direction="in").takes(letter())
    assert LettersState(direction="in", channel="wechat").takes(letter("in-7"))
    assert not LettersState(channel="webchat").takes(letter())
