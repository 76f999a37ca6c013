"""How much two reports say the same, by their characters."""

from __future__ import annotations

import re

ALIKE = 0.2
"""Share of character pairs that both reports have. Low: the resident is only offered to join, and says no by submitting."""

NOISE = re.compile(
    r"那个|这个|上次|之前|报的|反映的|的事|怎么样了?|到哪一?步了?|进度|处理|有没有|解决|我|催一?下|催办|快点|帮我|"
    r"工单|请问|什么时候|能|好了?吗|修好|撤回|撤销|取消|补充|还没|没好|已经|了|吗|的|呢|啊|一下|情况|查"
)
"""What says nothing of the matter itself."""


def pairs(text: str) -> set[str]:
    flat = re.sub(r"\W+", "", text)
    return {flat[i : i + 2] for i in range(len(flat) - 1)} | ({flat} if len(flat) == 1 else set())


def alike(one: str, other: str) -> float:
    """How much two reports say the same: the share of their character pairs that both have, 0 to 1."""
    first, second = pairs(NOISE.sub(" ", one)), pairs(NOISE.sub(" ", other))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0
