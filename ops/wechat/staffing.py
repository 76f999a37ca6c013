"""Who is in the simulated company before anybody speaks: the gateway may write to them first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml


def demo_staff(path: Path) -> tuple[dict[str, str], list[str]]:
    """Of the demo city's staff.yml: login -> name of everybody, grid workers as grid01, grid02, … in its order; and its communities.
    Logins are taken to be the userids in WeCom. Raises ValueError."""
    try:
        spec = yaml.safe_load(path.read_text("utf-8"))
        workers = [name for names in spec["grid_workers"].values() for name in names]
        found = {f"grid{number:02d}": str(name) for number, name in enumerate(workers, 1)}
        return found | {str(one["login"]): str(one["name"]) for one in spec["others"]}, list(spec["grid_workers"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} does not say who the staff are: {error}") from error


def named_members(words: Iterable[str]) -> dict[str, str]:
    """'wangqiang=王强' or 'wangqiang'."""
    pairs = [word.strip().partition("=") for word in words if word.strip()]
    return {userid: name or userid for userid, _, name in pairs}
