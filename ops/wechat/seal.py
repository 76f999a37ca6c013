"""Signs and encrypts a push, and reads the answer as the platform would: strictly."""

from __future__ import annotations

import json
import secrets
from typing import Any, Protocol
from urllib.parse import urlencode

from ops.wechat.accounts import Account, Corp, Mode
from ops.wechat.codec import CodecError, Crypt, same, signature
from ops.wechat.wire import Fields, Format, WireError, dump, load

PASSIVE = frozenset({"text", "image", "voice", "video", "music", "news"})
"""What a passive reply may be [D]. `transfer_customer_service` is left out: nobody here would answer."""
MAX_TEXT = 2048
"""Bytes of UTF-8; observed for customer-service messages, taken to hold for passive replies too [I/G]."""


class BadAnswer(Exception):
    """The platform would not take this answer. `name` is the finding."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(why or name)
        self.name = name


class Seal(Protocol):
    """One account's way of packing."""

    @property
    def content_type(self) -> str: ...

    def pack(self, fields: Fields, stamp: int) -> tuple[str, bytes]:
        """(query string, body) of a push, with a new nonce."""

    def unpack(self, body: bytes, openid: str) -> dict[str, Any] | None:
        """The passive reply, or None for an acknowledgement only. Raises BadAnswer."""

    def challenge(self, stamp: int, echo: str) -> str:
        """The query of the GET that verifies the address; the answer must be `echo`."""


def new_nonce() -> str:
    return str(secrets.randbelow(10**10)).rjust(9, "1")


def _open(crypts: tuple[Crypt, ...], token: str, answer: Fields, form: Format) -> dict[str, Any]:
    """The encrypted reply inside: its signature must be right and the first key must open it. Raises BadAnswer."""
    try:
        sealed, said = str(answer["Encrypt"]), str(answer["MsgSignature"])
        stamp, nonce = str(answer["TimeStamp"]), str(answer["Nonce"])
    except KeyError as error:
        raise BadAnswer("bad_answer", f"an encrypted reply without {error}") from error
    if not same(said, signature(token, stamp, nonce, sealed)):
        raise BadAnswer("bad_signature", "MsgSignature of the reply does not fit")
    for number, crypt in enumerate(crypts):
        try:
            plain = crypt.decrypt(sealed)
        except CodecError as error:
            trouble = error
            continue
        if number:
            raise BadAnswer("wrong_key", "the reply is encrypted with a key that the push was not encrypted with")
        try:
            return load(plain, form)
        except WireError as error:
            raise BadAnswer("bad_answer", f"inside the reply: {error}") from error
    raise BadAnswer("cannot_decrypt", str(trouble))


