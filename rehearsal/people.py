"""Who takes part in the rehearsal: one company, its people, and twelve candidates in twelve time zones."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Harbour Street Software"
PASSWORD = "twelve people, twelve zones"


@dataclass(frozen=True)
class Colleague:
    """A member of staff and the duties that they are given, written as on the form."""

    name: str
    email: str
    duties: tuple[str, ...]


ADMINISTRATOR = Colleague("Noor Haddad", "noor@harbour.example", ())
MANAGER = Colleague("Elena Petrova", "elena@harbour.example", ("manager:*",))
REVIEWERS = (
    Colleague("Tom Okafor", "tom@harbour.example", ("grader:*",)),
    Colleague("Yuki Mori", "yuki@harbour.example", ("grader:*",)),
)
RECRUITERS = {
    "AMER": Colleague("Lucía Vargas", "lucia@harbour.example", ("recruiter:AMER",)),
    "EMEA": Colleague("Radu Popa", "radu@harbour.example", ("recruiter:EMEA",)),
    "APAC": Colleague("Siti Rahma", "siti@harbour.example", ("recruiter:APAC",)),
}


@dataclass(frozen=True)
class Applicant:
    """A candidate: where they live, and the language in which they read and answer."""

    name: str
    region: str
    country: str
    zone: str
    language: str

    @property
    def email(self) -> str:
        """An address from their name."""
        return self.name.lower().replace(" ", ".") + "@candidate.example"


APPLICANTS = (
    Applicant("Ana Lima", "AMER", "BR", "America/Sao_Paulo", "pt-BR"),
    Applicant("Joao Costa", "AMER", "BR", "America/Manaus", "pt-BR"),
    Applicant("Mateo Ruiz", "AMER", "MX", "America/Mexico_City", "es"),
    Applicant("Carla Soto", "AMER", "PE", "America/Lima", "es"),
    Applicant("Ioana Radu", "EMEA", "RO", "Europe/Bucharest", "ro"),
    Applicant("Oleg Bondar", "EMEA", "UA", "Europe/Kyiv", "ru"),
    Applicant("Amina Bello", "EMEA", "NG", "Africa/Lagos", "en"),
    Applicant("Sean Walsh", "EMEA", "IE", "Europe/Dublin", "en"),
    Applicant("Wang Fang", "APAC", "CN", "Asia/Shanghai", "zh-Hans"),
    Applicant("Lee Hui", "APAC", "SG", "Asia/Singapore", "zh-Hans"),
    Applicant("Dev Sharma", "APAC", "NP", "Asia/Kathmandu", "en"),
    Applicant("Mia Brown", "APAC", "AU", "Australia/Lord_Howe", "en"),
)
