"""What is answered arrives as it was meant, whatever is in it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from gateway.wechat import body
from gateway.wechat.crypto import Codec
from gateway.wechat.kinds import MediaId
from gateway.wechat.messages import from_wechat
from gateway.wechat.replies import Article, ImageReply, NewsReply, TextReply, numbered, render, seal
from tests.unit.gateway.wechat import vectors as v
from tests.unit.gateway.wechat.pushing import NOW, push

MESSAGE = from_wechat(
    {
        "ToUserName": "gh_7f083739789a",
        "FromUserName": "oia2TjjewbmiOUlr6X-1crbLOvLw",
        "CreateTime": "1795485600",
        "MsgType": "text",
        "Content": "电梯坏了",
        "MsgId": "1",
    }
)
NEWS = NewsReply(
    (Article("通知", "停梯", "https://a.example/1.jpg", "https://a.example/?a=1&b=2"), Article("二", "", "", ""))
)


def rendered(text: str, form: body.Format = "xml") -> body.Fields:
    return body.parse(render(TextReply(text), MESSAGE, NOW, form).encode()).fields


def test_a_reply_goes_back_to_whom_it_came_from() -> None:
    for form in ("xml", "json"):
        fields = rendered("收到", form)
        assert fields == {
            "ToUserName": "oia2TjjewbmiOUlr6X-1crbLOvLw",
            "FromUserName": "gh_7f083739789a",
            "CreateTime": "1795485600",
            "MsgType": "text",
            "Content": "收到",
        }


@pytest.mark.parametrize(
    "text",
    [
        "]]>",
        "]]]]>>",
        "]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA[",
        "]]]]><![CDATA[>",
        "<b>&amp;</b>",
        "第一行\n第二行",
        "😀👨‍👩‍👧",
    ],
)
def test_no_text_breaks_out_of_its_reply(text: str) -> None:
    for form in ("xml", "json"):
        fields = rendered(text, form)
        assert fields["Content"] == text
        assert list(fields) == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]


def test_what_the_platform_could_not_read_is_left_out_of_a_reply() -> None:
    for form in ("xml", "json"):
        assert rendered("电\x00梯\x08好\ud83d了\uffff", form)["Content"] == "电梯好了"


@pytest.mark.parametrize("text", ["", " \n", "\x00"])
def test_a_text_of_nothing_visible_is_not_sent(text: str) -> None:
    with pytest.raises(ValueError):
        rendered(text)


def test_a_photo_is_sent_by_its_media_id() -> None:
    for form in ("xml", "json"):
        fields = body.parse(render(ImageReply(MediaId("m-1")), MESSAGE, NOW, form).encode()).fields
        assert (fields["MsgType"], fields["Image"]) == ("image", {"MediaId": "m-1"})


def test_articles_are_sent_with_their_number() -> None:
    root = ElementTree.fromstring(render(NEWS, MESSAGE, NOW, "xml"))
    assert root.findtext("ArticleCount") == "2"
    assert [item.findtext("Title") for item in root.findall("Articles/item")] == ["通知", "二"]
    assert root.findtext("Articles/item/Url") == "https://a.example/?a=1&b=2"
    assert [a["Title"] for a in json.loads(render(NEWS, MESSAGE, NOW, "json"))["Articles"]] == ["通知", "二"]
    for count in (0, 9):
        with pytest.raises(ValueError):
            render(NewsReply(NEWS.articles[:1] * count), MESSAGE, NOW, "xml")


def test_a_sealed_reply_opens_with_the_key_that_opened_the_push() -> None:
    rotated = Codec(v.A_TOKEN, v.A_APPID, (v.C_KEY, v.A_KEY))
    asked = push(b"<xml><a>1</a></xml>", codec=rotated)
    assert asked.key == 1
    for form in ("xml", "json"):
        plain = render(TextReply("收到"), MESSAGE, NOW, form)
        sealed = body.parse(seal(rotated, plain, asked.key, "1795485600", "abc", form).encode()).fields
        assert set(sealed) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
        # The platform still has the old key only.
        platform = v.a_codec()
        encrypted = str(sealed["Encrypt"])
        platform.check(str(sealed["MsgSignature"]), "1795485600", "abc", encrypted)
        assert platform.decrypt(encrypted).message.decode() == plain


def test_the_time_of_an_envelope_is_a_number_in_json_as_in_the_platforms_sample() -> None:
    assert json.loads(seal(v.a_codec(), "{}", 0, "1713424427", "415670741", "json"))["TimeStamp"] == 1713424427


def test_choices_are_numbered_as_the_dialogue_counts_them() -> None:
    assert numbered([{"title": "提交"}, {"title": "修改"}]) == "1. 提交\n2. 修改"
    assert numbered([{"title": "很满意", "digit": "5"}, {"title": "不满意", "digit": "1"}]) == "5. 很满意\n1. 不满意"
    assert numbered([]) == ""