class AccountSeal:
    """An official account's."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._crypt: tuple[str, Crypt] = ("", account.crypt)

    @property
    def content_type(self) -> str:
        return "text/xml" if self.account.form == "xml" else "application/json"

    @property
    def crypt(self) -> Crypt:
        if self._crypt[0] != self.account.aes_key:
            self._crypt = (self.account.aes_key, self.account.crypt)
        return self._crypt[1]

    def pack(self, fields: Fields, stamp: int) -> tuple[str, bytes]:
        account, nonce, when = self.account, new_nonce(), str(stamp)
        query = {"signature": signature(account.token, when, nonce), "timestamp": when, "nonce": nonce}
        query["openid"] = str(fields["FromUserName"])
        plain = dump(fields, account.form)
        if account.mode is Mode.PLAIN:
            return urlencode(query), plain.encode()
        sealed = self.crypt.encrypt(plain)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(account.token, when, nonce, sealed)
        outer: dict[str, Any] = {"ToUserName": account.original_id}
        if account.mode is Mode.COMPATIBLE:
            outer = dict(fields)
        return urlencode(query), dump({**outer, "Encrypt": sealed}, account.form).encode()

    def unpack(self, body: bytes, openid: str) -> dict[str, Any] | None:
        account = self.account
        if body.strip() in (b"", b"success"):
            return None
        try:
            answer = load(body, account.form)
        except WireError as error:
            raise BadAnswer("bad_answer", str(error)) from error
        if account.mode is not Mode.PLAIN and "Encrypt" in answer:
            crypts = [self.crypt]
            if account.previous_key:
                crypts.append(Crypt(account.previous_key, account.appid))
            answer = _open(tuple(crypts), account.token, answer, account.form)
        elif account.mode is Mode.SAFE:
            raise BadAnswer("plain_in_safe_mode", "a reply that is not encrypted")
        return checked(answer, openid, account.original_id)

    def challenge(self, stamp: int, echo: str) -> str:
        """In the clear [D/V]."""
        nonce, when = new_nonce(), str(stamp)
        signed = signature(self.account.token, when, nonce)
        return urlencode({"signature": signed, "timestamp": when, "nonce": nonce, "echostr": echo})


class CorpSeal:
    """A WeCom app's: always encrypted; the receiver is the corpid."""

    def __init__(self, corp: Corp) -> None:
        self.corp = corp
        self._crypt = corp.crypt

    @property
    def content_type(self) -> str:
        return "text/xml" if self.corp.form == "xml" else "application/json"

    def pack(self, fields: Fields, stamp: int) -> tuple[str, bytes]:
        corp, nonce, when = self.corp, new_nonce(), str(stamp)
        sealed = self._crypt.encrypt(dump(fields, corp.form))
        query = {"msg_signature": signature(corp.token, when, nonce, sealed), "timestamp": when, "nonce": nonce}
        outer = {"ToUserName": corp.corpid, "Encrypt": sealed, "AgentID": corp.agentid}
        return urlencode(query), dump(outer, corp.form).encode()

    def unpack(self, body: bytes, openid: str) -> dict[str, Any] | None:
        if body.strip() in (b"", b"success"):
            return None
        try:
            answer = load(body, self.corp.form)
        except WireError as error:
            raise BadAnswer("bad_answer", str(error)) from error
        if "Encrypt" not in answer:
            raise BadAnswer("plain_in_safe_mode", "a reply that is not encrypted")
        inside = _open((self._crypt,), self.corp.token, answer, self.corp.form)
        if inside.get("MsgType") == "update_button" or inside.get("MsgType") == "update_template_card":
            return inside
        return checked(inside, openid, self.corp.corpid)

    def challenge(self, stamp: int, echo: str) -> str:
        """Encrypted; the answer is the decrypted message [V]."""
        nonce, when, sealed = new_nonce(), str(stamp), self._crypt.encrypt(echo)
        signed = signature(self.corp.token, when, nonce, sealed)
        return urlencode({"msg_signature": signed, "timestamp": when, "nonce": nonce, "echostr": sealed})


def checked(answer: dict[str, Any], openid: str, sender: str) -> dict[str, Any]:
    """A passive reply that could be shown to this resident. Raises BadAnswer."""
    if answer.get("ToUserName") != openid or answer.get("FromUserName") != sender:
        raise BadAnswer("wrong_addressee", "ToUserName or FromUserName of the reply")
    kind = answer.get("MsgType")
    if kind not in PASSIVE:
        raise BadAnswer("bad_answer", f"a passive reply of type {kind!r}")
    if kind == "text":
        size = len(str(answer.get("Content") or "").encode())
        if not size:
            raise BadAnswer("empty_text", "a text reply without text")
        if size > MAX_TEXT:
            raise BadAnswer("too_long", f"a text reply of {size} bytes")
    return answer


def words_of(answer: Fields) -> str:
    """What the resident reads of a passive reply."""
    kind = str(answer.get("MsgType"))
    if kind == "text":
        return str(answer["Content"])
    if kind == "news":
        articles = answer.get("Articles") or {}
        items = articles.get("item", []) if isinstance(articles, dict) else articles
        return "\n".join(str(item.get("Title", "")) for item in items if isinstance(item, dict))
    return json.dumps({k: v for k, v in answer.items() if k.lower() == kind}, ensure_ascii=False)
