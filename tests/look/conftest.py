"""A small site that shows every component in every state, and a browser to look at it with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, Response, abort, flash, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.serving import make_server
from wtforms import BooleanField, EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tests.serving import at_once, serving

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("pt-BR", "Português (Brasil)"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("zh-Hans", "简体中文"),
]


@dataclass(frozen=True)
class Shown:
    """A moment as app/clock.py hands it to the `time` macro."""

    iso: str
    local: datetime
    place: str
    offset: str
    utc: datetime
    left: timedelta


@dataclass(frozen=True)
class Named:
    """Whatever a template reads by attribute."""

    label: str = ""
    url: str | None = None
    current: bool = False
    state: str = ""
    hint: str | None = None
    name: str = ""
    logo_url: str | None = None
    key: str = ""
    meaning: str = ""
    anchors: tuple[str, ...] = ()


def shown(
    left: timedelta, zone: str = "America/Sao_Paulo", place: str = "São Paulo", offset: str = "UTC−03:00"
) -> Shown:
    utc = datetime(2027, 3, 14, 21, 0, tzinfo=UTC)
    return Shown(utc.isoformat(), utc.astimezone(ZoneInfo(zone)), place, offset, utc, left)


def choices(**labels: str) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in labels.items()]


class PatternForm(FlaskForm):
    name = StringField(
        "What shall we call you?", description="As you would sign a message.", validators=[InputRequired()]
    )
    email = EmailField("E-mail", validators=[InputRequired()])
    zone = SelectField(
        "Your time zone",
        choices=choices(**{"": "Choose…", "Asia/Manila": "Manila", "America/Sao_Paulo": "São Paulo"}),
        validators=[InputRequired()],
    )
    hours = RadioField(
        "Which hours suit you?",
        choices=choices(day="Daytime where I live", shift="Rotating shifts", night="Nights"),
        validators=[Optional()],
    )
    days = SelectMultipleField(
        "Days",
        choices=choices(sat="Saturdays", sun="Sundays"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    answer = TextAreaField("Your reply to Ben", validators=[Optional()])
    agree = BooleanField("This is my own work", description="AI help is fine where the challenge says so.")


CRITERION = Named(
    key="understands",
    name="Understands what is asked",
    meaning="Does the reply show that the request, and what lies behind it, was read?",
    anchors=(
        "Answers another question, or refuses without a reason.",
        "Closes the account but asks Ben to repeat what he already said.",
        "Confirms the closing and says what happens to the data and the bill.",
        "As 2, and asks in one sentence what went wrong without holding the closing back.",
    ),
)
STEPS = [
    Named(label="Read the challenge", state="done", url="#"),
    Named(label="Write your answer", state="current", hint="Your draft is saved as you type."),
    Named(label="Hear back", state="ahead", hint="by Fri 26 Mar 2027"),
]


def make_site() -> Flask:
    """Give the site; `?lang=`, `?dir=rtl` and `?errors=1` choose a state."""
    site = Flask("patterns", static_folder=str(ROOT / "app/static"), template_folder=str(ROOT / "app/templates"))
    site.config.update(SECRET_KEY="for looking only, never served", TESTING=True)
    site.jinja_env.undefined = StrictUndefined
    site.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "app/templates"), FileSystemLoader(ROOT / "tests/look")])
    Babel(site, locale_selector=lambda: request.args.get("lang", "en").replace("-", "_"))
    CSRFProtect(site)

    @site.context_processor
    def _shell() -> dict[str, object]:
        staff = request.path not in ("/reading", "/error")
        return {
            "company": Named(name="Harbour & Pine"),
            "persona": None,
            "locale_tag": request.args.get("lang", "en"),
            "text_direction": request.args.get("dir", "ltr"),
            "languages": LANGUAGES,
            "nav": [
                Named(label="Applicants", url="#a", current=True),
                Named(label="To review", url="#b"),
                Named(label="Coverage", url="#c"),
                Named(label="Messages", url="#d"),
            ]
            if staff
            else [],
            "person": "Ada Okafor" if staff else None,
            "sign_out_url": "/out",
        }

    @site.after_request
    def _policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @site.get("/<any(patterns, reading, desk, error):page>")
    def show(page: str) -> str:
        form = PatternForm(request.args) if request.args.get("errors") else PatternForm(formdata=None)
        if request.args.get("errors"):
            form.validate()
        if page == "patterns":
            flash("The release is planned for Friday.", "good")
            flash("The mail server did not answer. Nothing is lost; we try again by ourselves.", "bad")
        if page == "error":
            return render_template(
                "errors/page.html",
                title="This link has run out",
                what="The window for this challenge closed on Friday at 18:00 in São Paulo.",
                kept="Your last draft, saved at 17:58:03, is kept and was handed in for you.",
                todo="If something kept you from finishing, write to us. A person reads it.",
                actions=[("See my status", "#status"), ("Ask a question", "#ask")],
                reference="q7f2-19",
            )
        return render_template(
            f"{page}.html" if page == "patterns" else f"pattern_{page}.html",
            form=form,
            shown=shown,
            timedelta=timedelta,
            criterion=CRITERION,
            steps=STEPS,
        )

    @site.post("/out")
    def out() -> str:
        return "posted " + "".join(request.form.getlist("which"))

    @site.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @site.get("/part")
    def part() -> str:
        if request.headers.get("HX-Request") != "true" or not request.headers.get("X-CSRFToken"):
            abort(400)
        return "<p id='part'>brought by htmx</p>"

    return site


@pytest.fixture(scope="session")
def site() -> Flask:
    return make_site()


@pytest.fixture(scope="session")
def address(site: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, at_once(site), threaded=True)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"
