"""Forms of the sign-in room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import Email, EqualTo, InputRequired, Length

from app.services.staff import SHORTEST_PASSWORD


class PasswordForm(FlaskForm):
    """Choose a password."""

    password = PasswordField(
        _l("Password"),
        description=_l("At least %(n)s characters. Any characters; a sentence is fine.", n=SHORTEST_PASSWORD),
        validators=[InputRequired(), Length(min=SHORTEST_PASSWORD, max=200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("The same password again"),
        validators=[InputRequired(), EqualTo("password", message=_l("The two passwords are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class FirstPersonForm(PasswordForm):
    """The first administrator names themselves, too."""

    name = StringField(
        _l("Your name"), validators=[InputRequired(), Length(max=120)], render_kw={"autocomplete": "name"}
    )
    email = EmailField(
        _l("Your mail address"),
        validators=[InputRequired(), Email(), Length(max=254)],
        render_kw={"autocomplete": "email"},
    )
