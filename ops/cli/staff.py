"""staff wecom: who is who in WeCom."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.cli.common import console, with_community

app = typer.Typer(help="Look after staff accounts.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Look after staff accounts."""


@app.command()
def wecom(
    login: Annotated[str, typer.Argument(help="Who signs in to the console with this.")],
    userid: Annotated[str, typer.Argument(help="UserID in WeCom; '-' takes it away.")],
) -> None:
    """Tell who a member of staff is in WeCom: from then on tickets come to them there."""
    from community.services import staff_accounts

    wanted = "" if userid == "-" else userid
    member = with_community(lambda community: staff_accounts.set_wecom(community, login, wanted))
    where = f"is {member.wecom_id} in WeCom" if member.wecom_id else "is not in WeCom any more"
    console.print(f"{member.login} ({member.name}, {member.role_name}) {where}.", markup=False, highlight=False)
