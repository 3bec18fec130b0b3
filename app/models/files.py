"""Files that candidates hand in. The bytes lie in the data folder (app/files.py); here stands what is known of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.submissions import Attempt


class StoredFile(Base):
    """One file of one attempt. A draft and a submission name it by its code."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(81))
    # As the candidate called it. It can say who they are: only they ever read it.
    original_name: Mapped[str] = mapped_column(String(150))
    type: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    # SHA-256 of the original, which is sealed, and of the copy that may be read, once it is made.
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    copy_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    # When the copy was made, or was found to be impossible.
    bleached_at: Mapped[datetime | None]
    stored_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship()
