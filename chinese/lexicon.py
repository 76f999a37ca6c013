"""Names in the lexicon folder: words tagged `ns` in files of jieba's format, and lists of a name with its other names."""

from __future__ import annotations

from pathlib import Path


def read_names(folder: Path, tag: str = "ns") -> list[str]:
    """Each word with this tag once, in the order of the files; an empty list where there is no such folder."""
    names: dict[str, None] = {}
    for path in sorted(folder.glob("*.txt")) if folder.is_dir() else []:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = line.split()
            if len(row) == 3 and row[2] == tag:
                names[row[0]] = None
    return list(names)


def read_aliases(path: Path) -> list[tuple[str, str]]:
    """(name or other name, name) of every line of a .lst file; an empty list where there is no such file."""
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        if line.strip() and not line.startswith("#"):
            name, *others = line.split()
            pairs += [(alias, name) for alias in (name, *others)]
    return pairs


def read_estates(folder: Path) -> tuple[tuple[str, str], ...]:
    """What `find_places` asks for: every estate by all its names."""
    pairs = read_aliases(folder / "estates.lst")
    known = {alias for alias, _ in pairs}
    return (*pairs, *((name, name) for name in read_names(folder) if name not in known))


def read_activities(folder: Path) -> dict[str, str]:
    """What people call an activity, and its name."""
    return dict(read_aliases(folder / "activities.lst"))
