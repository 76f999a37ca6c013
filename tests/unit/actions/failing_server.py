"""The real action server without a Community, and with actions that fail: `python failing_server.py PORT`."""

from __future__ import annotations

import sys
from typing import Any

from rasa_sdk import Action

from actions import runtime, server
from community.errors import Unavailable

SECRET = "我家住剡溪花园3幢，电话13800001234"


class ActionBug(Action):
    def name(self) -> str:
        return "action_bug"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise ValueError(SECRET)


class ActionOutage(Action):
    def name(self) -> str:
        return "action_outage"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise Unavailable(SECRET)


class ActionHello(Action):
    def name(self) -> str:
        return "action_hello"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        dispatcher.utter_message(text="好")
        return []


if __name__ == "__main__":
    runtime.register = lambda app: None  # type: ignore[assignment]
    server.build_app().run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, motd=False, access_log=False)
