"""wechat simulate: the WeChat and WeCom platforms on this machine, to try the whole loop without an account."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli import menu
from ops.cli.common import console, errors, sentences

if TYPE_CHECKING:
    from ops.wechat.push import Pusher
    from ops.wechat.simulator import Options, Simulator

app = typer.Typer(help="WeChat and WeCom.", no_args_is_help=True)
app.command("menu")(menu.menu)


def say(line: str) -> None:
    """For people: on stderr, so that --json leaves stdout to the machine."""
    errors.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def simulate(
    script: Annotated[Path | None, typer.Option(help="Play this script (see ops/wechat/scripts) and judge it.")] = None,
    load: Annotated[bool, typer.Option("--load", help="Many residents at once, on an assistant that echoes.")] = False,
    users: Annotated[int, typer.Option(min=1, help="Load: how many residents.")] = 500,
    rate: Annotated[float, typer.Option(min=0.1, help="Load: messages a second.")] = 200,
    seconds: Annotated[float, typer.Option(min=0.1, help="Load: for how long.")] = 60,
    kf_share: Annotated[
        float, typer.Option(min=0, max=1, help="Load: share of the residents who write through 微信客服.")
    ] = 0,
    duplicates: Annotated[
        float, typer.Option(min=0, max=1, help="Share of pushes that come twice: half at once, half late.")
    ] = 0.1,
    gateway: Annotated[
        str, typer.Option(help="Base address of the gateway (several with commas); empty: as the settings say.")
    ] = "",
    port: Annotated[int, typer.Option(help="Where the platform's API listens, on 127.0.0.1. 0: any.")] = 8091,
    official_path: Annotated[str, typer.Option(help="The gateway's callback for the official account.")] = "/wechat",
    corp_path: Annotated[str, typer.Option(help="The gateway's callback for WeCom.")] = "/wecom",
    kind: Annotated[str, typer.Option(help="service (verified), subscription (unverified) or test.")] = "service",
    mode: Annotated[str, typer.Option(help="safe, compatible or plain.")] = "safe",
    form: Annotated[str, typer.Option("--format", help="xml or json.")] = "xml",
    seed: Annotated[int, typer.Option(help="Of faults and arrivals.")] = 1,
    who: Annotated[str, typer.Option("--as", help="By hand: who you are.")] = "李秀英",
    staff: Annotated[str, typer.Option(help="By hand: be this member in WeCom first.")] = "",
    customer: Annotated[str, typer.Option("--kf", help="By hand: be this customer of 微信客服 first.")] = "",
    members: Annotated[
        str,
        typer.Option(
            help="Who is in the company: userid=name with commas; empty: the demo city's staff, by their logins."
        ),
    ] = "",
    env: Annotated[Path | None, typer.Option(help="Write the gateway's settings to this file, to be sourced.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the gateway.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object on stdout.")] = False,
) -> None:
    """Be the platform: residents from a script, in numbers, or by hand; three deliveries, quotas and error codes included.

    The gateway must run with the settings that are printed. Exit code 1 when a script was not met, or a load run lost,
    doubled or reordered something.
    """
    from ops import context as contexts
    from ops.context import OperationFailed
    from ops.environments import ROOT
    from ops.health import reachable
    from ops.wechat import credentials, staffing
    from ops.wechat import script as scripts
    from ops.wechat.faults import Faults, PushRates
    from ops.wechat.load import LoadPlan
    from ops.wechat.simulator import Options

    with sentences():
        if script and load:
            raise OperationFailed("Choose one of --script and --load.")
        if (script or load) and (staff or customer):
            raise OperationFailed("--staff and --kf say who you are by hand; a script names its own.")
        settings = contexts.load().settings
        base = gateway or f"http://{reachable(settings.gateway_host)}:{settings.gateway_port}"
        try:
            account, corp = credentials.kept(settings.var / "wechat-simulator.json")
            account = replace(account, kind=_kind(kind), mode=_mode(mode), form=_form(form))
            people, communities = staffing.demo_staff(ROOT / "data" / "demo" / "staff.yml")
            corp.members |= staffing.named_members(members.split(",")) if members else people
            corp.with_rooms(communities)
            plan = scripts.read(script) if script else None
        except (ValueError, scripts.ScriptError) as error:
            raise OperationFailed(str(error)) from None
        share = duplicates / 2 if load else 0.0
        options = Options(
            gateway=base,
            official_path=official_path,
            corp_path=corp_path,
            port=port,
            account=account,
            corp=corp,
            faults=Faults(seed, push=PushRates(duplicate=share, late=share)),
        )
        work: Any = _by_hand
        arguments: Any = _first(who, staff, customer)
        if plan:
            work, arguments = _play, plan
            options = plan.options(options)
        elif load:
            work, arguments = _load, LoadPlan(users=users, rate=rate, seconds=seconds, seed=seed, kf=kf_share)
        raise typer.Exit(asyncio.run(_run(options, env, wait, as_json, work, arguments)))


def _first(who: str, staff: str, customer: str) -> tuple[str, str]:
    """By hand: the resident, and the command that makes one somebody else at the beginning."""
    command = f"/staff {shlex.quote(staff)}" if staff else f"/kf {shlex.quote(customer)}" if customer else ""
    return who, command


def _kind(text: str) -> Any:
    from ops.wechat.accounts import Kind

    return Kind(text)


def _mode(text: str) -> Any:
    from ops.wechat.accounts import Mode

    return Mode(text)


def _form(text: str) -> Any:
    if text not in ("xml", "json"):
        raise ValueError(f"{text!r} is not a format: xml or json")
    return text


async def _run(options: Options, env: Path | None, wait: float, as_json: bool, work: Any, arguments: Any) -> int:
    """Start the platform, see that the gateway is there, do the work."""
    from ops.context import OperationFailed
    from ops.wechat import credentials
    from ops.wechat.simulator import Simulator

    try:
        async with Simulator(options) as simulator:
            if env is not None:
                credentials.write_private(env, credentials.exports(simulator.settings()))
                say(f"The gateway's settings are in {env}: source it, then start the gateway.")
            else:
                say("Start the gateway with these settings:\n" + credentials.exports(simulator.settings()))
            say(
                f"The platform listens on {simulator.api} and pushes to {_at(simulator.official_pusher)} and {_at(simulator.corp_pusher)}."
            )
            await _verified(simulator.official_pusher, wait, needed=work is not _by_hand)
            if _uses_wecom(work, arguments):
                await _verified(simulator.corp_pusher, wait, needed=work is not _by_hand)
            code, report = await work(simulator, arguments)
    except OSError as error:
        raise OperationFailed(
            f"Cannot listen on 127.0.0.1:{options.port}: {error.strerror}. Choose another --port."
        ) from None
    if as_json:
        print(json.dumps(report, ensure_ascii=False), flush=True)
    elif work is not _by_hand:
        console.print_json(json.dumps(report, ensure_ascii=False))
    return int(code)


def _at(pusher: Pusher) -> str:
    return ", ".join(pusher.urls)


def _uses_wecom(work: Any, arguments: Any) -> bool:
    """Whether staff or customers of 微信客服 are certain to act: a gateway without WeCom is right for the others."""
    if work is _play:
        return any("staff" in step or "customer" in step for step in arguments.steps)
    return bool(arguments.kf if work is _load else arguments[1])


async def _verified(pusher: Pusher, wait: float, needed: bool) -> None:
    """As an operator's «submit» does it; without it the real platform would not push at all."""
    from ops.context import OperationFailed

    deadline = asyncio.get_running_loop().time() + wait
    told = False
    while trouble := await pusher.verify():
        if asyncio.get_running_loop().time() >= deadline:
            if needed:
                raise OperationFailed(
                    f"The gateway at {_at(pusher)} was not verified: {trouble}.\n"
                    "Start it with the settings above, or say where it is with --gateway."
                )
            return say(f"{_at(pusher)} is not verified ({trouble}); going on all the same.")
        if not told:
            say(f"Waiting for the gateway at {_at(pusher)} ({trouble}) ...")
            told = True
        await asyncio.sleep(0.5)
    return say(f"The gateway is verified at {_at(pusher)}.")


