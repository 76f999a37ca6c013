"""The one `Community` of this process. Pages reach the heart only through here, so tests and start-up agree on it."""

from __future__ import annotations

from community.ports import Community

_open: Community | None = None


def use(community: Community | None) -> None:
    """Set (or with None forget) the community all pages work on."""
    global _open
    _open = community


def community() -> Community:
    if _open is None:
        raise RuntimeError("the console has no community yet: it is opened at start-up")
    return _open
