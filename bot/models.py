"""Another model in the place of the one that serves, between two turns and never in the middle of one.

The new one is loaded whole, and has read a sentence, before the first resident gets it; a turn under way ends with the model it began
with (`bot.channel.handle` takes it once). Stock's `PUT /model` loads on the server's own loop: nobody is answered for that long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor

logger = logging.getLogger(__name__)

FOLDER = "models/rasa"
"""Beside the serving process's working folder: models come from here and nowhere else."""
_swapping = asyncio.Lock()


def serving(agent: Agent) -> Optional[str]:
    """The id of the model that answers, as Rasa wrote it into the model when it was trained."""
    return agent.processor.model_metadata.model_id if agent.processor is not None else None


async def swap(agent: Agent, raw: bytes) -> Tuple[int, Dict[str, Any]]:
    """HTTP status and body for {"file": "kept/….tar.gz"}, a path below models/rasa. The old model serves on when anything fails."""
    try:
        wanted = json.loads(raw)["file"]
        path = await asyncio.get_running_loop().run_in_executor(None, found, wanted)
    except (ValueError, KeyError, TypeError) as error:
        return 400, {"error": "bad_request", "message": str(error)}
    async with _swapping:
        try:
            made = await asyncio.get_running_loop().run_in_executor(None, load, agent, path)
            await made.parse_message(UserMessage("你好"))
        except Exception as error:
            logger.exception("A model cannot be loaded; the one before serves on")
            return 422, {"error": "no_model", "message": type(error).__name__}
        take(agent, made)
        return 200, {"model": serving(agent)}


def found(wanted: Any) -> Path:
    """Raises ValueError for what is no file below the folder of models."""
    folder = Path(FOLDER).resolve()
    path = (folder / str(wanted)).resolve()
    if not str(path).startswith(f"{folder}{os.sep}") or not path.is_file():
        raise ValueError(f"no model of that name in {FOLDER}")
    return path


def load(agent: Agent, path: Path) -> MessageProcessor:
    return MessageProcessor(
        model_path=str(path),
        tracker_store=agent.tracker_store,
        lock_store=agent.lock_store,
        action_endpoint=agent.action_endpoint,
        generator=agent.nlg,
        http_interpreter=agent.http_interpreter,
    )


def take(agent: Agent, made: MessageProcessor) -> None:
    """Nothing here waits: no turn can begin between these lines."""
    agent.processor = made
    agent.domain = made.domain
    agent.tracker_store.domain = made.domain
    if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator):
        agent.nlg.responses = made.domain.responses if made.domain else {}
