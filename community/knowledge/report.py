"""What an import did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """`lines` are for the operator, empty when there was nothing to do."""

    lines: list[str] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    flagged: int = 0

    @property
    def touched(self) -> int:
        return self.added + self.changed + self.removed
