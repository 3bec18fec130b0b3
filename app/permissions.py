"""Who may do what. Every question is answered here; where the answer is no, the page does not exist.

A scope of None means everywhere. Administrators run the installation; they are not readers unless they are given
that duty as well, and the desk stays blind to them too.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.models import Application, Assignment, Duty, Opening, Region, User
from app.refusals import NotFound

HIRING = (Duty.ADMINISTRATOR, Duty.MANAGER, Duty.LEAD)


def require(allowed: bool) -> None:
    """Go on, or answer exactly as for something that does not exist."""
    if not allowed:
        raise NotFound


def holds(user: User, *duties: Duty, region: Region | None = None) -> bool:
    """Whether the person has one of these duties, everywhere or (where a region is given) for it or its parent."""
    for membership in user.memberships:
        if membership.duty not in duties:
            continue
        if membership.region_id is None or region is None:
            return True
        if membership.region_id in (region.id, region.parent_id):
            return True
    return False


def region_ids(user: User, regions: list[Region], *duties: Duty) -> list[int]:
    """The regions among these for which the person has one of the duties."""
    return [region.id for region in regions if holds(user, *duties, region=region)]


def can_administer(user: User) -> bool:
    """People, regions, mailbox, audit trail."""
    return holds(user, Duty.ADMINISTRATOR)


def can_hire(user: User) -> bool:
    """Create roles and see rankings in at least one region."""
    return holds(user, *HIRING)


def can_write_challenges(user: User) -> bool:
    """Read the library with its examples, write challenges and publish them."""
    return holds(user, *HIRING)


def can_manage(user: User, opening: Opening) -> bool:
    """See an opening's ranking, decide and release."""
    return holds(user, *HIRING, region=opening.region)


def can_weigh(user: User, openings: Sequence[Opening]) -> bool:
    """Change how a role is weighed: it changes the ranking of every region that the role is open in."""
    return can_hire(user) and all(can_manage(user, opening) for opening in openings)


def can_recruit(user: User, region: Region) -> bool:
    """See a region's applicants by name, open roles there, move people, answer their questions."""
    return holds(user, Duty.RECRUITER, Duty.LEAD, Duty.ADMINISTRATOR, region=region)


def recruits(user: User) -> bool:
    """Work at the desk of at least one region."""
    return holds(user, Duty.RECRUITER, Duty.LEAD, Duty.ADMINISTRATOR)


def can_read_thread(user: User, application: Application, is_named: bool) -> bool:
    """Read what an applicant and the team wrote: who recruits there, and who hires once the name is shown to them."""
    opening = application.opening
    return can_recruit(user, opening.region) or (is_named and can_manage(user, opening))


def can_grade(user: User) -> bool:
    """Sit at the review desk."""
    return holds(user, Duty.GRADER)


def can_rate(user: User, assignment: Assignment) -> bool:
    """Read and rate this answer."""
    return can_grade(user) and assignment.grader_id == user.id
