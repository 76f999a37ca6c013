"""Starts all children, waits until each is healthy, restarts what crashes, and leaves nothing behind when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ops import health, ports
from ops.children import Child
from ops.context import OperationFailed
from ops.process import LogFile, Run, how_it_ended


@dataclass(frozen=True)
class Timing:
    """Every wait of the supervisor in seconds; tests make them short."""

    grace: float = 10.0  # between TERM and KILL
    first_delay: float = 0.5  # before the first restart; doubles with each crash
    longest_delay: float = 30.0
    settled: float = 60.0  # up for so long, a child's crashes are forgotten
    poll: float = 0.25  # while waiting for health
    watch: float = 5.0  # between questions to a healthy child
    hung: float = 60.0  # no answer for so long counts as a crash
    heartbeat: float = 5.0  # between lines of progress where there is no terminal
    first_tries: int = 3  # a child that was never healthy and ends so often stops the whole start


@dataclass
class Kept:
    """A child and what has become of it."""

    child: Child
    log: LogFile
    state: str = "waiting"
    run: Run | None = None
    restarts: int = 0
    started: float = 0.0
    healthy: asyncio.Event = field(default_factory=asyncio.Event)
    was_healthy: bool = False


class Supervisor:
    """`await Supervisor(children, var).run()` returns the exit code, after everything has ended."""

    def __init__(
        self,
        children: Sequence[Child],
        var: Path,
        console: Console | None = None,
        timing: Timing | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self.var = var
        self.console = console or Console()
        self.timing = timing or Timing()
        self.on_ready = on_ready
        self.kept = [Kept(child, LogFile(var / "log" / f"{child.name}.log")) for child in children]
        self._stopping = asyncio.Event()
        self._failure: str | None = None
        self._since = datetime.now(UTC)
        self._watchdog: subprocess.Popen[str] | None = None

    # -- what people and tests see

    def say(self, name: str, text: str, style: str = "") -> None:
        clock = datetime.now().astimezone().strftime("%H:%M:%S")
        body = f"[{style}]{escape(text)}[/{style}]" if style else escape(text)
        self.console.print(f"[dim]{clock}[/dim] {name:<8} {body}", highlight=False, soft_wrap=True)

    def _write_state(self) -> None:
        """`var/run.json`, kept current: who runs under which pid. Replaced whole, so that a reader never sees half."""
        children = {
            kept.child.name: {
                "pid": kept.run.pid if kept.run and kept.run.process.returncode is None else None,
                "state": kept.state,
                "restarts": kept.restarts,
                "port": kept.child.port.number,
            }
            for kept in self.kept
        }
        state = {"supervisor": os.getpid(), "since": self._since.isoformat(), "children": children}
        part = self.var / "run.json.part"
        part.write_text(json.dumps(state, indent=1), "utf-8")
        os.replace(part, self.var / "run.json")

    def _become(self, kept: Kept, state: str, text: str = "", style: str = "") -> None:
        kept.state = state
        self._write_state()
        self.say(kept.child.name, text or state, style)

    # -- the whole

    def stop(self) -> None:
        """Asked once: end in order. Asked again: end now."""
        if self._stopping.is_set():
            for kept in self.kept:
                if kept.run:
                    kept.run.kill()
        self._stopping.set()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        occupied = ports.problems(kept.child.port for kept in self.kept)
        if occupied:
            raise OperationFailed("\n".join(occupied))
        for number in signals:
            loop.add_signal_handler(number, self.stop)
        self._watchdog = subprocess.Popen(
            [sys.executable, "-S", "-m", "ops.watchdog"],
            stdin=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
        )
        keepers: list[asyncio.Task[None]] = []
        try:
            for stage in sorted({kept.child.stage for kept in self.kept}):
                members = [kept for kept in self.kept if kept.child.stage == stage]
                keepers += [asyncio.create_task(self._keep(kept)) for kept in members]
                await self._until_healthy(members)
            if not self._stopping.is_set():
                if self.on_ready:
                    self.on_ready()
                await self._stopping.wait()
        finally:
            self._stopping.set()
            await self._end(keepers)
            for number in signals:
                loop.remove_signal_handler(number)
        if self._failure:
            raise OperationFailed(self._failure)
        return 0

    async def _until_healthy(self, members: list[Kept]) -> None:
        waits = [asyncio.create_task(kept.healthy.wait()) for kept in members]
        stop = asyncio.create_task(self._stopping.wait())
        began = heard = time.monotonic()
        with self.console.status("") if self.console.is_terminal else contextlib.nullcontext() as status:
            while not self._stopping.is_set():
                missing = [kept.child.name for kept in members if not kept.healthy.is_set()]
                if not missing:
                    break
                text = f"waiting for {', '.join(missing)} ({time.monotonic() - began:.0f} s)"
                if status:
                    status.update(text)
                elif time.monotonic() - heard >= self.timing.heartbeat:
                    heard = time.monotonic()
                    self.console.print(text)
                await asyncio.wait([stop, *waits], timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
                waits = [task for task in waits if not task.done()]
        for task in (stop, *waits):
            task.cancel()

    async def _end(self, keepers: Iterable[asyncio.Task[None]]) -> None:
        """In reverse order of starting, those of one stage together."""
        with self.console.status("stopping") if self.console.is_terminal else contextlib.nullcontext():
            for stage in sorted({kept.child.stage for kept in self.kept}, reverse=True):
                await asyncio.gather(*(self._end_one(kept) for kept in self.kept if kept.child.stage == stage))
        results = await asyncio.gather(*keepers, return_exceptions=True)
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.close()
            self._watchdog.wait()
        for kept in self.kept:
            kept.log.close()
        (self.var / "run.json").unlink(missing_ok=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _end_one(self, kept: Kept) -> None:
        run = kept.run
        if run is None or run.process.returncode is not None:
            return
        self.say(kept.child.name, "stopping", "dim")
        await run.stop(self.timing.grace)

    # -- one child

    async def _keep(self, kept: Kept) -> None:
        """Start it, watch it, start it again, until everything stops."""
        crashes = 0
        while not self._stopping.is_set():
            try:
                kept.run = run = await Run.start(kept.child, kept.log)
            except OSError as error:
                self._give_up(kept, f"cannot be started: {error}")
                return
            self._guard("+", run.pid)
            kept.started = time.monotonic()
            self._become(kept, "starting", f"starting, pid {run.pid}", "dim")
            watch = asyncio.create_task(self._watch(kept, run))
            code = await run.wait()
            watch.cancel()
            self._guard("-", run.pid)
            kept.healthy.clear()
            if self._stopping.is_set():
                self._become(kept, "stopped", f"stopped ({how_it_ended(code)})", "dim")
                return
            crashes = 1 if time.monotonic() - kept.started > self.timing.settled else crashes + 1
            if not kept.was_healthy and crashes >= self.timing.first_tries:
                self._give_up(kept, f"ended {crashes} times before it was ever healthy ({how_it_ended(code)})")
                return
            delay = min(self.timing.first_delay * 2 ** (crashes - 1), self.timing.longest_delay)
            kept.restarts += 1
            self._become(kept, "crashed", f"crashed ({how_it_ended(code)}); restarting in {delay:g} s", "bold red")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._stopping.wait()

    async def _watch(self, kept: Kept, run: Run) -> None:
        """Tell when it becomes healthy; end it when it stays silent for too long, so that it is started again."""
        answered = time.monotonic()
        patience = kept.child.start_timeout
        while True:
            well = await kept.child.healthy()
            now = time.monotonic()
            if well:
                answered, patience = now, self.timing.hung
            if well and kept.state != "healthy":
                after = f"healthy after {now - kept.started:.1f} s"
                kept.was_healthy = True
                kept.healthy.set()
                self._become(kept, "healthy", "answers again" if kept.state == "silent" else after, "green")
            elif not well and kept.state == "healthy" and not self._stopping.is_set():
                self._become(kept, "silent", "does not answer", "yellow")
            elif not well and now - answered > patience:
                if not kept.was_healthy:
                    self._give_up(kept, f"was not healthy within {patience:.0f} s")
                self.say(kept.child.name, f"no answer for {patience:.0f} s; ending it", "bold red")
                run.kill()
                return
            await asyncio.sleep(self.timing.watch if kept.state == "healthy" else self.timing.poll)

    def _give_up(self, kept: Kept, why: str) -> None:
        """The start has failed for good: say why, with the child's own last words, and end everything."""
        words = "\n".join("  " + line for line in kept.log.tail)
        self._failure = f"{kept.child.name} {why}. Its last lines ({kept.log.path}):\n{words}"
        self._stopping.set()

    def _guard(self, sign: str, group: int) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.write(f"{sign}{group}\n")
                self._watchdog.stdin.flush()


def pids(var: Path) -> dict[str, int]:
    """Name -> pid of the running children, from var/run.json; empty when nothing runs."""
    try:
        state = json.loads((var / "run.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: entry["pid"] for name, entry in state["children"].items() if entry["pid"]}


def address(child: Child) -> str:
    return f"http://{health.reachable(child.port.host)}:{child.port.number}"
