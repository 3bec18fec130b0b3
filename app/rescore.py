"""`flask rescore`: wait until everybody is scored under the weights in force, or help."""

from __future__ import annotations

import threading

import click

from app import clock, jobs
from app.extensions import db, reading
from app.models import Role
from app.services import rescoring, roles
from app.services.rescoring import Progress

LOOK_EVERY = 0.5
# Looks without progress after which a person is told what may be wrong.
PATIENCE = 60


@click.command("rescore")
@click.argument("slug", metavar="ROLE")
@click.option("--help-out", is_flag=True, help="Do slow work in this process as well, beside the workers.")
def rescore(slug: str, help_out: bool) -> None:
    """Score everybody again under the weights in force for ROLE (its name in the address), and wait for it.

    Can be stopped and started again at any time: what is done stays done, and nothing is done twice. Without
    --help-out the workers for slow work must be running.
    """
    role = roles.by_slug(slug)
    if role is None:
        known = ", ".join(one.slug for one in roles.all_roles()) or "there is none yet"
        raise click.ClickException(f"There is no role {slug!r}. Roles: {known}.")
    rescoring.begin(roles.rubric_in_force(role.id), clock.now())
    db.session.commit()
    progress = _wait(role, help_out)
    click.echo(f"{progress.done} applications are scored under version {progress.version.number}.")


def _wait(role: Role, help_out: bool) -> Progress:
    """Show how far it is until it is finished."""
    role_id, quiet, shown = role.id, 0, 0
    progress = _look(role_id)
    with click.progressbar(length=max(progress.total, 1), label="Scoring again", show_pos=True) as bar:
        while not progress.is_finished:
            worked = jobs.drain_work("slow") if help_out else 0
            if not worked:
                threading.Event().wait(LOOK_EVERY)
            progress = _look(role_id)
            bar.length = max(progress.total, 1)
            quiet = 0 if progress.done > shown else quiet + 1
            bar.update(progress.done - shown)
            shown = progress.done
            if quiet >= PATIENCE:
                _tell_what_may_be_wrong(progress)
                quiet = 0
        bar.update(max(progress.total, 1) - shown)
    return progress


def _look(role_id: int) -> Progress:
    with reading():
        progress = rescoring.progress(role_id)
    assert progress is not None  # it was begun above
    return progress


def _tell_what_may_be_wrong(progress: Progress) -> None:
    with reading():
        failed = rescoring.failed(progress.version.id)
    if failed:
        raise click.ClickException(
            f"{failed} runs have failed and wait for a person; their reasons stand with the work."
        )
    click.echo("\nNothing has moved for a while. Are the workers for slow work running? Or use --help-out.", err=True)
