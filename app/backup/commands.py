"""`flask backup`, `flask restore` and `flask upgrade`.

Status 0: done. 1: not done, and nothing was changed. 2: the command was written wrongly. 3: an upgrade failed after
something was changed, and the text says how to go back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError

from app import launcher
from app.backup import restoring, taking, upgrading
from app.backup.restoring import Restored
from app.backup.taking import Taken
from app.backup.upgrading import UpgradeFailed
from app.processes import CannotStart
from app.refusals import Refused
from config import Config

CHANGED = 3
# So many backups are company enough; of more, the command says how to remove the oldest.
KEPT = 10


class Failed(click.ClickException):
    """An upgrade that failed after it had begun."""

    exit_code = CHANGED


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except UpgradeFailed as error:
        raise Failed(str(error)) from error
    except (Refused, CannotStart) as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        said = str(error.orig or error).strip().splitlines()
        raise click.ClickException(f"The database: {said[0] if said else type(error).__name__}") from error


@click.command("backup")
@click.argument("where", metavar="[FOLDER|FILE.zip]", required=False, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Restore it into a scratch database as well, and compare everything.")
def backup(where: Path | None, verify: bool) -> None:
    """Write everything into one file while Winnow runs, and read it back. It goes to `backups` in the data folder."""
    config = _config()
    with _in_words():
        taken = taking.take(config, where)
        click.echo(f"Backup: {taken.path} ({taken.size / 1e6:,.1f} MB), read back and right.")
        if verify:
            broken = restoring.verify(taken.path, config).broken_rules
            click.echo("Restored into a scratch database: everything is there and equal.")
            _say_broken(broken)
    _say(taken)
    click.echo("The secret key is not in it: keep SECRET_KEY apart (docs/operating.md).")
    _say_many(taken.path.parent)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Only try it, in a scratch database that is removed afterwards.")
@click.option("--into", metavar="EMPTY", help="A new data folder, or the address of an empty database.")
def restore(file: Path, verify: bool, into: str | None) -> None:
    """Read a backup into an empty database and folder of files; compare counts, digests, hashes and the audit trail."""
    config = _aimed(_config(), into)
    with _in_words():
        if verify:
            done = restoring.verify(file, config)
        else:
            with launcher.alone(config, "A backup is being restored here. Wait until that is done."):
                done = restoring.restore(file, config)
    what = "The backup is good" if verify else "Restored"
    click.echo(f"{what}: counts, digests, file hashes and the audit trail are those of {file}.")
    _say(done)
    _say_broken(done.broken_rules)
    if done.upgraded_to:
        click.echo(f"The scratch database went on to revision {done.upgraded_to} without trouble.")
    if not verify:
        click.echo("Start Winnow with the SECRET_KEY that belongs to it. If the code is newer: flask upgrade first.")
        click.echo(
            "Whoever had their data deleted since this backup is back. Delete it again: flask erasures repeat FILE"
        )


@click.command("upgrade")
@click.option("--backup-into", type=click.Path(path_type=Path), help="A folder or a file for the backup taken before.")
@click.option("--anyway", is_flag=True, help="Even though others are connected to the database.")
def upgrade(backup_into: Path | None, anyway: bool) -> None:
    """Take a backup, bring the database up to date, and look whether all is well. Stop Winnow before."""
    config = _config()
    with _in_words():
        done = upgrading.upgrade(config, backup_into, anyway)
    if done.taken is None:
        was_empty = f"The database was empty. It stands at revision {done.after} now."
        up_to_date = f"The database is up to date (revision {done.after}). Nothing was changed."
        click.echo(was_empty if done.before is None else up_to_date)
        return
    click.echo(f"Backup: {done.taken.path} ({done.taken.size / 1e6:,.1f} MB), read back and right.")
    click.echo(f"Upgraded from revision {done.before} to {done.after}. Nothing is missing. Start Winnow.")
    _say_broken(done.broken_rules)
    _say_many(done.taken.path.parent)


def _config() -> Config:
    config: Config = current_app.config["WINNOW"]
    return config


def _aimed(config: Config, into: str | None) -> Config:
    """The settings with another target: an address of a database, or a folder that becomes a data folder."""
    if into is None:
        return config
    if into.startswith(("postgresql://", "postgresql+psycopg://", "postgres://", "sqlite:///")):
        return replace(config, database_url=into.replace("postgres://", "postgresql://", 1))
    if "://" in into:
        raise click.UsageError("--into takes a folder, postgresql://… or sqlite:///…")
    home = Path(into).expanduser().resolve()
    return replace(config, home=home, database_url=f"sqlite:///{home / 'winnow.sqlite'}")


def _say(done: Taken | Restored) -> None:
    said, fingerprint = done.manifest, done.fingerprint
    click.echo(f"  {said.rows:,} rows in {len(said.tables)} tables, {len(said.files):,} files; {said.database},")
    click.echo(f"  revision {said.revision}, taken {said.made_at}, SHA-256 of its manifest {fingerprint}")
    audit = said.audit
    click.echo(
        f"  audit trail: {audit.events:,} events, sealed to {audit.sealed or 'none'} ({audit.chain or 'no link'})"
    )
    if done.missing_files:
        click.echo(
            f"Careful: {len(done.missing_files):,} files that candidates handed in are not in it, for example "
            f"{done.missing_files[0]}. Take the backup where the data folder has them.",
            err=True,
        )


def _say_broken(names: tuple[str, ...]) -> None:
    """What is not as it should be in the data itself; a backup keeps it as it is."""
    if names:
        click.echo(f"Careful: something is not as it must be ({', '.join(names)}). See: flask invariants", err=True)


def _say_many(folder: Path) -> None:
    """Winnow deletes no backup by itself."""
    count = len(list(folder.glob("winnow-*.zip")))
    if count > KEPT:
        click.echo(f"There are {count} backups in {folder}. Winnow removes none. To see all but the newest {KEPT}:")
        click.echo(f"  ls -1 {folder}/winnow-*.zip | head -n -{KEPT}")
