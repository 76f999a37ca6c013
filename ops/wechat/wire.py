"""Bodies on the wire: what the platform pushes, and what it accepts as an answer. XML or JSON, as the account is set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from xml.etree import ElementTree

Format = Literal["xml", "json"]
Fields = Mapping[str, Any]

NUMBERS = frozenset(
    {
        "CreateTime",
        "MsgId",
        "MsgID",
        "Location_X",
        "Location_Y",
        "Scale",
        "Latitude",
        "Longitude",
        "Precision",
        "AgentID",
        "TimeStamp",
    }
)
"""Written without CDATA, as the documents show them [D]."""
REPEATED = frozenset({"item", "ButtonList", "HorizontalContentList", "VerticalContentList", "JumpList", "ActionList"})
"""Elements that may come several times: of news, and of the cards in WeCom's passive answers [D]. Always read as lists."""


class WireError(Exception):
    """A body that is not of the agreed form."""


def dump(fields: Fields, form: Format) -> str:
    """A body with one element a field. Nested mappings become nested elements."""
    if form == "json":
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return f"<xml>{_elements(fields)}</xml>"


def _elements(fields: Fields) -> str:
    parts = []
    for name, value in fields.items():
        if isinstance(value, list):
            parts += [_elements({name: one}) for one in value]
            continue
        if isinstance(value, Mapping):
            text = _elements(value)
        elif name in NUMBERS:
            text = str(value)
        else:
            # A CDATA section cannot hold its own end: it is split in two, as the platform does [G].
            text = f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"
        parts.append(f"<{name}>{text}</{name}>")
    return "".join(parts)


def load(body: bytes, form: Format) -> dict[str, Any]:
    """Element names to texts; elements with children to mappings, repeated ones to lists. Raises WireError."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError("not UTF-8") from error
    if form == "json":
        try:
            found = json.loads(text)
        except ValueError as error:
            raise WireError("not JSON") from error
        if not isinstance(found, dict):
            raise WireError("not a JSON object")
        return found
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise WireError("a document type in the answer")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without document types there are no entities
    except ElementTree.ParseError as error:
        raise WireError("not XML") from error
    found = _read(root)
    if root.tag != "xml" or not isinstance(found, dict):
        raise WireError("not an <xml> element")
    return found


def _read(element: ElementTree.Element) -> Any:
    if not len(element):
        return (element.text or "") if element.tag != "xml" else {}
    found: dict[str, Any] = {}
    for child in element:
        value = _read(child)
        if child.tag in REPEATED:
            found.setdefault(child.tag, []).append(value)
        elif child.tag in found:
            raise WireError(f"{child.tag} twice")
        else:
            found[child.tag] = value
    return found
