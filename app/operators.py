"""The commands of operators: `flask queue status`, `flask queue retry`, `flask queue dismiss`, `flask invariants`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app import queue as bells
from app.extensions import db, reading
from app.refusals import Refused
from app.services import dismissals, invariants, operations
from app.services.audit import SYSTEM
from app.services.dismissals import Why
from app.services.invariant_rules import ALL
from app.services.operations import KindOfWork

NOT_WELL, UNANSWERED = 1, 3
LARGEST_ID = 2**63 - 1

queue = click.Group("queue", help="Background work: what waits, what failed, trying it again or dismissing it.")


@queue.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def status(as_json: bool) -> None:
    """What waits since when, what runs, what failed and why, and which workers are there.

    Exit status: 0 the work is being done; 1 due work has waited for more than five minutes, or the queue server does
    not answer; 2 wrong usage; 3 the database does not answer. Failed work alone is no reason for 1: it waits for a
    person and holds nothing up.
    """
    now = clock.now()
    try:
        with reading():
            report = _report(now)
    except SQLAlchemyError as error:
        click.echo(f"The database does not answer ({type(error).__name__}). Check DATABASE_URL.", err=True)
        raise SystemExit(UNANSWERED) from error
    click.echo(json.dumps(report, indent=2, ensure_ascii=False) if as_json else _page(report))
    raise SystemExit(0 if report["well"] else NOT_WELL)


def _report(now: datetime) -> dict[str, Any]:
    kinds = operations.kinds(now)
    overdue = operations.overdue(now)
    workers = bells.workers_seen()
    return {
        "at": now.isoformat(),
        "well": not overdue and workers is not None,
        "overdue": [{"kind": kind, "seconds": round(waited.total_seconds())} for kind, waited in overdue],
        "kinds": [_kind(entry, now) for entry in kinds],
        "failures": [operations.as_json(entry) for entry in operations.failures()],
        "waiting_because": [operations.as_json(entry) for entry in operations.hindrances()],
        "queue_server": "answers" if workers is not None else "does not answer",
        "workers": None if workers is None else [_worker(seen) for seen in workers],
    }


def _kind(entry: KindOfWork, now: datetime) -> dict[str, Any]:
    waited = None if entry.oldest_at is None else round((now - entry.oldest_at).total_seconds())
    return operations.as_json(entry) | {"oldest_waiting_seconds": waited}


def _worker(seen: bells.WorkerSeen) -> dict[str, Any]:
    heard = None if seen.heard_at is None else seen.heard_at.isoformat()
    return asdict(seen) | {"heard_at": heard}


def _page(report: dict[str, Any]) -> str:
    """The report as a person reads it in a terminal."""
    columns = ("kind", "waiting", "oldest", "later", "running", "lapsed", "failed", "deaths", "per min 5", "per min 60")
    rows = [
        (
            entry["kind"],
            entry["waiting"],
            "-" if entry["oldest_waiting_seconds"] is None else f"{entry['oldest_waiting_seconds']} s",
            entry["later"],
            entry["running"],
            entry["lapsed"],
            entry["failed"],
            entry["deaths"],
            f"{entry['per_minute_5']:.1f}",
            f"{entry['per_minute_60']:.1f}",
        )
        for entry in report["kinds"]
    ]
    lines = _columns([columns, *rows])
    for title, name in (("Failed", "failures"), ("Waits and is tried again", "waiting_because")):
        lines += [
            f"{title}: {entry['number']} x {entry['kind']}: {entry['reason']} (first: {entry['work_id']})"
            for entry in report[name]
        ]
    lines += [f"Overdue: {entry['kind']}, for {entry['seconds']} s" for entry in report["overdue"]]
    workers = report["workers"]
    if workers is None:
        return "\n".join([*lines, "The queue server does not answer."])
    lines += [f"Worker: {seen['work_class']} on {seen['host']}, {seen['state']}" for seen in workers]
    return "\n".join(lines if workers else [*lines, "No worker has been heard of."])


def _columns(rows: list[tuple[Any, ...]]) -> list[str]:
    widths = [max(len(str(row[place])) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            str(cell).ljust(width) if not place else str(cell).rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


@queue.command("retry")
@click.argument("work_id", metavar="ID", type=click.IntRange(1, LARGEST_ID), required=False)
@click.option("--kind", help="The kind of work; with --reason.")
@click.option("--reason", help="Everything that failed for exactly this reason; with --kind.")
def retry(work_id: int | None, kind: str | None, reason: str | None) -> None:
    """Let failed work be tried again: one piece by its ID, or all of a kind with the same reason.

    Exit status: 0 something is tried again; 1 nothing of the kind has failed (any more); 2 wrong usage.
    """
    if (work_id is None) == (kind is None or reason is None) or (kind is None) != (reason is None):
        raise click.UsageError("Give either the ID of one piece of work, or --kind and --reason.")
    now = clock.now()
    if work_id is not None:
        number = int(operations.try_again(work_id, SYSTEM, now))
    else:
        number = operations.try_all_again(kind or "", reason or "", SYSTEM, now)
    db.session.commit()
    if not number:
        click.echo("Nothing was changed: no such work has failed, or it is being tried again already.", err=True)
        raise SystemExit(NOT_WELL)
    click.echo(f"Tried again: {number}")


@queue.command("dismiss")
@click.argument("work_id", metavar="ID", type=click.IntRange(1, LARGEST_ID))
@click.option("--reason", "why", type=click.Choice([why.value for why in Why]), required=True, help="Why it may rest.")
def dismiss(work_id: int, why: str) -> None:
    """Give one failed piece of work up for good, on record. It is never tried again.

    Exit status: 0 it is dismissed; 1 it has not failed (any more), or an application waits for it; 2 wrong usage.
    """
    try:
        is_dismissed = dismissals.dismiss(work_id, Why(why), SYSTEM, clock.now())
    except Refused as refused:
        click.echo(str(refused), err=True)
        raise SystemExit(NOT_WELL) from refused
    db.session.commit()
    if not is_dismissed:
        click.echo("Nothing was changed: no such work has failed, or it is being tried again already.", err=True)
        raise SystemExit(NOT_WELL)
    click.echo("Dismissed.")


@click.command("invariants")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs, with the queries.")
def check_invariants(as_json: bool) -> None:
    """Ask the database whether everything that must be true is true. Changes nothing; takes a while on a large one.

    Exit status: 0 everything holds; 1 something does not; 2 wrong usage; 3 the database does not answer.
    """
    try:
        with reading():
            findings = list(invariants.look_at_all(ALL))
    except SQLAlchemyError as error:
        click.echo(f"The database does not answer ({type(error).__name__}). Check DATABASE_URL.", err=True)
        raise SystemExit(UNANSWERED) from error
    violations = sum(finding.violations for finding in findings)
    if as_json:
        report = {"violations": violations, "invariants": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            where = f": {finding.violations} in {finding.invariant.table}, for example {finding.examples}"
            mark = f"BROKEN{where}" if finding.violations else "holds"
            click.echo(f"{finding.invariant.name.ljust(32)} {mark}\n    {finding.invariant.sentence}")
    raise SystemExit(NOT_WELL if violations else 0)
