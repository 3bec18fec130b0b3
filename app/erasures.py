"""`flask erasures list | repeat`: deleted data must stay deleted when an older backup is restored."""

from __future__ import annotations

from typing import TextIO

import click

from app import clock
from app.extensions import db
from app.services import erasure

erasures = click.Group("erasures", help="The ledger of deleted data, for after a restore.")


@erasures.command("list")
def show() -> None:
    """Print the ledger, one line of JSON for each person. Keep it apart from the backups."""
    for line in erasure.ledger():
        click.echo(line)


@erasures.command("repeat")
@click.argument("ledger", type=click.File(encoding="utf-8"))
def repeat(ledger: TextIO) -> None:
    """Delete again the data of everybody in LEDGER who is back since an older backup was restored."""
    try:
        done = erasure.repeat(ledger, clock.now())
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException("This is no ledger as `flask erasures list` prints it.") from error
    db.session.commit()
    click.echo(f"{done} people deleted again. The workers do the last of it within minutes.")
