"""Throw anything at the WeChat door's pure core: nothing may come out of it but a value or Refused.

atheris is no dependency of Linshe. In an environment of its own (Python 3.11, with the versions of requirements/):

    python3.11 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install -c requirements/app.txt atheris==3.0.0 cryptography
    PYTHONPATH=. /tmp/fuzz/bin/python -m ops.fuzz.wechat var/fuzz/wechat -max_total_time=300 -max_len=4096 \\
        -dict=ops/fuzz/wechat.dict

What libFuzzer takes may follow; the folder is the corpus, seeded from tests/payloads/wechat when it is empty. A crash is
written to crash-… in the current folder; `--replay FILE...` runs such files (or a corpus) without atheris. docs/wechat-codec.md
has the last recorded run.
"""

from __future__ import annotations

import base64
import importlib
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).resolve().parents[2] / "tests" / "payloads" / "wechat"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
STAMP = str(int(NOW.timestamp()))
TOKEN, KEY, APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"  # noqa: S105 - the platform's sample
TARGETS = 7
BAD = {
    "doctype": b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
    "entity": b"<xml><a>&nbsp;</a></xml>",
    "instruction": b"<xml><?a b?></xml>",
    "encoding": b"<?xml version='1.0' encoding='gbk'?><xml/>",
    "duplicate": b"<xml><a>1</a><a>2</a></xml>",
    "mixed": b"<xml><a><b>1</b>x</a></xml>",
    "deep": b"<xml>" + b"<a>" * 13 + b"</a>" * 13 + b"</xml>",
    "deep-json": b'{"a":' * 13 + b"1" + b"}" * 13,
    "types": b'{"a":[1,1.5,true,null,{"b":"\\ud83d"}],"c":NaN}',
    "list": b"[]",
    "query": b"123\n4375120948345356249\n1795485600\n" + b"0" * 40,
}
"""Bodies beside the stored payloads: one for each refusal a fuzzer would take long to find."""


