"""The hiring manager's room: roles, ranking, decisions."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app import afterwards, clock, files, locale, people, permissions, preview, words
from app.errors import words as words_of
from app.extensions import db
from app.forms import choice
from app.manager import dossiers, rankings, shelf, told, wording
from app.manager.forms import CountForm, DecisionForm, EmptyForm, RoleForm
from app.models import Application, ChallengeVersion, Opening, Role, Stage
from app.refusals import NotFound
from app.services import (
    appeals,
    applications,
    catalog,
    company,
    counters,
    decisions,
    late,
    likenesses,
    openings,
    proposals,
    publishing,
    ranking,
    roles,
    submissions,
)
from app.services.audit import Actor

bp = Blueprint("manager", __name__)
bp.before_request(people.ask_to_sign_in)
bp.context_processor(lambda: {"stages": words.STAGES, "states": words.STATES, "part_kinds": words.PART_KINDS})

EXPECTED = (50, 200, 600)
READERS = (1, 2, 3)


def role_of(slug: str) -> Role:
    """The role with this slug, for whoever hires."""
    permissions.require(permissions.can_hire(people.me()))
    role = roles.by_slug(slug)
    if role is None:
        raise NotFound
    return role


def _opening(slug: str, region_code: str) -> Opening:
    role, region = role_of(slug), company.region_by_code(region_code)
    opening = openings.find(role, region) if region else None
    if opening is None:
        raise NotFound
    permissions.require(permissions.can_manage(people.me(), opening))
    return opening


def application_of(code: str) -> Application:
    """The application with this code, for whoever hires where it is, or NotFound."""
    application = applications.by_code(code)
    if application is None:
        raise NotFound
    permissions.require(permissions.can_manage(people.me(), application.opening))
    return application


def _title(version: ChallengeVersion) -> str:
    return catalog.text_for(publishing.challenge_of(version), locale.tag()).value.title


@bp.get("/roles")
def list_roles() -> str:
    """Every role with its openings and where they stand."""
    me = people.me()
    permissions.require(permissions.can_hire(me))
    every = roles.all_roles()
    found = {
        role_id: [opening for opening in those if permissions.can_manage(me, opening)]
        for role_id, those in openings.of_roles(every).items()
    }
    numbers = counters.of([opening.id for those in found.values() for opening in those])
    return render_template("manager/roles.html", roles=every, openings=found, numbers=numbers)


@bp.route("/roles/new", methods=["GET", "POST"])
def new_role() -> Response | str | tuple[str, int]:
    """A new role: its challenges, how they are read, and what that costs in hours."""
    permissions.require(permissions.can_hire(people.me()))
    versions = {str(version.id): version for version in publishing.newest()}
    form = RoleForm()
    form.challenges.choices = [choice(key, _title(version)) for key, version in versions.items()]
    if request.method == "GET":
        return _role_page(form)
    if not form.validate_on_submit():
        return _role_page(form), 422
    plan = dict(form.data)
    role = roles.create(
        plan["title"],
        [versions[key] for key in plan["challenges"]],
        Actor.user(people.me().id),
        clock.now(),
        readers=plan["readers"],
        line_percent=plan["line_percent"],
        window_days=plan["window_days"],
        without_optional=plan["without_optional"],
    )
    db.session.commit()
    flash(_("The role is ready. Open it in a region, and people can apply."), "good")
    return redirect(url_for("manager.show_role", slug=role.slug), 303)


def _role_page(form: RoleForm) -> str:
    offered = {str(version.id): shelf.volume(version, locale.tag()) for version in publishing.newest()}
    hours = [(number, [roles.reader_hours(number, readers) for readers in READERS]) for number in EXPECTED]
    return render_template(
        "manager/new_role.html", form=form, hours=hours, readers=READERS, minutes=roles.MINUTES_TO_READ, offered=offered
    )


@bp.get("/roles/<slug>")
def show_role(slug: str) -> str:
    """A role: its challenges, its rubric and its openings, region by region."""
    me, role = people.me(), role_of(slug)
    mine = [opening for opening in openings.of_role(role) if permissions.can_manage(me, opening)]
    taken = {opening.region_id for opening in openings.of_role(role)}
    regions = company.regions() if "recruiter.open_role" in current_app.view_functions else []
    rubric = roles.rubric_in_force(role.id)
    return render_template(
        "manager/role.html",
        role=role,
        rubric=rubric,
        challenges=[rankings.weighed(entry.challenge_version, rubric, locale.tag()) for entry in role.challenges],
        openings=mine,
        numbers=counters.of([opening.id for opening in mine]),
        versions=proposals.versions(role),
        can_weigh=permissions.can_weigh(me, openings.of_role(role)),
        rescoring=rankings.under_way(role.id),
        said=told.of_role(role, mine),
        closed_regions=[one for one in regions if one.id not in taken and permissions.can_recruit(me, one)],
    )


@bp.get("/roles/<slug>/<region_code>")
def show_ranking(slug: str, region_code: str) -> str:
    """The ranking of one opening, by code until somebody is shortlisted."""
    return _ranking_page(_opening(slug, region_code), DecisionForm(formdata=None))


def _ranking_page(opening: Opening, form: DecisionForm) -> str:
    view = rankings.look(opening, request.args.get("after"))
    afterwards.note_identities(view.named)
    return render_template(
        "manager/ranking.html",
        opening=opening,
        view=view,
        form=form,
        button=EmptyForm(formdata=None),
        numbers=counters.of([opening.id])[opening.id],
        appeals=appeals.open_in(opening.id),
    )


@bp.post("/roles/<slug>/<region_code>/decide")
def decide(slug: str, region_code: str) -> Response | tuple[str, int]:
    """Decide on one or several applicants of an opening, with the reason."""
    opening, form = _opening(slug, region_code), DecisionForm()
    if not form.validate_on_submit():
        return _ranking_page(opening, form), 422
    wanted = dict(form.data)
    chosen = applications.by_codes(opening.id, wanted["codes"])
    tally = decisions.decide_all(chosen, Stage[wanted["stage"]], wanted["reason"], people.me().id, clock.now())
    db.session.commit()
    if tally.decided:
        flash(ngettext("Decided for one applicant.", "Decided for %(num)d applicants.", tally.decided), "good")
    if tally.unchanged:
        flash(ngettext("One was decided like this before.", "%(num)d were so before.", tally.unchanged), "message")
    for code, refusal in tally.refused:
        flash(f"{code}: {words_of(refusal)}", "bad")
    return redirect(_back(opening), 303)


def _back(opening: Opening) -> str:
    """Where a decision was made: the applicant's page for one, else the ranking."""
    if request.form.get("from") == "application" and request.form.get("codes"):
        return url_for("manager.show_application", code=request.form["codes"])
    return url_for("manager.show_ranking", slug=opening.role.slug, region_code=opening.region.code)


