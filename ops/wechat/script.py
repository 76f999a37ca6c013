"""Plays a script: who does what, and what they must then see. The form is described in `KEYS` and shown by ops/wechat/scripts."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ops.wechat.clock import seconds
from ops.wechat.faults import ApiFault, ApiRates, Faults, PushRates
from ops.wechat.members import Member
from ops.wechat.simulator import Options, Simulator

WITHIN = 30.0
"""Seconds in which a `wait` must be met when the step does not say."""
SAMPLE = Path(__file__).parent / "scripts" / "lamp.jpg"

DOES = {
    "say": "type this",
    "choose": "choose this entry (from 1) of the last menu message",
    "click": "press the custom menu's button with this key",
    "photo": "send this picture file; `sample` is one that comes with the scripts",
    "voice": "send a voice message; the text is what the platform recognised, which may be empty",
    "location": "{latitude, longitude, label}",
    "follow": "start following, by a QR code with this scene (empty: none)",
    "unfollow": "stop following",
    "scan": "scan a QR code with this scene",
    "press": "(staff) press the button with these words, this key or this number on the newest card that has it",
    "enter": "(staff, customer) open the chat; a customer by the link with this scene",
}
STEPS = {
    "sleep": "move the clock of windows and quotas by this much (48h)",
    "pause": "really wait (2s)",
    "faults": "{drop_answers: N, api: [busy, reset, timeout, lost_response, server_error, ok ...], invalidate_tokens: true}",
    "settings": "{blocks: true} for a resident who refuses templates, or a customer who refuses everything",
}
KEYS = {
    "who / staff / customer": "a resident of the official account, a WeCom member's id, a customer of 微信客服",
    **DOES,
    "card": "(with press) a regular expression: only a card with this on it",
    "wait": "a regular expression; one message they see must match; what (?P<key>…) finds is {key} in later steps",
    "seen": "the same, but it may have come any time after what their last `wait` or `seen` found: for who did not act themselves",
    "never": "a regular expression; nothing they see until the step ends may match",
    "within": f"for `wait` ({WITHIN:.0f}s), or how long `never` is watched without one",
    "answer": "false: no answer is owed, so that a missing one is not counted as lost; true: one is, also to a press",
    **STEPS,
}
ACTORS = ("who", "staff", "customer")


class ScriptError(Exception):
    """The script cannot be played; says where and why."""


@dataclass
class Script:
    """`expect`: figures of the report at the end; those not named must be as `CLEAN`."""

    title: str
    steps: list[dict[str, Any]]
    account: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    push: PushRates = field(default_factory=PushRates)
    api: ApiRates = field(default_factory=ApiRates)
    expect: dict[str, Any] = field(default_factory=dict)

    def staff(self) -> list[str]:
        """Everybody who acts: they are in the company from the beginning, since the gateway may write first."""
        return list(dict.fromkeys(str(step["staff"]) for step in self.steps if "staff" in step))

    def options(self, options: Options) -> Options:
        """With the script's own account and faults."""
        from ops.wechat.accounts import Kind, Mode

        readers: dict[str, Callable[[Any], Any]] = {"kind": Kind, "mode": Mode, "form": str}
        account = options.account
        for name, value in self.account.items():
            if name not in readers:
                raise ScriptError(f"account: {name} is not known; there are {', '.join(readers)}")
            account = replace(account, **{name: readers[name](value)})
        return replace(options, account=account, faults=Faults(self.seed, self.api, self.push))


CLEAN = {
    "lost": 0,
    "doubled": 0,
    "out_of_order": 0,
    "quota_violations": 0,
    "unavailable_shown": 0,
    "dropped_silently": 0,
}


@dataclass
class Outcome:
    """What became of a script: `failures` are sentences; empty is good."""

    failures: list[str]
    report: dict[str, Any]


