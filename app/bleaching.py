"""Copies of files for reviewers, without what says who made them. Runs in a worker: the web server never decodes.

Pictures are decoded and written anew, so that nothing but their pixels is left. PDFs are written anew from their pages:
author, title, history, comments, attachments and scripts are left out, and what cameras noted inside their pictures.
What stands on a page stays: a name that was written there can be read.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from app.file_types import MOST_PIXELS

LONGEST_SIDE = 4096
MOST_PAGES = 100
MOST_OBJECTS = 50_000
# Names, histories and actions, wherever they stand.
_TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/Annots", "/OpenAction", "/JavaScript", "/AF")


class Unreadable(Exception):
    """No copy can be made; the file is broken, or larger than it seemed."""


def bleach(kind: str, data: bytes) -> bytes:
    """A copy of a picture (png, jpg) or PDF that does not say who made it. Raises Unreadable."""
    try:
        return _pdf(data) if kind == "pdf" else _picture(kind, data)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, RecursionError, PyPdfError) as error:
        raise Unreadable(type(error).__name__) from error
    except Image.DecompressionBombError as error:
        raise Unreadable("too many pixels") from error


def _picture(kind: str, data: bytes) -> bytes:
    formats = {"png": ["PNG"], "jpg": ["JPEG", "MPO"]}[kind]
    with Image.open(io.BytesIO(data), formats=formats) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError
        # Cameras note which side is up; the copy has it in its pixels.
        upright = ImageOps.exif_transpose(opened)
    picture = upright.convert("RGB" if kind == "jpg" else "RGBA")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture.info.clear()
    copy = io.BytesIO()
    if kind == "jpg":
        picture.save(copy, "JPEG", quality=88)
    else:
        picture.save(copy, "PNG")
    return copy.getvalue()


def _pdf(data: bytes) -> bytes:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted or not 1 <= len(reader.pages) <= MOST_PAGES:
        raise ValueError
    writer = PdfWriter()
    for page in reader.pages:
        for name in _TELLING:
            page.pop(name, None)
        writer.add_page(page)
    writer.metadata = None
    if len(writer._objects) > MOST_OBJECTS:
        raise ValueError
    for thing in writer._objects:
        _forget(thing)
    copy = io.BytesIO()
    writer.write(copy)
    return copy.getvalue()


def _forget(thing: Any) -> None:
    """Leave out what tells, also in what stands directly inside; a picture keeps its pixels alone."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            for name in _TELLING:
                one.pop(name, None)
            if isinstance(one, StreamObject) and one.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
                one._data = without_notes(one._data)
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)


def without_notes(data: bytes) -> bytes:
    """A JPEG without the segments that cameras and programs write notes into; its pixels stay byte for byte."""
    kept, at = bytearray(data[:2]), 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        # APP1 to APP13, APP15 and comments; APP0 and APP14 say how to read the colours.
        is_note = 0xE1 <= data[at + 1] <= 0xED or data[at + 1] in (0xEF, 0xFE)
        kept += b"" if is_note else data[at:end]
        at = end
    return bytes(kept) + data[at:]
