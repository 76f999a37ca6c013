"""The web chat's way out of the outbox."""

from __future__ import annotations

from community.services.parcels import Parcel
from gateway.delivery import Took


class WebchatSender:
    """A row of the web chat is delivered by being there: the page reads history. Open pages are woken by the signal that commits the
    row, in whatever process they are.
    """

    async def send(self, parcel: Parcel, took: Took) -> None:
        pass
