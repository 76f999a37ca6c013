"""A PostgreSQL of our own, from the system's programs, in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ops.bench.servers import free_ports
from ops.children import LOCAL


def binaries() -> Path:
    """The newest there is. Raises RuntimeError that names the package."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3].split(".")[0]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql (or give --database URL)")


@contextlib.contextmanager
def server(options: dict[str, str]) -> Iterator[str]:
    """URL of an empty database 'linshe' of a server with these options, which is gone afterwards."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="linshe-postgres-"))
    data, (port,) = folder / "data", free_ports(1)
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*arguments: object) -> None:
        done = subprocess.run([*as_user, *map(str, arguments)], capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{Path(str(arguments[0])).name}: {done.stderr.strip() or done.stdout.strip()}")

    given = {"port": str(port), "listen_addresses": LOCAL, "unix_socket_directories": str(folder), **options}
    try:
        run(programs / "initdb", "-D", data, "-U", "linshe", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        said = " ".join(f"-c {name}={value}" for name, value in given.items())
        run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", said, "start")
        try:
            run(programs / "createdb", "-h", LOCAL, "-p", port, "-U", "linshe", "linshe")
            yield f"postgresql+asyncpg://linshe@{LOCAL}:{port}/linshe"
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
