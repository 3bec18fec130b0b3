"""Who is looking: the member of staff or the candidate behind this request."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import after_this_request, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from flask_security.utils import login_user, logout_user
from werkzeug.wrappers import Response

from app import clock, tokens
from app.extensions import db, security
from app.models import Application, CandidateSession, User
from app.refusals import NotFound
from app.services import devices, invitations, staff

STAFF_TOKEN, CANDIDATE_TOKEN = "staff", "candidate"
# A browser is known for as long as browsers keep a cookie.
DEVICE_KEPT = timedelta(days=400)
DEVICE = re.compile(r"[A-Za-z0-9_-]{43}")


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


def my_session() -> CandidateSession | None:
    """This browser's candidate session, while it lasts."""
    if "candidate_session" not in g:
        token = session.get(CANDIDATE_TOKEN)
        g.candidate_session = invitations.session_of(token, clock.now()) if token else None
    found: CandidateSession | None = g.candidate_session
    return found


def my_application() -> Application:
    """The application that this browser's candidate session is for, or NotFound."""
    found = my_session()
    if found is None:
        raise NotFound
    return found.application


def has_candidate_session() -> bool:
    """Whether this browser's candidate session stands for an application now."""
    return my_session() is not None


def be_nobody() -> None:
    """Answer the rest of this request as to a browser without a candidate session."""
    g.candidate_session = None


def begin_candidate_session(application: Application, by_link: bool) -> None:
    """Let this browser act for the candidate, and know it from now on. Committed by the caller."""
    end_candidate_session()
    now, device = clock.now(), my_device() or tokens.fresh()
    session[CANDIDATE_TOKEN] = invitations.open_session(application, now, by_link)
    session.permanent = True
    devices.remember(application, device, now)
    _keep_device(device)


def blank_candidate_session() -> None:
    """Give this browser cookies that look like a candidate session and open nothing.

    Whoever applies with an address that is known already must not see a difference. Committed by the caller.
    """
    end_candidate_session()
    session[CANDIDATE_TOKEN] = tokens.fresh()
    session.permanent = True
    _keep_device(my_device() or tokens.fresh())


def end_candidate_session() -> None:
    """End the session of the candidate in this browser, which stays known. Committed by the caller."""
    if old := session.pop(CANDIDATE_TOKEN, None):
        invitations.close_session(old)
    g.pop("candidate_session", None)


def forget_candidate() -> None:
    """End the session and forget this browser, for all its applications. Committed by the caller."""
    end_candidate_session()
    if device := my_device():
        devices.forget(device)
        _keep_device(None)


def my_device() -> str | None:
    """The token by which this browser is known. It opens nothing by itself: it only spares a candidate the code."""
    token = request.cookies.get(_device_cookie(), "")
    return token if DEVICE.fullmatch(token) else None


def _device_cookie() -> str:
    name: str = current_app.config["SESSION_COOKIE_NAME"]
    return f"{name}-device"


def _keep_device(token: str | None) -> None:
    """Set the cookie of the browser, or take it away. Apart from the session, which ends with each sign-in and out."""

    def keep(response: Response) -> Response:
        response.set_cookie(
            _device_cookie(),
            token or "",
            max_age=DEVICE_KEPT if token else 0,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    after_this_request(keep)


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
