"""How the supervisor asks a child whether it is well: one short connection, no library, never an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Probe = Callable[[], Awaitable[bool]]

TIMEOUT = 5.0


def reachable(host: str) -> str:
    """A server on every address is asked on the nearest one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


async def _ask(host: str, port: int, request: bytes, timeout: float) -> bytes:
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()


def http(host: str, port: int, path: str, timeout: float = TIMEOUT) -> Probe:
    """Healthy when GET answers with a 2xx status."""
    host = reachable(host)
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()

    async def probe() -> bool:
        try:
            status = await _ask(host, port, request, timeout)
        except (OSError, TimeoutError, ValueError):
            return False
        return status.split(b" ")[1:2] != [] and status.split(b" ")[1].startswith(b"2")

    return probe


def valkey(host: str, port: int) -> Probe:
    """Healthy when PING is answered with PONG: while it still loads its data it says LOADING instead."""

    async def probe() -> bool:
        try:
            return (await _ask(host, port, b"PING\r\n", TIMEOUT)).startswith(b"+PONG")
        except (OSError, TimeoutError, ValueError):
            return False

    return probe
