"""The simulated accounts' secrets: made once and kept, so that a gateway set up for them stays so over restarts of the simulator.

Random and not written into the code: a gateway believes who knows them, also when it is open to a network.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ops.wechat.accounts import Account, Corp

OFFICIAL = ("appid", "secret", "token", "aes_key", "original_id")
CORP = ("corpid", "agentid", "secret", "token", "aes_key", "kfid")


def kept(path: Path) -> tuple[Account, Corp]:
    """Those of this file, or new ones written there, readable by the owner only. Raises ValueError for a file that is none."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        return Account(**raw["official"]), Corp(**raw["corp"])
    except FileNotFoundError:
        account, corp = Account.make(), Corp.make()
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} does not hold simulated accounts; delete it to make new ones") from error
    body = {
        "official": {name: value for name, value in asdict(account).items() if name in OFFICIAL},
        "corp": {name: value for name, value in asdict(corp).items() if name in CORP},
    }
    write_private(path, json.dumps(body, indent=2) + "\n")
    return account, corp


def write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def exports(settings: Mapping[str, str]) -> str:
    """Lines for a shell: `set -a; . FILE` or `source FILE`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
