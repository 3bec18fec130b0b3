"""The only look at the clock, and the only place that turns wall time into instants and back.

Instants are aware datetimes in UTC; wall time is a naive datetime beside the name of its zone. Where a wall time
has two answers, or none, the later reading counts: no rule here ever takes time away from anybody.
"""

import importlib.resources
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

# Python prefers the machine's zone data, which may be years old; deadlines are then an hour wrong in
# some countries. With no search path left, only the pinned tzdata package is read.
zoneinfo.reset_tzpath(to=[])
ZoneInfo.clear_cache()

# "EST" means New York to most people and Panama to the data; the others are a placeholder, files that
# differ from machine to machine, and offsets in disguise.
_REFUSED: Final = frozenset(
    ("EST", "MST", "HST", "Factory", "localtime", "posixrules", "GMT+0", "GMT-0", "GMT0"),
)
_REFUSED_FOLDERS: Final = ("right/", "posix/")
_NAMES: Final = frozenset(
    name for name in zoneinfo.available_timezones() if name not in _REFUSED and not name.startswith(_REFUSED_FOLDERS)
)
_SPELLINGS: Final = {name.casefold(): name for name in _NAMES}

ANYWHERE_ON_EARTH: Final = "Etc/GMT+12"
"""The last zone in which a day ends (UTC-12: the sign in these names is inverted)."""

_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1)
# An instant in these years can be shown in every zone; at the ends of the calendar an offset would overflow.
_FIRST_YEAR: Final = 2
_LAST_YEAR: Final = 9998


class TimeRefused(ValueError):
    """A time, or the name of a zone, that cannot be used."""


class UnknownZone(TimeRefused):
    """Not the name of a time zone that stands for a place. `suggestion` is the right spelling, where one is near."""

    def __init__(self, suggestion: str | None = None) -> None:
        super().__init__("This is not the name of a time zone, such as Europe/Kyiv.")
        self.suggestion = suggestion


class WallTimeSkipped(TimeRefused):
    """A wall time that the clocks jump over. `next_valid` is the first one after it, local and naive."""

    def __init__(self, next_valid: datetime) -> None:
        super().__init__(f"The clocks are put forward over this time. The next one is {next_valid.isoformat(' ')}.")
        self.next_valid = next_valid


@dataclass(frozen=True)
class ZoneChoice:
    """One line of a list of zones: `region` groups, `place` is read, `name` is stored."""

    name: str
    region: str
    place: str
    offset: str
    offset_minutes: int


@dataclass(frozen=True)
class ShownTime:
    """An instant as finished values for a page, in the reader's zone and in UTC.

    `iso` is UTC to the second with a Z, `local` aware in the zone, `offset` such as UTC−03:00, and
    `left` the time from now to it, negative when it has passed.
    """

    iso: str
    local: datetime
    place: str
    offset: str
    utc: datetime
    left: timedelta


def now() -> datetime:
    """Give the present instant, aware, in UTC."""
    return datetime.now(UTC)


def tzdata_version() -> str:
    """Give the version of the zone data in use as IANA names it, such as 2026f."""
    first_line = _zone_file("tzdata.zi").partition("\n")[0]
    return first_line.removeprefix("# version ").strip()


def zone(name: str) -> ZoneInfo:
    """Find a zone by its IANA name or alias, spelled exactly, from the pinned data alone.

    Raises UnknownZone for everything else: other spellings, EST and its like, offsets, paths, the machine's own zone.
    """
    return _find(name)


def deadline_utc(zone: str, local: datetime) -> datetime:
    """Turn a naive wall time in a zone into its instant, as a form does; of a repeated hour, the later instant.

    Raises WallTimeSkipped for a time that never happens there, UnknownZone, and TimeRefused for an aware time
    or one at the ends of the calendar.
    """
    place = _find(zone)
    first, second = _readings(place, local)
    valid = [instant for instant in (first, second) if _wall(instant, place) == local]
    if not valid:
        raise WallTimeSkipped(_after_gap(place, local, second, first))
    return max(valid)


def stored_deadline_utc(zone: str, local: datetime) -> datetime:
    """Turn a wall time that was already promised into its instant: as `deadline_utc`, but never skipped.

    New zone data may move a stored time into a gap; it then counts as if the clocks had not been put
    forward, which is the later reading. Raises UnknownZone and TimeRefused as `deadline_utc` does.
    """
    return max(_readings(_find(zone), local))


def add_days(instant: datetime, days: int, zone: str) -> datetime:
    """Move an instant by whole days of the zone's calendar, keeping the hour on the wall (not multiples of 24 h).

    Landing in a repeated hour gives the later instant; landing in a gap moves forward by the gap's length.
    Raises UnknownZone, and TimeRefused for a naive instant or a result at the ends of the calendar.
    """
    place = _find(zone)
    wall = _wall(_utc(instant), place)
    try:
        moved = wall + timedelta(days=days)
    except OverflowError as error:
        raise TimeRefused("This date is too far away.") from error
    return max(_readings(place, moved))


