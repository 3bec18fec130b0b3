"""Winnow: the same take-home challenge for everyone, judged by the work, unnamed, by more than one person."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_login import user_logged_in, user_logged_out
from flask_security import SQLAlchemyUserDatastore
from werkzeug.middleware.proxy_fix import ProxyFix

# Importing the clock pins the zone data; nothing asks for a zone while it is imported.
from app import (
    arrivals,
    assets,
    cli,
    clock,
    errors,
    extensions,
    files,
    headers,
    health,
    locale,
    logs,
    metrics,
    pages,
    people,
)
from app.admin.views import bp as admin_room
from app.auth.views import bp as auth_room
from app.candidate.preview import bp as candidate_preview
from app.candidate.views import bp as candidate_room
from app.demo.views import bp as demo_room
from app.extensions import babel, csrf, db, mailman, migrate, security
from app.grader.preview import bp as grader_preview
from app.grader.views import bp as grader_room
from app.manager.library import bp as library_room
from app.manager.outcomes import bp as outcomes_room
from app.manager.views import bp as manager_room
from app.manager.weights import bp as weights_room
from app.models import StaffRole, User
from app.openings.views import bp as openings_room
from app.recruiter.views import bp as recruiter_room
from config import ROOT, Config

ROOMS = (
    openings_room,
    candidate_room,
    candidate_preview,
    auth_room,
    grader_room,
    grader_preview,
    manager_room,
    library_room,
    outcomes_room,
    weights_room,
    recruiter_room,
    admin_room,
    health.bp,
    metrics.bp,
)
# Pages that another page of this site may show in a frame.
FRAMED = frozenset({"openings.preview", "candidate_preview.show", "grader_preview.show"})
# Pages with a secret in their address, which no other page shall be told.
UNREFERRED = frozenset({"candidate.show_link", "candidate.use_link"})
# Pages that take files.
UPLOADS = frozenset({"candidate.save_draft", "candidate.submit", "candidate.keep_file", "candidate.practise"})


def create_app(config: Config | None = None) -> Flask:
    """Wire extensions, rooms, errors and commands. Opens no connection and no file of the data folder."""
    config = config or Config.from_environ()
    app = Flask(__name__, instance_path=str(config.home))
    app.config.from_mapping(config.flask())
    app.config.from_mapping(extensions.engine_settings(config.database_url))
    app.config.from_mapping(_mail_settings(config), WINNOW_FRAMED=FRAMED, WINNOW_UPLOADS=UPLOADS)
    app.config.from_mapping(WINNOW_UNREFERRED=UNREFERRED)
    app.config.from_mapping(SECURITY_SETTINGS, BABEL_TRANSLATION_DIRECTORIES=str(Path(app.root_path) / "translations"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    arrivals.init_app(app)
    logs.init_app(app)
    _wire(app)
    for room in ROOMS:
        app.register_blueprint(room)
    if not config.production:
        app.register_blueprint(demo_room)
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


# Staff sign in with a password, kept as argon2id; every other door of Flask-Security stays shut until it is needed.
SECURITY_SETTINGS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGIN_USER_TEMPLATE": "auth/sign_in.html",
    "SECURITY_POST_LOGIN_VIEW": "/home",
    "SECURITY_POST_LOGOUT_VIEW": "/jobs",
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_FRESHNESS_GRACE_PERIOD": 0,
    "SECURITY_ANONYMOUS_USER_DISABLED": False,
}


def _mail_settings(config: Config) -> dict[str, object]:
    mail = config.mail
    return {
        "MAIL_SERVER": mail.server or "localhost",
        "MAIL_PORT": mail.port,
        "MAIL_USERNAME": mail.username,
        "MAIL_PASSWORD": mail.password,
        "MAIL_USE_TLS": mail.use_tls,
        "MAIL_USE_SSL": mail.use_ssl,
        "MAIL_DEFAULT_SENDER": mail.sender,
        "MAIL_TIMEOUT": 15,
    }


def _wire(app: Flask) -> None:
    db.init_app(app)
    extensions.prepare_engines(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    files.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale.choose, timezone_selector=lambda: "UTC")
    mailman.init_app(app)
    security.init_app(app, SQLAlchemyUserDatastore(db, User, StaffRole), register_blueprint=True)
    app.login_manager.user_loader(people.load_user)  # type: ignore[attr-defined]
    user_logged_in.connect(people.on_sign_in, app)
    user_logged_out.connect(people.on_sign_out, app)
    errors.init_app(app)
    headers.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    cli.init_app(app)


__all__ = ["clock", "create_app"]