class Door:
    """One of seven ways in, chosen by the first byte; the rest is what comes in."""

    def __init__(self, instrumented: AbstractContextManager[Any]) -> None:
        with instrumented:
            from gateway.wechat import body, callback, crypto, messages, replies
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self.body, self.callback, self.crypto = body, callback, crypto
        self.messages, self.replies = messages, replies
        self.codec = crypto.Codec(TOKEN, APPID, (KEY, "B" * 43))
        raw = base64.b64decode(KEY + "=")
        self._aes = Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))

    def one(self, data: bytes) -> None:
        if not data:
            return
        way, rest = data[0] % TARGETS, data[1:]
        calls = (
            self._plain,
            self._sealed,
            self._envelope,
            self._blocks,
            self._query,
            self._reply,
            self._split,
        )
        try:
            calls[way](rest)
        except self.crypto.Refused as refused:
            if refused.status not in (400, 403, 413) or not refused.reason.isascii():
                raise RuntimeError("a refusal of another kind") from refused

    def _read(self, fields: Any) -> None:
        key = self.messages.dedup_key(self.messages.from_wechat(fields))
        if len(key) > 80 or not key.isascii():
            raise RuntimeError("a key no table takes")

    def _plain(self, data: bytes) -> None:
        self._read(self.body.parse(data).fields)

    def _seal(self, plain: bytes) -> str:
        encryptor = self._aes.encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def _open(self, encrypted: str, outer: bytes | None = None) -> Any:
        signature = self.codec.signature(STAMP, "1", encrypted)
        query = {"timestamp": STAMP, "nonce": "1", "msg_signature": signature}
        raw = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode() if outer is None else outer
        return self.callback.open_push(self.codec, "safe", query, raw, NOW)

    def _packed(self, data: bytes) -> bytes:
        plain = b"r" * 16 + len(data).to_bytes(4, "big") + data + APPID.encode()
        pad = 32 - len(plain) % 32
        return plain + bytes([pad]) * pad

    def _sealed(self, data: bytes) -> None:
        self._read(self._open(self._seal(self._packed(data))).fields)

    def _envelope(self, data: bytes) -> None:
        """A whole body under the right signature of whatever Encrypt is in it."""
        encrypted = self.body.parse(data).fields.get("Encrypt")
        self._open(encrypted if isinstance(encrypted, str) else "x", data)

    def _blocks(self, data: bytes) -> None:
        """What is inside the seal, byte for byte, with a right or a wrong padding and length."""
        self._open(self._seal(data[: len(data) // 16 * 16]))

    def _query(self, data: bytes) -> None:
        """Any query, as it is and with the right signatures over it, in every mode and to both verifications."""
        words = data.decode("utf-8", "surrogateescape").split("\n")
        query = dict(zip(("nonce", "echostr", "timestamp", "signature", "msg_signature"), words, strict=False))
        nonce, echo = query.get("nonce", ""), query.get("echostr", "")
        plain = {**query, "timestamp": STAMP, "signature": self.codec.signature(STAMP, nonce)}
        plain.pop("msg_signature", None)
        sealed = self._seal(self._packed(data))
        queries = [query, plain]
        for said in (echo, sealed):
            signature = self.codec.signature(STAMP, nonce, said)
            queries.append({**plain, "echostr": said, "msg_signature": signature})
        for asked in queries:
            for mode in ("safe", "compatible", "plain"):
                self._may_refuse(self.callback.open_push, self.codec, mode, asked, data, NOW)
            for encrypted in (True, False):
                self._may_refuse(self.callback.open_verify, self.codec, asked, NOW, encrypted)

    def _may_refuse(self, call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except self.crypto.Refused:
            pass

    def _reply(self, data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")  # with halves of characters
        asked = self.messages.from_wechat({"MsgType": "?", "ToUserName": "gh", "FromUserName": "o"})
        article = self.replies.Article(text, text[::-1], text[:9], text)
        answers = (
            (self.replies.TextReply(text), 5),
            (self.replies.ImageReply(self.messages.MediaId(text)), 5),
            (self.replies.NewsReply((article, article)), 6),
        )
        for form in ("xml", "json"):
            for reply, count in answers:
                try:
                    rendered = self.replies.render(reply, asked, NOW, form)
                except ValueError:  # nothing visible
                    continue
                sealed = self.body.parse(self.replies.seal(self.codec, rendered, 1, STAMP, "1", form).encode(), 1 << 24)
                opened = self.codec.decrypt(str(sealed.fields["Encrypt"]))
                fields = self.body.parse(opened.message, 1 << 24).fields
                if len(fields) != count or opened.key != 1 or len(fields.get("Content", "")) > len(text):
                    raise RuntimeError("a reply said more than its text")

    def _split(self, data: bytes) -> None:
        text, limit = data[1:].decode("utf-8", "replace"), 4 + (data[0] if data else 0)
        parts = self.replies.split_text(text, limit)
        if any(len(part.encode()) > limit or not part.strip() for part in parts):
            raise RuntimeError("a part that cannot be sent")
        if "".join("".join(parts).split()) != "".join(text.split()):
            raise RuntimeError("words were lost")


def seed(corpus: Path) -> None:
    """Every stored payload, and one of each that is refused, for every way in."""
    corpus.mkdir(parents=True, exist_ok=True)
    if any(corpus.iterdir()):
        return
    bodies = {path.name: path.read_bytes() for path in sorted(PAYLOADS.iterdir())} | BAD
    for name, raw in bodies.items():
        for way in range(TARGETS):
            (corpus / f"{name}.{way}").write_bytes(bytes([way]) + raw)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--replay"]:
        door = Door(nullcontext())
        found = [Path(name) for name in arguments[1:]]
        files = [file for path in found for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
        for file in files:
            door.one(file.read_bytes())
        print(f"{len(files)} inputs, nothing but refusals")
        return
    atheris = importlib.import_module("atheris")
    door = Door(atheris.instrument_imports(include=["gateway"]))
    seed(Path(arguments[0]))
    atheris.Setup([sys.argv[0], *arguments], door.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:] or ["var/fuzz/wechat"])
