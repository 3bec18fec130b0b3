"""Administration: people, the mailbox, the audit trail."""

from __future__ import annotations

import re

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, links, people, permissions, words
from app.admin import notices, set_up, work
from app.admin.forms import EVERYWHERE, PersonForm
from app.admin.room import bp
from app.errors import words as words_of
from app.extensions import db
from app.models import AuditEvent, Duty, Membership, Region, User
from app.pages import mark
from app.refusals import NotFound
from app.services import audit, company, identities, library_faults, mails, staff
from app.services.audit import Actor
from app.services.mails import Logged
from app.services.staff import BadAddress

# The set-up, the notices and the page about work register themselves on the same blueprint.
__all__ = ["bp", "notices", "set_up", "work"]

PAGE = 50
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@bp.get("/people")
def list_people() -> str:
    """Who works here, in the order in which they came."""
    found = staff.everyone(mark("after") or 0, PAGE + 1)
    page = found[:PAGE]
    return render_template(
        "admin/people.html",
        people=[(user, _duties(user)) for user in page],
        broken=library_faults.count(),
        next_url=url_for("admin.list_people", after=page[-1].id) if len(found) > PAGE else None,
    )


def _duties(user: User) -> list[tuple[str, str]]:
    """What a person does, and where."""
    places: dict[Duty, list[Membership]] = {}
    for membership in user.memberships:
        places.setdefault(membership.duty, []).append(membership)
    return [
        (
            str(words.DUTIES[duty]),
            ", ".join(entry.region.code if entry.region else _("everywhere") for entry in entries),
        )
        for duty, entries in sorted(places.items(), key=lambda pair: list(Duty).index(pair[0]))
    ]


@bp.route("/people/new", methods=["GET", "POST"])
def add_person() -> str | Response | tuple[str, int]:
    """Add a colleague; a mail with a one-time link goes to them."""
    regions, now = company.regions(), clock.now()
    form = PersonForm(data={"locale": people.me().locale, "zone": people.me().zone})
    form.offer(regions, now)
    if form.validate_on_submit() and (user := _add(form, regions)):
        db.session.commit()
        flash(
            _("%(name)s is added, and the link is on its way to %(email)s.", name=user.name, email=user.email), "good"
        )
        return redirect(url_for("admin.list_people"), 303)
    page = render_template("admin/new_person.html", form=form, regions=regions, grid=form.grid(regions))
    return (page, 422) if form.is_submitted() else page


def _add(form: PersonForm, regions: list[Region]) -> User | None:
    """The new colleague, or None with the reason at the address."""
    by_code: dict[str, Region | None] = {EVERYWHERE: None} | {region.code: region for region in regions}
    duties = []
    for chosen in form.duties.data or ():
        duty, _colon, where = chosen.partition(":")
        duties.append((Duty(duty), by_code[where]))
    by, now = Actor.user(people.me().id), clock.now()
    try:
        return staff.add(
            form.name.data or "", form.email.data or "", duties, by, now, locale=form.locale.data, zone=form.zone.data
        )
    except BadAddress as error:
        form.email.errors = [words_of(error)]
        return None


@bp.get("/mail")
def list_mail() -> str:
    """What was mailed, the newest first. Without a mail server this is the mailbox."""
    found = mails.log(mark("before"), PAGE + 1)
    page, hides = found[:PAGE], _reads_answers()
    if not hides:
        afterwards.note_identities(_applications_in(page))
    return render_template(
        "admin/mail.html",
        letters=page,
        hides=hides,
        is_local=_is_local(),
        next_url=url_for("admin.list_mail", before=page[-1].mail.id) if len(found) > PAGE else None,
    )


@bp.get("/mail/<int:mail_id>")
def show_mail(mail_id: int) -> str:
    """One mail, with its words where they stayed on this computer."""
    letter = mails.logged(mail_id) if mail_id < 2**63 else None
    if letter is None:
        raise NotFound
    afterwards.note_identities(_applications_in([letter]))
    return render_template(
        "admin/letter.html",
        letter=letter,
        pieces=pieces(letter.mail.body or "", links.absolute("auth.home").removesuffix("/home")),
        is_local=_is_local(),
    )


def pieces(text: str, base: str) -> list[tuple[str, str | None]]:
    """A text cut into plain words and addresses; only addresses under `base` are given as links."""
    found: list[tuple[str, str | None]] = []
    end = 0
    for match in ADDRESS.finditer(text):
        address = match[0]
        if address.startswith(f"{base}/"):
            found += [(text[end : match.start()], None), (address, address)]
            end = match.end()
    return [piece for piece in (*found, (text[end:], None)) if piece[0]]


@bp.get("/audit")
def list_events() -> str:
    """Who did what, the newest first. Rows hold ids; names are looked up now, so that erased people have none."""
    found = audit.trail(mark("before"), PAGE + 1)
    page, hides = found[:PAGE], _reads_answers()
    if not hides:
        acting = {event.actor_id for event in page if event.actor_kind == "candidate" and event.actor_id}
        afterwards.note_identities(identities.ids_of(acting))
    names = audit.names(page)
    return render_template(
        "admin/events.html",
        events=[(event, _who(event, names, hides)) for event in page],
        hides=hides,
        next_url=url_for("admin.list_events", before=page[-1].id) if len(found) > PAGE else None,
    )


def _who(event: AuditEvent, names: dict[Actor, str], hides: bool) -> str:
    """The actor of an event in words."""
    if event.actor_kind == "candidate" and hides:
        return str(_("an applicant"))
    if event.actor_kind == "system":
        return "Winnow"
    return names.get(Actor(event.actor_kind, event.actor_id)) or str(_("somebody who was erased"))


@bp.get("/library-faults")
def list_library_faults() -> str:
    """What is wrong with the challenges, as the last publishing found it, and what to do."""
    return render_template("admin/library_faults.html", faults=library_faults.newest())


def _reads_answers() -> bool:
    """Whether this person also reviews answers: then applicants' names are kept from them here."""
    return permissions.holds(people.me(), Duty.GRADER)


def _applications_in(letters: list[Logged]) -> list[int]:
    """The applications that these mails to candidates are about."""
    about = (letter.mail.about.get("application") for letter in letters if letter.mail.candidate_id)
    return [int(application_id) for application_id in about if application_id]


def _is_local() -> bool:
    return not current_app.config["WINNOW"].mail.server