def cutoff(
    started_at: datetime,
    duration: timedelta | None,
    multiplier: int | Fraction,
    window_end: datetime,
    extra: timedelta,
) -> datetime:
    """Give the last instant at which an answer is on time: min(started + duration x multiplier, window end + extra).

    Without a duration there is no personal timer and only the window counts. All elapsed time, in UTC; a
    fraction of a microsecond rounds up. Raises TimeRefused for naive instants, and for a negative duration
    or extra and a multiplier below 1, which would take time away.
    """
    if extra < timedelta() or multiplier < 1 or (duration is not None and duration < timedelta()):
        raise TimeRefused("Extra time adds time; it never takes any away.")
    try:
        ends = [_utc(window_end) + extra]
        if duration is not None:
            microseconds = -(-(duration // _MICROSECOND) * Fraction(multiplier) // 1)
            ends.append(_utc(started_at) + timedelta(microseconds=microseconds))
    except OverflowError as error:
        raise TimeRefused("This date is too far away.") from error
    return _utc(min(ends))


def zone_choices(now: datetime) -> list[ZoneChoice]:
    """List the zones to choose from, with their offset at this instant: UTC and Anywhere on Earth, then by region.

    One name for each place that IANA lists by country (so Stockholm is found, though it shares Berlin's data);
    no aliases and no other fixed offsets. Sorted by region and place, so that a page can group them.
    """
    instant = _utc(now)
    places = sorted(_country_names(), key=lambda name: (name.partition("/")[0], _place_in_region(name)))
    return [_choice(name, instant) for name in ("UTC", ANYWHERE_ON_EARTH, *places)]


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """List the other names of the zones of `zone_choices`, which browsers still report: Asia/Calcutta for Kolkata."""
    listed = _country_names()
    found: dict[str, tuple[str, ...]] = {}
    for line in _zone_file("tzdata.zi").splitlines():
        kind, _, names = line.partition(" ")
        if kind == "L":
            target, _, alias = names.partition(" ")
            if target in listed and alias not in listed and alias in _NAMES:
                found[target] = (*found.get(target, ()), alias)
    return found


def shown(instant: datetime, zone: str, now: datetime) -> ShownTime:
    """Prepare an instant for a page in the reader's zone. Raises UnknownZone, and TimeRefused for naive times."""
    utc = _utc(instant)
    local = utc.astimezone(_find(zone))
    return ShownTime(
        iso=utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        local=local,
        place=_place(zone, local),
        offset=_offset_text(local),
        utc=utc,
        # Both in UTC: between two times of one zone Python would subtract what the wall clocks say.
        left=utc - _utc(now),
    )


@cache
def _find(name: str) -> ZoneInfo:
    # Checked against the list first: zoneinfo answers hostile names with OSError, ValueError or a file.
    # The cache holds accepted names only (zoneinfo's own forgets all but eight) and so stays small.
    if name not in _NAMES:
        raise UnknownZone(_SPELLINGS.get(name.casefold()))
    return ZoneInfo(name)


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise TimeRefused("An instant needs its time zone; this time has none.")
    try:
        utc = instant.astimezone(UTC)
    except OverflowError as error:
        raise TimeRefused("This date is too far away.") from error
    if not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise TimeRefused("This date is too far away.")
    return utc


def _readings(place: ZoneInfo, local: datetime) -> tuple[datetime, datetime]:
    """Read a wall time with the offset before (first) and after (second) a change near it; equal where none is."""
    if local.tzinfo is not None:
        raise TimeRefused("A wall time is read in the zone beside it and carries none of its own.")
    first, second = (_utc(local.replace(tzinfo=place, fold=fold)) for fold in (0, 1))
    return first, second


def _wall(instant: datetime, place: ZoneInfo) -> datetime:
    return instant.astimezone(place).replace(tzinfo=None, fold=0)


def _after_gap(place: ZoneInfo, local: datetime, low: datetime, high: datetime) -> datetime:
    """Find the first wall time after a skipped one; the clocks change in (low, high], on a whole second."""
    whole = timedelta(microseconds=local.microsecond)
    low, high = low - whole, high - whole
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if _wall(middle, place) > local:
            high = middle
        else:
            low = middle
    return _wall(high, place)


@cache
def _zone_file(name: str) -> str:
    return importlib.resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")


@cache
def _country_names() -> frozenset[str]:
    rows = (line.split("\t") for line in _zone_file("zone.tab").splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows) & _NAMES


def _choice(name: str, instant: datetime) -> ZoneChoice:
    local = instant.astimezone(_find(name))
    fixed = name in ("UTC", ANYWHERE_ON_EARTH)
    return ZoneChoice(
        name=name,
        region="UTC" if fixed else name.partition("/")[0],
        place=_place(name, local) if fixed else _place_in_region(name),
        offset=_offset_text(local),
        offset_minutes=_offset(local) // timedelta(minutes=1),
    )


def _place_in_region(name: str) -> str:
    """Write what follows the region, the smaller place first: Buenos Aires, Argentina."""
    return ", ".join(reversed(name.split("/")[1:])).replace("_", " ")


def _place(name: str, local: datetime) -> str:
    if name == ANYWHERE_ON_EARTH:
        return "Anywhere on Earth"
    if name.startswith("Etc/"):
        # "GMT+5" lies five hours behind: the sign in these names is inverted and would mislead.
        return _offset_text(local) if _offset(local) else "UTC"
    return name.rpartition("/")[2].replace("_", " ")


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _offset_text(local: datetime) -> str:
    """Write UTC+05:45 or UTC−03:00 (with a true minus); seconds only where old local times have them."""
    offset = _offset(local)
    minutes, seconds = divmod(abs(offset) // _SECOND, 60)
    sign = "−" if offset < timedelta() else "+"
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
