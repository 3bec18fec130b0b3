"""Making a new or older database ready to serve: migrations, staff roles, challenges, and the demo or a first link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import clock, links
from app.demo import data as demo
from app.extensions import db
from app.processes import CannotStart, tell
from app.services import catalog, company, library_faults, publishing, staff, zone_changes
from app.services.catalog import Fault
from app.services.publishing import Edited
from app.services.zone_changes import Change
from config import ROOT

MOST_APART = timedelta(seconds=2)


def prepare() -> None:
    """Bring the database up to date and make sure that there is something to open. Raises CannotStart."""
    migrate_database()
    refuse_wrong_clock()
    config = current_app.config["WINNOW"]
    staff.ensure_roles()
    db.session.commit()
    for line in publish_challenges().refused:
        tell(line)
    if company.get() is None and not staff.has_anyone():
        if config.production:
            tell(f"First administrator: {first_link()}")
        else:
            demo.build(clock.now())
            db.session.commit()
    for change in follow_the_zones():
        tell(f"New zone data {clock.tzdata_version()}: {in_words(change)}")
    db.session.remove()


def follow_the_zones() -> list[Change]:
    """Move deadlines that new zone data puts later, slice by slice; gives every change, those that were kept too."""
    changes: list[Change] = []
    for model in zone_changes.MODELS:
        last: int | None = 0
        while last is not None:
            found, last = zone_changes.apply_few(model, last, clock.now())
            db.session.commit()
            changes.extend(found)
    return changes


def in_words(change: Change) -> str:
    """One line about one deadline: ids and moments, nobody's name."""
    act = f"moved to {change.becomes.isoformat()}" if change.moves else f"kept, though now {change.becomes.isoformat()}"
    told = f"{change.local} {change.zone} by {change.tzdata}"
    return f"{change.kind} {change.id} ({told}) {change.was.isoformat()} {act}"


@dataclass(frozen=True)
class Published:
    """What publishing did: the names of new and of unchanged versions, and why others were refused."""

    new: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[str, ...]


def library() -> catalog.Library:
    """The shipped challenges and the company's own."""
    own = current_app.config["WINNOW"].challenges
    return catalog.load_all(catalog.SHIPPED, *([own] if own else []))


def publish_challenges() -> Published:
    """Publish every good challenge. A broken or edited one takes nothing else down: what was published stays in use.

    What is wrong is kept for administrators until a later run finds nothing.
    """
    found = library()
    new: list[str] = []
    unchanged: list[str] = []
    faults = list(found.faults)
    for challenge in found.challenges:
        try:
            _, is_new = publishing.publish(challenge, clock.now())
            db.session.commit()
            (new if is_new else unchanged).append(challenge.name)
        except Edited as error:
            db.session.rollback()
            faults.append(Fault(f"{challenge.name}/challenge.yaml", 1, str(error)))
    library_faults.replace(faults, clock.now())
    db.session.commit()
    return Published(tuple(new), tuple(unchanged), tuple(str(fault) for fault in faults))


def first_link() -> str:
    """A one-time link that makes its first reader the administrator."""
    token = staff.first_link(clock.now())
    db.session.commit()
    return links.absolute("auth.show_one_time_link", token=token)


def migrate_database() -> None:
    """Run the migrations; refuse a database that is newer than this code, or that does not answer."""
    refuse_newer()
    try:
        upgrade()
    except DBAPIError as error:
        raise _no_answer(error) from error


def refuse_newer() -> None:
    """Raise CannotStart for a database that is newer than this code, or that does not answer."""
    heads = ScriptDirectory.from_config(_alembic())
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
        for revision in current:
            heads.get_revision(revision)
    except CommandError as error:
        raise CannotStart(
            "The database is newer than this code. Update the code (git pull), or point DATABASE_URL elsewhere."
        ) from error
    except DBAPIError as error:
        raise _no_answer(error) from error


def _no_answer(error: DBAPIError) -> CannotStart:
    said = str(error.orig).strip()
    first_line = said.splitlines()[0] if said else type(error).__name__
    return CannotStart(f"The database does not answer: {first_line}. Check DATABASE_URL.")


def refuse_wrong_clock() -> None:
    """Raise CannotStart where this machine's clock and the database server's differ by more than two seconds.

    Every deadline is judged by one clock; two that differ would judge the same moment differently.
    """
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect() as connection:
        before = clock.now()
        there: datetime = connection.scalar(text("SELECT clock_timestamp()"))
        after = clock.now()
    # It was asked between the two looks; what lies between them says nothing about the clocks.
    apart = max(before - there, there - after, timedelta())
    if apart > MOST_APART:
        raise CannotStart(
            f"The clocks of this machine and of the database server differ by {apart.total_seconds():.1f} s. "
            "Let both follow a time server (NTP), then start again."
        )


def is_up_to_date() -> bool:
    """Whether the database stands at this code's newest migration."""
    with db.engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    return current == set(ScriptDirectory.from_config(_alembic()).get_heads())


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config
