"""Bytes of a push to fields, XML or JSON alike. Strict, linear in time, no I/O.

Expat does the XML: as fast as a tokenizer of our own, and a little slower than ElementTree, which expands entities before
anybody can refuse them (figures in docs/wechat-codec.md). The whole body goes to it in one piece: fed in small pieces,
expat before 2.6 reads a long token again and again.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, NamedTuple, TypeAlias
from xml.parsers import expat

from gateway.wechat.crypto import Refused

Format = Literal["xml", "json"]
Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Fields: TypeAlias = dict[str, Value]
"""Names as the platform writes them. A value is text also where JSON has a number (as written: MsgId has 64 bits);
null is ''. An element with elements inside is a dict; what repeats inside such an element (never at the top) a list."""

MAX_BYTES = 1024 * 1024
"""Longest body taken [G]; a real push has some hundred bytes to a few thousand. The caller limits what it reads, too."""
MAX_DEPTH = 12
"""Elements or brackets inside each other, the outermost included [G]. An approval event of WeCom, the deepest seen, has 6 [D]."""

MAX_ELEMENTS = 4096
"""Of XML [G]; a push has 5 to 30. A stranger's megabyte of empty elements costs 3 ms instead of 160."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters XML 1.0 cannot carry, halves of characters among them. Not taken from JSON either, and never sent."""

# All that may come before the root, so that expat is never given a DOCTYPE. Not a search of the whole: residents may write "<!DOCTYPE".
_PROLOGUE = re.compile(
    rb"[ \t\r\n]*(?:<\?xml[ \t\r\n][^<>]{0,100}\?>[ \t\r\n]*)?(?:(<xml[ \t\r\n/>])|(<!DOCTYPE)|(<\?))?"
)
_UNDEFINED_ENTITY = 11  # XML_ERROR_UNDEFINED_ENTITY
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Parsed(NamedTuple):
    fields: Fields
    format: Format


def parse(raw: bytes, limit: int = MAX_BYTES) -> Parsed:
    """Read a body of at most `limit` bytes.

    Raises Refused: 413 'too_large'; 400 'encoding' (not plain UTF-8), 'malformed', 'doctype', 'entity', 'instruction',
    'duplicate', 'depth', 'too_many' (elements), 'mixed' (text beside elements), 'characters' (control characters, halves), 'number' (NaN),
    'not_object'.
    """
    if len(raw) > limit:
        raise Refused(413, "too_large")
    if raw.startswith(_BYTE_ORDER_MARKS) or b"\x00" in raw:
        raise Refused(400, "encoding")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "encoding") from None
    if text.lstrip(" \t\r\n").startswith("<"):
        return Parsed(_xml(raw), "xml")
    return Parsed(_json(text), "json")


class _Reader:
    """Expat's events to fields. Keeps no reference to the parser: the two would only be freed by the garbage collector."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self._open: list[tuple[str, Fields]] = []
        self._count = 0
        self._text: list[str] = []

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise Refused(400, "encoding")

    def doctype(self, *_: Any) -> None:
        raise Refused(400, "doctype")

    def entity(self, *_: Any) -> None:
        raise Refused(400, "entity")

    def instruction(self, *_: Any) -> None:
        raise Refused(400, "instruction")

    def start(self, name: str, attributes: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Refused(400, "depth")
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Refused(400, "too_many")
        self._no_text()
        self._open.append((name, {}))

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        _, inside = self._open.pop()
        value: Value
        if inside or not self._open:
            self._no_text()
            value = inside
        else:
            value = "".join(self._text)
            self._text = []
        if not self._open:
            self.fields = inside
        else:
            self._put(self._open[-1][1], name, value)

    def _put(self, fields: Fields, name: str, value: Value) -> None:
        if name not in fields:
            fields[name] = value
            return
        # Two of a field we read would mean that we and another reader may read different ones. Inside a field, lists are made of it.
        if len(self._open) == 1:
            raise Refused(400, "duplicate")
        there = fields[name]
        if isinstance(there, list):
            there.append(value)
        else:
            fields[name] = [there, value]

    def _no_text(self) -> None:
        """Between elements only white space is allowed."""
        if self._text:
            if "".join(self._text).strip():
                raise Refused(400, "mixed")
            self._text = []


def _xml(raw: bytes) -> Fields:
    before = _PROLOGUE.match(raw)
    if before is None or before.lastindex != 1:
        reason = {2: "doctype", 3: "instruction"}.get((before and before.lastindex) or 0, "malformed")
        raise Refused(400, reason)
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.XmlDeclHandler = reader.declaration
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.ProcessingInstructionHandler = reader.instruction
    # The prologue lets none of these through; they stand here for the day it does.
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.entity
    parser.SkippedEntityHandler = reader.entity
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Refused(400, "entity" if error.code == _UNDEFINED_ENTITY else "malformed") from None
    return reader.fields


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Refused(400, "duplicate")
    return made


def _no_number(constant: str) -> Any:
    raise Refused(400, "number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_no_number)


def _json(text: str) -> Fields:
    try:
        found = _DECODER.decode(text)
    except RecursionError:
        raise Refused(400, "depth") from None
    except ValueError:
        raise Refused(400, "malformed") from None
    if not isinstance(found, dict):
        raise Refused(400, "not_object")
    return {_clean(name): _value(value, 2) for name, value in found.items()}


def _value(value: Any, depth: int) -> Value:
    if isinstance(value, str):
        return _clean(value)
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if depth > MAX_DEPTH:
        raise Refused(400, "depth")
    if isinstance(value, list):
        return [_value(item, depth + 1) for item in value]
    return {_clean(name): _value(item, depth + 1) for name, item in value.items()}


def _clean(text: str) -> str:
    if ILLEGAL.search(text):
        raise Refused(400, "characters")
    return text
