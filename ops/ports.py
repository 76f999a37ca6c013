"""Whose port is it? Asked before anything starts, because a child that cannot bind only shows up as "not healthy"."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """A port one of our processes will listen on, and the setting that moves it."""

    owner: str
    setting: str
    host: str
    number: int


def is_free(host: str, number: int) -> bool:
    """Binding is the only sure question. SO_REUSEADDR, as the servers use it: a port in TIME_WAIT is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, number))
        except OSError:
            return False
    return True


def holder(number: int) -> str:
    """'nginx, pid 12' when the system lets us see it, else ''."""
    import psutil

    try:
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr.port == number and link.pid:
                return f"{psutil.Process(link.pid).name()}, pid {link.pid}"
    except psutil.Error:
        pass  # needs rights on some systems; the answer is only a courtesy
    return ""


def problems(ports: Iterable[Port]) -> list[str]:
    """One sentence for each port that cannot be used, naming the setting that moves it."""
    found = []
    seen: dict[int, Port] = {}
    for port in ports:
        twin = seen.setdefault(port.number, port)
        if twin is not port:
            found.append(
                f"{twin.setting} and {port.setting} are both {port.number}: give {port.owner} a port of its own."
            )
        elif not is_free(port.host, port.number):
            who = holder(port.number)
            found.append(
                f"Port {port.number} for {port.owner} is in use{f' ({who})' if who else ''}. "
                f"Free it, or choose another with {port.setting}=NUMBER."
            )
    return found
