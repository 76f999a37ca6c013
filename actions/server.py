"""The action server: rasa-sdk's own Sanic app, on 127.0.0.1, made to keep what residents wrote out of errors and logs."""

from __future__ import annotations

import asyncio
import logging
import traceback
import warnings
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic, response

from actions import runtime
from community import search_elsewhere
from community.errors import Unavailable

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 120
"""Longer than Rasa's HTTP client keeps an idle connection (15 s), so that it is never the server who drops one in use."""


class ActionFailed(Exception):
    """An action raised something nobody expected. Carries its name and the kind of error, nothing a resident wrote."""


class ActionAway(ActionFailed):
    """The same, for an outage: the database is away. Answered 503, and tried again for as long as it takes."""


_OUTAGES = ("OperationalError", "InterfaceError", "DBAPIError", "CannotConnectNowError", "ConnectionDoesNotExistError")
"""By name: an entrance does not import the database's library."""


def passes_by_itself(error: BaseException) -> bool:
    """Whether the error is an outage rather than a mistake of ours."""
    if isinstance(error, Unavailable | OSError | TimeoutError):
        return True
    return any(kind.__name__ in _OUTAGES for kind in type(error).__mro__)


class LinsheExecutor(ActionExecutor):
    """Runs actions without the domain, and lets no unexpected exception out as it is."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """No action reads the domain, and Rasa 3.6 with `enable_selective_domain` sends none.

        The SDK (3.21) answers 449 to a call without a domain or its digest, which Rasa 3.6 does not know.
        """
        return payload.get("domain") or {}

    async def run(
        self, action_call: dict[str, Any], sink: asyncio.Queue[Any] | None = None, dispatcher: Any = None
    ) -> ActionExecutorRunResult | None:
        try:
            return await super().run(action_call, sink, dispatcher)
        except (ActionExecutionRejection, ActionNotFoundException):
            raise
        except Exception as error:
            # A message can hold personal data (a database error shows its parameters): only where it happened is logged.
            where = "".join(traceback.format_tb(error.__traceback__))
            name = str(action_call.get("next_action"))
            logger.error("Action %s failed with %s\n%s", name, type(error).__name__, where)
            raise (ActionAway if passes_by_itself(error) else ActionFailed)(f"{name} {type(error).__name__}") from None


def build_app(package: str = "actions") -> Sanic[Any, Any]:
    """The app with every action of `package` registered and the Community bound to its life."""
    # Rasa 3.6 speaks to a newer SDK on purpose (docs: two interpreters). This one warning, no other.
    warnings.filterwarnings("ignore", message=r"Your versions of rasa and\s+rasa_sdk might not be compatible")
    executor = LinsheExecutor()
    executor.register_package(package)
    app = create_app(executor)

    @app.exception(ActionFailed)
    async def failed(_: Any, error: Exception) -> Any:
        away = isinstance(error, ActionAway)
        return response.json({"error": "unavailable" if away else "action_failed"}, status=503 if away else 500)

    @app.post("/search")
    async def search(request: Any) -> Any:
        """For the console, which holds no index (`community/search_elsewhere.py`)."""
        try:
            return response.json({"hits": await search_elsewhere.serve(runtime.community().legal, request.json)})
        except (ValueError, KeyError, TypeError):
            return response.json({"error": "no question"}, status=400)

    app.config.KEEP_ALIVE_TIMEOUT = KEEP_ALIVE_SECONDS
    runtime.register(app)

    @app.on_response
    async def say_no_more(_: Any, answer: Any) -> Any:
        """The SDK's page for a 500 holds the whole request, that is, the whole conversation."""
        if answer is not None and answer.status == 500:
            return response.json({"error": "action_failed"}, status=500)
        return None

    return app