def read(path: Path) -> Script:
    """Raises ScriptError."""
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScriptError(f"{path}: {error}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("steps"), list):
        raise ScriptError(f"{path}: a script is a mapping with `steps`, a list")
    faults = raw.get("faults") or {}
    try:
        script = Script(
            title=str(raw.get("title") or path.stem),
            steps=raw["steps"],
            account=raw.get("account") or {},
            seed=int(raw.get("seed", 1)),
            push=PushRates(**(faults.get("push") or {})),
            api=ApiRates(**(faults.get("api") or {})),
            expect=raw.get("expect") or {},
        )
    except TypeError as error:
        raise ScriptError(f"{path}: faults: {error}") from error
    for number, step in enumerate(script.steps, 1):
        _check(number, step)
    return script


def _check(number: int, step: Any) -> None:
    if not isinstance(step, dict):
        raise ScriptError(f"step {number} is not a mapping")
    known = {*DOES, *STEPS, *ACTORS, "card", "seen", "wait", "never", "within", "answer"}
    for name in step:
        if name not in known:
            raise ScriptError(f"step {number}: {name!r} is not known; there are {', '.join(KEYS)}")
    actors = [name for name in ACTORS if name in step]
    does = [name for name in DOES if name in step]
    if "wait" in step and "seen" in step:
        raise ScriptError(f"step {number} has both wait and seen")
    if len(does) > 1 or len(actors) > 1:
        raise ScriptError(f"step {number} does more than one thing: {', '.join([*actors, *does])}")
    if (does or {"wait", "seen", "never"} & step.keys() or "settings" in step) and not actors:
        raise ScriptError(f"step {number} does not say who (who, staff or customer)")
    for name in ("wait", "seen", "never", "card"):
        try:
            re.compile(str(step.get(name, "")))
        except re.error as error:
            raise ScriptError(f"step {number}: {name}: {error}") from error


class Player:
    """Plays one script on a running simulator. `tell` gets a line for each thing that is done; what is seen is told by the
    simulator's listeners."""

    def __init__(self, simulator: Simulator, tell: Callable[[str], None] = lambda line: None) -> None:
        self.simulator, self._tell = simulator, tell
        self.found: dict[str, str] = {}
        """What named groups found."""
        self._upto: dict[str, int] = {}
        """Name -> the place in the ledger behind what they were last found to see."""

    async def play(self, script: Script) -> Outcome:
        failures: list[str] = []
        for userid in script.staff():
            self.simulator.member(userid)
        for number, step in enumerate(script.steps, 1):
            try:
                failures += await self._step(number, self._filled(step))
            except (LookupError, ValueError, OSError) as error:
                failures.append(f"step {number}: {error}")
            if failures:
                break  # what follows rests on it
        report = self.simulator.report()
        for name, wanted in {**CLEAN, **script.expect}.items():
            if report.get(name) != wanted:
                failures.append(f"{name} is {report.get(name)!r}, not {wanted!r}")
        return Outcome(failures, report)

    def _filled(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """With what was found before. Other braces stay: they are those of regular expressions."""
        filled = dict(step)
        for name in step:
            for found, text in self.found.items():
                if isinstance(filled[name], str):
                    filled[name] = filled[name].replace("{" + found + "}", text)
        return filled

    async def _step(self, number: int, step: Mapping[str, Any]) -> list[str]:
        self._prepare(step)
        if "sleep" in step:
            self.simulator.options.clock.forward(seconds(str(step["sleep"])))
        if "pause" in step:
            await asyncio.sleep(seconds(str(step["pause"])))
        actor = next((name for name in ACTORS if name in step), "")
        if not actor:
            return []
        person: Any = getattr(self.simulator, {"who": "resident", "staff": "member", "customer": "customer"}[actor])(
            str(step[actor])
        )
        if "blocks" in (step.get("settings") or {}):
            person.user.blocks = bool(step["settings"]["blocks"])
        since = len(self.simulator.ledger.shown)
        # Not awaited at once: the answer may come before the platform knows that its delivery was taken.
        doing = asyncio.create_task(self._do(person, step))
        try:
            return await self._watch(number, step, person.name, since, doing)
        finally:
            await doing

    async def _watch(
        self, number: int, step: Mapping[str, Any], name: str, since: int, doing: asyncio.Task[None]
    ) -> list[str]:
        within, began = seconds(str(step.get("within", WITHIN))), time.monotonic()
        failures = []
        pattern = str(step.get("wait", step.get("seen", "")))
        if "wait" in step or "seen" in step:
            start = since if "wait" in step else self._upto.get(name, 0)
            if not await self._sees(name, pattern, within, start):
                failures.append(f"step {number}: {name} did not see /{pattern}/ within {within:.0f} s")
        elif "never" in step:
            await asyncio.sleep(max(0.0, began + within - time.monotonic()))
        await asyncio.wait([doing])
        if "never" in step:
            texts = [shown.text for shown in self.simulator.ledger.shown[since:] if shown.user == name]
            if wrong := [text for text in texts if re.search(str(step["never"]), text)]:
                failures.append(f"step {number}: {name} saw {wrong[0]!r}")
        return failures

    async def _sees(self, name: str, pattern: str, within: float, since: int) -> bool:
        seen = await self.simulator.until(name, pattern, within, since)
        if seen is None:
            return False
        match = re.search(pattern, seen.text)
        self.found |= {key: text for key, text in match.groupdict().items() if text is not None} if match else {}
        shown = self.simulator.ledger.shown
        self._upto[name] = 1 + next(place for place in range(since, len(shown)) if shown[place] is seen)
        return True

    def _prepare(self, step: Mapping[str, Any]) -> None:
        faults = step.get("faults") or {}
        self.simulator.options.faults.next_drops += int(faults.get("drop_answers", 0))
        for name in faults.get("api") or ():
            self.simulator.options.faults.next_api.append(None if name == "ok" else ApiFault(name))
        if faults.get("invalidate_tokens"):
            self.simulator.platform.tokens.invalidate()
            self.simulator.platform.corp_tokens.invalidate()

    async def _do(self, person: Any, step: Mapping[str, Any]) -> None:
        does = next((name for name in DOES if name in step), "")
        if not does:
            return
        value = step[does]
        owed = {"expects": bool(step["answer"])} if "answer" in step else {}
        if not hasattr(person, does):
            raise ValueError(f"{person.name} cannot {does}")
        self._tell(f"{person.name}> {'' if does == 'say' else f'[{does}] '}{'' if value is None else value}")
        if does == "photo":
            await person.photo((SAMPLE if value == "sample" else Path(str(value))).read_bytes())
        elif does == "voice":
            await person.voice(b"#!AMR\n", str(value or ""))
        elif does == "location":
            await person.location(float(value["latitude"]), float(value["longitude"]), str(value["label"]))
        elif does == "choose":
            await person.choose(int(value))
        elif does == "press":
            await person.press(str(value), on=str(step.get("card", "")), **owed)
        elif does == "unfollow" or (does == "enter" and isinstance(person, Member)):
            await getattr(person, does)()
        else:
            await getattr(person, does)(str(value or ""), **owed)
