"""A writer that lies most of the time, in the place of an endpoint: what of it reaches a resident is a hole in `services/phrasing.py`."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

_CITED = re.compile(r"《[^》\n]+》第[^：\n]+条(?:之.)?(?=：)")
LONGEST = 200
TRUE = "true"


class LyingWriter:
    """See `community.ports.Writer`. `told` counts what it wrote by kind; `kind_of` knows a text again."""

    available = True

    def __init__(self, random: Random) -> None:
        self._random = random
        self._wrote: dict[str, str] = {}
        self.told: Counter[str] = Counter()

    async def write(self, instructions: str, material: str) -> str:
        lines = material.partition("【材料】\n")[2].split("\n")
        cited = self._random.choice(_CITED.findall("\n".join(lines)) or ["《民法典》第一条"])
        words = lines[0] if len(lines) < 2 or lines[1].startswith("《") else lines[1]
        words = words[:LONGEST]
        lies = {
            "another article": f"{words}依据是{re.sub('第.*条(之.)?', '第三百零三条', cited)}。",
            "an article beside": f"{words}依据是{cited}和第九百条。",
            "an invented law": f"{words}依据是{cited}和《居民权益促进法》第二条。",
            "an ended law": f"{words}物权法也这么说。依据是{cited}。",
            "a paragraph": f"{words}依据是{cited}第七款。",
            "an amount": f"{words}可以要求赔87654元。依据是{cited}。",
            "a period": f"{words}八十七天内要去办。依据是{cited}。",
            "a telephone": f"{words}打13987654321问。依据是{cited}。",
            "a quotation": f"{words}“这一条写得明明白白，居民怎么说都有道理”。依据是{cited}。",
            "no citation": "这件事您有道理，先和对方好好说，说不通再找人调解，别着急上火。",
        }
        kind = TRUE if self._random.random() < 0.25 else self._random.choice(list(lies))
        text = f"{words}依据是{cited}。" if kind == TRUE else lies[kind]
        self.told[kind] += 1
        self._wrote[text] = kind
        return text

    def kind_of(self, reply: str) -> str | None:
        """Of the text that this reply begins with; None when it begins with none of its own."""
        return next((kind for text, kind in self._wrote.items() if reply.startswith(text)), None)
