"""The commands: `flask run-all`, `flask worker`, `flask tick`, `flask challenges check | publish`, `flask demo`.

Those of operators are in operators.py.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click
import structlog
from flask import Flask, current_app

from app import clock, jobs, launcher, operators, setup, workers
from app.backup import commands as backup_commands
from app.erasures import erasures
from app.extensions import db
from app.locales import LOCALES
from app.refusals import Refused
from app.rescore import rescore
from app.rounds import Watch
from app.services import catalog, zone_changes
from config import WORK_CLASSES

log = structlog.get_logger()
TICK_SECONDS = 2.0

challenges = click.Group("challenges", help="The library of challenges.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    found = (
        run_all,
        worker,
        tick,
        first_link,
        deadlines,
        challenges,
        rescore,
        erasures,
        operators.queue,
        operators.check_invariants,
    )
    for command in found:
        app.cli.add_command(command)
    for command in (backup_commands.backup, backup_commands.restore, backup_commands.upgrade):
        app.cli.add_command(command)


@click.command("run-all")
def run_all() -> None:
    """Run everything in one terminal: queue server, web, workers and the tick."""
    config = current_app.config["WINNOW"]
    raise SystemExit(launcher.main(config, prepare=setup.prepare))


@click.command("worker")
@click.argument("work_class", type=click.Choice(WORK_CLASSES))
def worker(work_class: str) -> None:
    """Work on one class of background work until told to stop; quick work and mail for a number of jobs at most."""
    raise SystemExit(workers.run(work_class, current_app.config["WINNOW"]))


@click.command("tick")
def tick() -> None:
    """Every two seconds: take back lapsed leases, seal the audit trail, ring for due work. Run as many as you like.

    Now and then it also looks whether everything that must be true of the database is true.
    """
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    watch = Watch()
    while not stop.is_set():
        try:
            jobs.tick()
            watch.look()
        except Exception as error:
            # The database may be away for a while; the next tick tries again.
            log.error("tick_failed", exc_info=error)
            db.session.rollback()
        finally:
            db.session.remove()
        stop.wait(TICK_SECONDS)


@click.command("first-link")
def first_link() -> None:
    """Print a new one-time link for the first administrator."""
    try:
        click.echo(setup.first_link())
    except Refused as error:
        raise click.ClickException(str(error)) from error


@click.command("deadlines")
@click.option("--move", is_flag=True, help="Move those that are later now, as every start does, and tell people.")
def deadlines(move: bool) -> None:
    """List future deadlines that the zone data in use reads otherwise than when they were set. None moves earlier."""
    changes = setup.follow_the_zones() if move else list(zone_changes.look(clock.now()))
    click.echo(f"Zone data {clock.tzdata_version()}: {len(changes)} deadlines differ.")
    for change in changes:
        click.echo(setup.in_words(change))


@challenges.command("check")
def check() -> None:
    """Validate every challenge; prints a table of challenges and languages, exits 1 on any fault."""
    library = setup.library()
    click.echo(_table(catalog.table(library)))
    for challenge in library.challenges:
        for warning in catalog.warnings(challenge):
            click.echo(f"Note: {warning}")
    for fault in library.faults:
        click.echo(f"{fault.file}:{fault.line}: {fault.message}", err=True)
    raise SystemExit(1 if library.faults else 0)


@challenges.command("publish")
def publish() -> None:
    """Store every good challenge as a frozen version; an edited published one is refused."""
    done = setup.publish_challenges()
    for name in done.new:
        click.echo(f"{name}: published")
    for name in done.unchanged:
        click.echo(f"{name}: unchanged")
    for line in done.refused:
        click.echo(line, err=True)
    raise SystemExit(1 if done.refused else 0)


def _table(rows: list[catalog.Row]) -> str:
    """Challenges down, languages across: `ready` for candidates, `anchors` and `guide` where they are complete too."""
    cells = {(row.challenge, row.locale): row for row in rows}
    names = sorted({row.challenge for row in rows})
    lines = ["challenge".ljust(34) + "".join(locale.ljust(24) for locale in LOCALES)]
    for name in names:
        lines.append(name.ljust(34) + "".join(_cell(cells[name, locale]).ljust(24) for locale in LOCALES))
    return "\n".join(line.rstrip() for line in lines)


def _cell(row: catalog.Row) -> str:
    parts = [word for word, has in (("anchors", row.has_anchors), ("guide", row.has_guide)) if has]
    return " ".join(["ready" if row.for_candidates else "missing", *parts])
