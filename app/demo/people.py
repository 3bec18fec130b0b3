"""The invented people of the demo company. Every one of them is marked as invented wherever they appear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.models import Duty, Stage

COMPANY = "Tidewater Boards"


@dataclass(frozen=True)
class Colleague:
    """A member of staff: what they do, and where (None: everywhere)."""

    name: str
    address: str
    duties: tuple[Duty, ...]
    region: str | None
    zone: str


HIRING_MANAGER = Colleague("Ines Duarte", "ines", (Duty.MANAGER,), None, "Europe/Lisbon")
ADMINISTRATOR = Colleague("Paulo Reis", "paulo", (Duty.ADMINISTRATOR,), None, "Europe/Lisbon")
REVIEWERS = (
    Colleague("Aiko Tanaka", "aiko", (Duty.GRADER,), None, "Asia/Tokyo"),
    Colleague("Jonas Weber", "jonas", (Duty.GRADER,), None, "Europe/Berlin"),
    Colleague("Thandi Mokoena", "thandi", (Duty.GRADER,), None, "Africa/Johannesburg"),
)
RECRUITERS = (
    Colleague("Camila Rojas", "camila", (Duty.RECRUITER,), "AMER", "America/Bogota"),
    Colleague("Maria Ionescu", "maria", (Duty.RECRUITER,), "EMEA", "Europe/Bucharest"),
    Colleague("Mei Lin Tan", "meilin", (Duty.RECRUITER,), "APAC", "Asia/Singapore"),
)
STAFF = (HIRING_MANAGER, *REVIEWERS, *RECRUITERS, ADMINISTRATOR)


@dataclass(frozen=True)
class Applicant:
    """Somebody who applied, told from today backwards.

    `example` names the shipped answer that they handed in (None: not yet), `second` that to the second challenge, for
    a job that has two. `read` is by how many they were read. `stage` is where people have brought them; `differs` makes
    the second reader disagree by two levels. `reworded` are words of the example that they wrote differently.
    """

    name: str
    region: str
    country: str
    zone: str
    locale: str
    days_ago: float
    example: str | None = None
    started: bool = True
    read: int = 2
    stage: Stage = Stage.IN_ASSESSMENT
    told: bool = False
    differs: bool = False
    second: str | None = None
    reworded: tuple[tuple[str, str], ...] = ()

    @property
    def age(self) -> timedelta:
        """How long ago they applied."""
        return timedelta(days=self.days_ago)


@dataclass(frozen=True)
class Question:
    """What an applicant asked so many hours ago, and the answer so many hours later (None: not yet)."""

    of: str
    hours_ago: float
    words: str
    after_hours: float | None = None
    answer: str = ""


QUESTIONS = (
    Question(
        "Diego Paredes",
        20.5,
        "Hola. ¿Puedo trabajar desde Lima todo el año, o hay semanas en las que hay que viajar?",
        2.6,
        "Hola, Diego:\n\nSí, todo el año. Una vez al año nos vemos todos durante una semana; el viaje lo pagamos "
        "nosotros y puedes decir que no.\n\nUn saludo",
    ),
    Question("Nguyen Minh Anh", 1.3, "Hello, is it a problem if my internet is slow in the rainy season?"),
)


LEADS = (
    Applicant("Zanele Dube", "EMEA", "ZA", "Africa/Johannesburg", "en", 1.2, started=False, stage=Stage.APPLIED),
    Applicant("Bruno Silva", "EMEA", "PT", "Europe/Lisbon", "pt-BR", 2.4, "01-excellent.pt-BR"),
    Applicant("Emma Lindqvist", "EMEA", "SE", "Europe/Stockholm", "en", 3.2, "05-fair.en", second="04-fair.en", read=0),
    Applicant(
        "Katarína Horváthová", "EMEA", "SK", "Europe/Bratislava", "en", 6.1, "04-good.en", second="03-excellent.en"
    ),
    Applicant("Tom Hughes", "EMEA", "GB", "Europe/London", "en", 6.8, "02-chatbot.en", second="02-chatbot.en"),
)
"""Who wants to lead a team: two challenges each."""

APPLICANTS = (
    # Some have just begun.
    Applicant("Luiza Carvalho", "AMER", "BR", "America/Sao_Paulo", "pt-BR", 0.2, started=False, stage=Stage.APPLIED),
    Applicant("Owen Clarke", "EMEA", "IE", "Europe/Dublin", "en", 1.1, started=False, stage=Stage.APPLIED),
    Applicant("Nguyen Minh Anh", "APAC", "VN", "Asia/Ho_Chi_Minh", "en", 0.6),
    Applicant("Diego Paredes", "AMER", "PE", "America/Lima", "es", 1.4),
    # Some wait for their readers.
    Applicant("Fatima Zahra Idrissi", "EMEA", "MA", "Africa/Casablanca", "en", 2.2, "07-weak.en", read=0),
    Applicant("Sofía Herrera", "AMER", "MX", "America/Mexico_City", "es", 2.6, "02-poor.es", read=0),
    Applicant("Li Na", "APAC", "CN", "Asia/Shanghai", "zh-Hans", 2.1, "02-weak.zh-Hans", read=0),
    Applicant("Rafael Nunes", "AMER", "BR", "America/Fortaleza", "pt-BR", 3.3, "02-fair.pt-BR", read=1),
    Applicant("Andrei Munteanu", "EMEA", "RO", "Europe/Bucharest", "ro", 3.1, "01-fair.ro", read=1),
    # Some are read; on one the readers are far apart; one reply-by date has passed.
    Applicant("Grace Wanjiru", "EMEA", "KE", "Africa/Nairobi", "en", 5.0, "05-fair.en"),
    Applicant("Ananya Iyer", "APAC", "IN", "Asia/Kolkata", "en", 5.4, "06-good.en", differs=True),
    Applicant("Marcus Boateng", "EMEA", "GH", "Africa/Accra", "en", 19.0, "04-weak.en"),
    # She found the same example on the web as Grace.
    Applicant(
        "Nomvula Khumalo",
        "EMEA",
        "ZA",
        "Africa/Johannesburg",
        "en",
        4.3,
        "05-fair.en",
        reworded=(
            ("Hi Ben,", "Hello Ben,"),
            ("Thanks for writing in.", "Thank you for getting in touch."),
            ("and there will be no more payments after that", "and nothing more will be charged"),
            ("Joana", "Nomvula"),
        ),
    ),
    Applicant("Valentina Ríos", "AMER", "CO", "America/Bogota", "es", 6.2, "01-good.es"),
    # People have decided about the others.
    Applicant("Olena Kravets", "EMEA", "UA", "Europe/Kyiv", "ru", 9.0, "01-good.ru", stage=Stage.SHORTLISTED),
    Applicant(
        "Bruna Teixeira",
        "AMER",
        "BR",
        "America/Manaus",
        "pt-BR",
        12.0,
        "01-excellent.pt-BR",
        stage=Stage.INTERVIEW,
        told=True,
    ),
    Applicant(
        "Chen Yu", "APAC", "SG", "Asia/Singapore", "zh-Hans", 15.0, "01-excellent.zh-Hans", stage=Stage.OFFER, told=True
    ),
    Applicant(
        "Jordan Whitaker",
        "AMER",
        "CA",
        "America/Vancouver",
        "en",
        24.0,
        "03-excellent.en",
        stage=Stage.HIRED,
        told=True,
    ),
    Applicant(
        "Piotr Nowak", "EMEA", "PL", "Europe/Warsaw", "en", 17.0, "02-chatbot.en", stage=Stage.NOT_SELECTED, told=True
    ),
    Applicant(
        "Kyle Bennett",
        "APAC",
        "AU",
        "Australia/Adelaide",
        "en",
        16.0,
        "01-poor.en",
        stage=Stage.NOT_SELECTED,
        told=True,
    ),
    Applicant(
        "Aoife Brennan", "EMEA", "IE", "Europe/Dublin", "en", 21.0, "08-good.en", stage=Stage.OFFER_DECLINED, told=True
    ),
    Applicant("Hana Suzuki", "APAC", "JP", "Asia/Tokyo", "en", 7.0, stage=Stage.WITHDRAWN),
)
