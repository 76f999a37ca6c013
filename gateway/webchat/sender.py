"""The web chat's way out of the outbox."""

from __future__ import annotations

from community.services.outbound import Parcel
from gateway.delivery import Took
from gateway.webchat.hub import Hub


class WebchatSender:
    """A row of the web chat is delivered by being there: the page reads history. Open pages are woken to read now.

    Pages at other processes are woken by the signal that commits the row.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def send(self, parcel: Parcel, took: Took) -> None:
        self._hub.poke(parcel.resident_id)
