"""What an uploaded file really is: its ending and its first bytes must say the same, and nothing may hide behind it.

Nothing is decoded here: a picture's size is read from its header, so that a bomb is refused before it can go off.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Collection
from pathlib import PurePosixPath

from app.refusals import Refused

MB = 1024 * 1024
LARGEST = 5 * MB
MOST_PIXELS = 40_000_000
LONGEST_NAME = 150
TEXTS = frozenset({"txt", "md", "csv"})
PICTURES = frozenset({"png", "jpg"})

_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "markdown": "md", "text": "txt"}
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_ZIP_ENDS = b"PK\x05\x06"
# Markers of JPEG that say how large the picture is, and those that stand alone.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class BadFile(Refused):
    """The file is none that we take."""

    status = 400
    code = "bad_file"


class TooLarge(BadFile):
    """The file has more bytes than one may have."""

    status = 413
    code = "file_too_large"


def type_of(name: str, data: bytes, allowed: Collection[str]) -> str:
    """The type of a file, as its ending without the dot; raises BadFile with the reason in words."""
    ending = PurePosixPath(clean_name(name)).suffix.removeprefix(".").lower()
    kind = _ALIASES.get(ending, ending)
    if kind not in allowed:
        raise BadFile("This kind of file is not asked for. Choose one of these: %(types)s.", types=", ".join(allowed))
    if not data:
        raise BadFile("This file is empty. Choose it again, or another one.")
    if len(data) > LARGEST:
        raise TooLarge("This file is too large. It may have %(most)s MB at most.", most=LARGEST // MB)
    _CHECKS[kind](data)
    return kind


def clean_name(name: str) -> str:
    """A file's name as its owner reads it again: no folders, no signs that cannot be seen or turn the text around."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    return seen.strip()[-LONGEST_NAME:] or "file"


def _not_what_it_says() -> BadFile:
    return BadFile("The content of this file is not what its name says. Save it again as what it is, and choose that.")


def _more_behind() -> BadFile:
    return BadFile("This file has something attached to its end. Save it again, or take a screenshot, and choose that.")


def _judge_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise _not_what_it_says()
    if width * height > MOST_PIXELS:
        raise BadFile("This picture has too many pixels. %(most)s million are the most.", most=MOST_PIXELS // 1_000_000)


def _png(data: bytes) -> None:
    """Chunk after chunk, from the header to the end, with nothing behind it."""
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or len(data) < 45:
        raise _not_what_it_says()
    _judge_pixels(*struct.unpack(">II", data[16:24]))
    at = len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name = data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            if at != len(data):
                raise _more_behind()
            return
    raise _not_what_it_says()


def _jpg(data: bytes) -> None:
    """Segment after segment to the end. Phones put further pictures behind it; nothing else may follow."""
    if not data.startswith(_JPEG):
        raise _not_what_it_says()
    at, has_frame = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _FRAMES and len(data) >= at + 9:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            _judge_pixels(width, height)
            has_frame = True
        at += 2 + max(length, 2)
        if marker == 0xDA:
            after = _AFTER_SCAN.search(data, at)
            at = after.start() if after else len(data)
    if not has_frame or data[at : at + 2] != b"\xff\xd9":
        raise _not_what_it_says()
    behind = data[at + 2 :].strip(b"\x00")
    if behind and (not behind.startswith(_JPEG) or _ZIP_ENDS in behind):
        raise _more_behind()


def _pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
        raise _not_what_it_says()
    if data[data.rindex(b"%%EOF") + 5 :].strip(b"\x00\t\n\f\r ") or _ZIP_ENDS in data[-65_600:]:
        raise _more_behind()
    if b"/Encrypt" in data:
        raise BadFile("This PDF is locked with a password. Save it without one, and choose that.")


def _text(data: bytes) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise BadFile("This is not text in UTF-8. Save it as UTF-8, and choose it again.") from None
    if _CONTROL.search(text):
        raise _not_what_it_says()


_CHECKS = {"png": _png, "jpg": _jpg, "pdf": _pdf, "txt": _text, "md": _text, "csv": _text}