async def _load(simulator: Simulator, plan: Any) -> tuple[int, dict[str, Any]]:
    from ops.wechat.load import run_load

    report = await run_load(simulator, plan, say)
    wrong = [name for name in ("lost", "doubled", "out_of_order", "quota_violations") if report[name]]
    if wrong:
        say(f"Not good: {', '.join(f'{name} {report[name]}' for name in wrong)}")
    return bool(wrong), report


async def _play(simulator: Simulator, script: Any) -> tuple[int, dict[str, Any]]:
    from ops.wechat import screen
    from ops.wechat.script import Player

    say(script.title)
    simulator.listeners.append(lambda shown: say("\n".join(f"  {line}" for line in screen.drawn(shown))))
    simulator.troubles.append(lambda line: say(f"  · {line}"))
    outcome = await Player(simulator, say).play(script)
    for failure in outcome.failures:
        say(f"Not met: {failure}")
    if not outcome.failures:
        say("All as the script says.")
    return bool(outcome.failures), {**outcome.report, "failures": outcome.failures}


async def _by_hand(simulator: Simulator, who: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    from ops.wechat.terminal import HELP, Terminal

    tty = sys.stdin.isatty()
    if tty:
        import readline  # noqa: F401 - gives input() its line editing and history

    def above(line: str) -> None:
        # The prompt is still there: its line is cleared first and drawn again after.
        print(f"\r\033[K{line}\n{terminal.prompt}" if tty else line, end="" if tty else "\n", flush=True)

    terminal = Terminal(simulator, who[0], above)
    say(HELP)
    await terminal.line(who[1])
    while True:
        try:
            line = await asyncio.to_thread(input, terminal.prompt if tty else "")
        except EOFError:
            break
        if not await terminal.line(line):
            break
    if not tty:
        # Lines from a pipe come all at once; the answers do not.
        deadline = asyncio.get_running_loop().time() + 30
        while simulator.ledger.waiting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.1)
    await terminal.finish()
    return 0, simulator.report()
