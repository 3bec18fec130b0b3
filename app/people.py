"""Who is looking: the member of staff or the candidate behind this request."""

from __future__ import annotations

from flask import g, redirect, request, session, url_for
from flask_login import current_user
from flask_security.utils import login_user, logout_user
from werkzeug.wrappers import Response

from app import clock, tokens
from app.extensions import db, security
from app.models import Application, User
from app.refusals import NotFound
from app.services import invitations, staff

STAFF_TOKEN, CANDIDATE_TOKEN = "staff", "candidate"


def me() -> User:
    """The signed-in member of staff. Only in rooms that ask for a sign-in first."""
    user = current_user._get_current_object()
    if not isinstance(user, User):
        raise NotFound
    return user


def staff_or_none() -> User | None:
    """The signed-in member of staff, or None for everybody else."""
    user = current_user._get_current_object() if current_user else None
    return user if isinstance(user, User) else None


def ask_to_sign_in() -> Response | None:
    """For a room's `before_request`: send a stranger to the sign-in page."""
    if staff_or_none() is None:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    return None


def sign_in(user: User) -> None:
    """Begin a new session for a member of staff in this browser; what the browser had before ends."""
    session.clear()
    login_user(user)


def sign_out() -> None:
    """End the session of the member of staff in this browser."""
    logout_user()
    session.clear()


def my_application() -> Application:
    """The application that this browser's candidate session is for, or NotFound."""
    if "application" not in g:
        token = session.get(CANDIDATE_TOKEN)
        g.application = invitations.application_of_session(token, clock.now()) if token else None
    if g.application is None:
        raise NotFound
    application: Application = g.application
    return application


def begin_candidate_session(application: Application, by_link: bool) -> None:
    """Let this browser act for the candidate. Committed by the caller."""
    end_candidate_session()
    session[CANDIDATE_TOKEN] = invitations.open_session(application, clock.now(), by_link)
    session.permanent = True


def has_candidate_session() -> bool:
    """Whether this browser's candidate session stands for an application now."""
    try:
        my_application()
    except NotFound:
        return False
    return True


def blank_candidate_session() -> None:
    """Give this browser a cookie that looks like a candidate session and opens nothing.

    Whoever applies with an address that is known already must not see a difference. Committed by the caller.
    """
    end_candidate_session()
    session[CANDIDATE_TOKEN] = tokens.fresh()
    session.permanent = True


def end_candidate_session() -> None:
    """Forget the candidate in this browser. Committed by the caller."""
    if old := session.pop(CANDIDATE_TOKEN, None):
        invitations.close_session(old)
    g.pop("application", None)


def on_sign_in(_sender: object, user: User, **_: object) -> None:
    """Flask-Login says that somebody signed in: a row in the database, its token in the cookie."""
    session[STAFF_TOKEN] = staff.open_session(user, clock.now())
    db.session.commit()


def on_sign_out(_sender: object, **_: object) -> None:
    """Flask-Login says that somebody signed out: the row goes, and a copied cookie is worth nothing."""
    if token := session.pop(STAFF_TOKEN, None):
        staff.close_session(token)
        db.session.commit()


def load_user(uniquifier: str) -> User | None:
    """For Flask-Login: the person, only while this browser's session lives in the database."""
    token = session.get(STAFF_TOKEN)
    user = security.datastore.find_user(fs_uniquifier=str(uniquifier))
    if not isinstance(user, User) or not user.active or not token:
        return None
    return user if staff.session_holds(token, user, clock.now()) else None