@bp.get("/applications/<code>/preview/<slug>/<part>")
def show_preview(code: str, slug: str, part: str) -> Response:
    """The page for the frame in which a part's HTML and CSS are looked at."""
    found = dossiers.source(ranking.dossier(application_of(code)), slug, part)
    return preview.answer(*found)


@bp.get("/applications/<code>/frozen/<slug>/<field>")
def show_frozen(code: str, slug: str, field: str) -> Response:
    """What the link in an answer showed when it was handed in, for a frame."""
    return preview.answer(*dossiers.frozen(ranking.dossier(application_of(code)), slug, field))


@bp.get("/applications/<code>/files/<slug>/<field>")
def show_file(code: str, slug: str, field: str) -> Response:
    """A file of an answer, as a copy without what says who made it; where none could be made, the original by name."""
    return files.answer(*dossiers.file(ranking.dossier(application_of(code)), slug, field))


@bp.post("/applications/<code>/late/<receipt>")
def count_late(code: str, receipt: str) -> Response | tuple[str, int]:
    """Let an answer that came after the end count, with the reason."""
    application, submission, form = application_of(code), submissions.by_code(receipt), CountForm()
    if submission is None or submission.attempt.invitation.application_id != application.id:
        raise NotFound
    if not form.validate_on_submit():
        return _application_page(application, form), 422
    late.count(submission, form.reason.data or "", Actor.user(people.me().id), clock.now())
    db.session.commit()
    flash(_("The answer counts now and goes to the reviewers. The applicant is told by mail."), "good")
    return redirect(url_for("manager.show_application", code=code), 303)


@bp.post("/applications/<code>/undo")
def undo(code: str) -> Response:
    """Take back a decision that nobody was told."""
    application = application_of(code)
    decisions.undo(application, people.me().id, clock.now())
    db.session.commit()
    flash(_("The decision is taken back."), "good")
    return redirect(url_for("manager.show_application", code=code), 303)


@bp.post("/roles/<slug>/<region_code>/release")
def release(slug: str, region_code: str) -> Response:
    """Tell everybody who is decided on. Sending it twice tells nobody twice."""
    opening = _opening(slug, region_code)
    told = decisions.release_all(opening.id, people.me().id, clock.now())
    db.session.commit()
    if told:
        flash(ngettext("One applicant is told by mail.", "%(num)d applicants are told by mail.", told), "good")
    else:
        flash(_("Everybody who is decided on has been told already."), "message")
    return redirect(url_for("manager.show_ranking", slug=slug, region_code=region_code), 303)


@bp.get("/applications/<code>")
def show_application(code: str) -> str:
    """Everything that explains an application's score, and what was decided."""
    return _application_page(application_of(code), CountForm(formdata=None))


def _application_page(application: Application, count_form: CountForm) -> str:
    view = dossiers.look(ranking.dossier(application), locale.tag())
    if view.person is not None:
        afterwards.note_identities([application.id])
    return render_template(
        "manager/application.html",
        application=application,
        view=view,
        alike=wording.listed(application, people.me(), locale.tag()),
        history=decisions.history(application.id),
        after=told.of_application(application, locale.tag()),
        form=DecisionForm(formdata=None),
        count_form=count_form,
        button=EmptyForm(formdata=None),
        can_replace_link=permissions.can_recruit(people.me(), application.opening.region),
    )


@bp.get("/applications/<code>/wording/<slug>/<field>/<other>")
def show_wording(code: str, slug: str, field: str, other: str) -> str:
    """Two answers with much of the same wording, side by side."""
    application = application_of(code)
    view = wording.look(likenesses.between(application, application_of(other), slug, field), locale.tag())
    afterwards.note_identities(view.named)
    return render_template("manager/wording.html", application=application, view=view)
