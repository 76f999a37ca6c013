"""Messages of an official account that arrive while others are being written are written together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from community.ports import Community
from community.services import together, wechat
from community.services.wechat import CHANNEL, Arrival, Heard
from gateway.gathering import MOST, Gathering


class Arrivals(Gathering[Arrival, Heard]):
    def __init__(self, community: Community) -> None:
        super().__init__(lambda arrivals: together.take_words(community, CHANNEL, arrivals))
        self._community = community

    def many(self, waiting: Sequence[Arrival]) -> int:
        """The words at the front of the queue, or the one other thing there: a photo must not overtake the words before it."""
        words = 0
        while words < min(MOST, len(waiting)) and together.plain_words(waiting[words]):
            words += 1
        return words

    async def together(self, gather: Callable[[], Sequence[Arrival]]) -> Sequence[Heard]:
        return await together.take_gathered(self._community, CHANNEL, gather)

    async def one(self, item: Arrival) -> Heard:
        return await wechat.take(self._community, item)
