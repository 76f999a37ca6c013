"""The settings as the tooling sees them, with everything a child process needs made explicit and absolute."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ops.environments import ROOT

if TYPE_CHECKING:
    from community.config import Settings


class OperationFailed(Exception):
    """Something a person has to mend; the message says what and how. Never shown with a traceback."""


@dataclass(frozen=True)
class Context:
    """One reading of the settings. `embedded_valkey`: no REDIS_URL was given; `own_rasa`: no LINSHE_RASA_URL."""

    settings: Settings
    root: Path
    var: Path
    database_url: str
    redis_url: str
    secret: str
    embedded_valkey: bool
    own_rasa: bool

    @property
    def demo(self) -> bool:
        return self.settings.mode == "demo"

    @property
    def postgresql(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def demo_folder(self) -> Path:
        return self.root / "data" / "demo"


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL. Asking the database whether it exists would make it."""
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def absolute_database_url(url: str, root: Path) -> str:
    """SQLite files are named relative to the project, whatever folder a process runs in."""
    from sqlalchemy.engine import make_url

    file = sqlite_file(url)
    if file is None:
        return url
    return make_url(url).set(database=str(root / file)).render_as_string(hide_password=False)


def load(root: Path = ROOT) -> Context:
    """Read the settings, and make the secret of a demo on its first start. A city must not run on a guessable key, so
    in production a missing one is an error here, before anything starts."""
    from pydantic import ValidationError

    from community.config import load_settings
    from community.errors import ConfigError

    try:
        settings = load_settings()
        if settings.encoder:
            # The encoder looks at the environment alone, in both Pythons; a line in .env must mean the same there.
            os.environ["LINSHE_ENCODER"] = settings.encoder
        var = root / settings.var
        settings = settings.model_copy(update={"var": var})
        secret = settings.check_secret()
    except ConfigError as error:
        raise OperationFailed(error.message) from None
    except ValidationError as error:
        wrong = "\n".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise OperationFailed(f"A setting cannot be used:\n{wrong}") from None
    database_url = absolute_database_url(settings.async_database_url, root)
    return Context(
        settings=settings.model_copy(update={"database_url": database_url, "secret_key": secret}),
        root=root,
        var=var,
        database_url=database_url,
        redis_url=settings.valkey_url,
        secret=secret,
        embedded_valkey=not settings.redis_url,
        own_rasa=not settings.rasa_url,
    )
