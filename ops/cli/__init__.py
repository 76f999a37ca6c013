"""The commands of ./linshe. Each imports what it needs when it is called, so that `--help` answers at once."""

from __future__ import annotations

import typer

from ops.cli import check, doctor, encoder, guides, knowledge, laws, nlu, retention, run, say, staff, tickets, wechat

app = typer.Typer(
    name="./linshe",
    help="Linshe 邻舍: set up, run and look after a community's assistant.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals hold secrets and what residents wrote
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
doctor.register(app)
say.register(app)
nlu.register(app)
retention.register(app)
app.add_typer(tickets.app, name="tickets", rich_help_panel="Look and mend")
app.add_typer(staff.app, name="staff", rich_help_panel="Look and mend")
app.add_typer(laws.app, name="laws", rich_help_panel="Look and mend")
app.add_typer(guides.app, name="guides", rich_help_panel="Look and mend")
app.add_typer(knowledge.app, name="knowledge", rich_help_panel="Look and mend")
app.add_typer(wechat.app, name="wechat", rich_help_panel="Look and mend")
app.add_typer(check.app, name="check", rich_help_panel="Look and mend")
app.add_typer(encoder.app, name="encoder", rich_help_panel="Look and mend")


@app.command(rich_help_panel="Everyday")
def test() -> None:
    """Everything the tests need, then all tests, in both environments."""
    # Only here to be listed: ./linshe starts the tests itself, after completing the environments with the test tools.
    raise typer.Exit(2)


def main() -> None:
    app(prog_name="./linshe")
