"""Why something cannot be done, in words for the person who asked. Mapped to pages once, in errors.py."""

from __future__ import annotations


class Refused(Exception):
    """The rules do not allow this. The text says why and what to do; nothing was changed.

    Written in English with `%(name)s` for what varies, so that the page can say it in its reader's language
    (`errors.words`). `values` fill the names.
    """

    status = 409
    code = "refused"

    def __init__(self, text: str, **values: str | int) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


class NotFound(Refused):
    """It does not exist, or not for this person; the two look the same."""

    status = 404
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("This page does not exist, or it is not open to you.")


class NotOpen(Refused):
    """The opening does not take applications now."""

    code = "not_open"


class DeadlinePassed(Refused):
    """The window has ended."""

    status = 410
    code = "deadline_passed"


class AlreadyFinal(Refused):
    """The candidate has said that this is their final answer."""

    code = "already_final"


class OtherContent(Refused):
    """The same form was sent twice with different words."""

    code = "other_content"


class DraftConflict(Refused):
    """The draft was changed elsewhere since this page was opened; both texts are kept."""

    code = "draft_conflict"


class Withdrawn(Refused):
    """The candidate has left this job."""

    status = 410
    code = "withdrawn"


class Erased(Refused):
    """The candidate has had their data deleted."""

    status = 410
    code = "erased"


class LeaseLost(Refused):
    """The answer is no longer reserved for this reader."""

    code = "lease_lost"


class IllegalMove(Refused):
    """The stage cannot be changed like this."""

    code = "illegal_move"


class LinkUsed(Refused):
    """A one-time link that was used, has ended or never existed."""

    status = 410
    code = "link_used"
