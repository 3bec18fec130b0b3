"""Files for tests, made from nothing: sound ones, and each trick by its recipe."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from app.file_types import LARGEST

MARK = "Mario-Rossi-Marker"


def png(width: int = 40, height: int = 30, note: str = "") -> bytes:
    """A small picture, with a note inside where one is given."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    made = io.BytesIO()
    picture.save(made, "PNG")
    data = made.getvalue()
    return data[:33] + chunk(b"tEXt", b"Author\0" + note.encode()) + data[33:] if note else data


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def huge_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """A few bytes that say they are a picture of this size."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(4096))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpg(note: str = "", width: int = 40, height: int = 30) -> bytes:
    """A small photograph; `note` stands in its EXIF and in a comment."""
    picture = Image.new("RGB", (width, height), (30, 30, 200))
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = note or "nobody"  # artist
    exif[0x0112] = 6  # turned by a quarter
    picture.save(made, "JPEG", exif=exif, comment=note.encode() or b"-")
    return made.getvalue()


def pdf(note: str = "") -> bytes:
    """A page with a picture; `note` stands in the properties, a comment, an attachment, a script and the picture."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    if note:
        writer.add_metadata({"/Author": note, "/Title": f"CV {note}"})
        writer.add_attachment("cv.txt", note.encode())
        script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject(f"app.alert('{note}')")}
        action = DictionaryObject({NameObject(name): value for name, value in script.items()})
        writer._root_object[NameObject("/OpenAction")] = action
        writer.add_annotation(0, FreeText(text=note, rect=(10, 10, 90, 90)))
        page[NameObject("/PieceInfo")] = NameObject(f"/{note}")
    picture = StreamObject()
    picture._data = jpg(note)
    for name, value in (("/Type", "/XObject"), ("/Subtype", "/Image"), ("/Filter", "/DCTDecode")):
        picture[NameObject(name)] = NameObject(value)
    page[NameObject("/PictureForTest")] = writer._add_object(picture)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def archive(**members: bytes) -> bytes:
    """A ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


# Name, bytes: refused whatever is asked for (the recipes of tests/vectors/uploads.json, and others like them).
REFUSED: dict[str, tuple[str, bytes]] = {
    "up01 archive that unpacks to 200 MB": ("bomb.zip", archive(zeros=bytes(2_000_000))),
    "up03 archive in an archive": ("nested.zip", archive(inner=archive(inner=b"x"))),
    "up05 archive with paths": ("paths.zip", archive(**{"../../evil.txt": b"x", "/abs.txt": b"x"})),
    "up06 20,000 x 20,000 pixels in a few bytes": ("huge.png", huge_png()),
    "up06 just above the most pixels": ("huge.png", huge_png(40_001, 1_000)),
    "up06 as a photograph": ("huge.jpg", jpg().replace(struct.pack(">HH", 30, 40), struct.pack(">HH", 20_000, 20_000))),
    "up11 word processor's file": ("cv.docx", archive(**{"word/document.xml": b"<x/>"})),
    "up15 nothing at all": ("empty.pdf", b""),
    "up16 one byte more than allowed": ("long.txt", b"a" * (LARGEST + 1)),
    "up21 program that says it is a picture": ("photo.png", b"MZ\x90\x00" + bytes(200)),
    "up21 program that says it is text": ("read.txt", b"MZ\x90\x00" + bytes(200)),
    "picture that says it is another kind": ("photo.jpg", png()),
    "drawing with scripts": ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "drawing that says it is a picture": ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>" + bytes(64)),
    "web page": ("page.html", b"<script>alert(1)</script>"),
    "web page that says it is a PDF": ("page.pdf", b"<html>%PDF-1.7 %%EOF"),
    "picture with an archive behind it": ("photo.png", png() + archive(a=b"x")),
    "picture with a web page behind it": ("photo.png", png() + b"<script>alert(1)</script>"),
    "photograph with an archive behind it": ("photo.jpg", jpg() + archive(a=b"x")),
    "photograph with a photograph and an archive behind it": ("photo.jpg", jpg() + jpg() + archive(a=b"x")),
    "photograph with a web page behind it": ("photo.jpg", jpg() + b"<script>alert(1)</script>"),
    "PDF with an archive behind it": ("paper.pdf", pdf() + archive(a=b"x")),
    "PDF that is locked": ("paper.pdf", pdf().replace(b"/Root", b"/Encrypt 9 0 R /Root")),
    "PDF cut short": ("paper.pdf", pdf()[:-40]),
    "picture cut short": ("photo.png", png()[:-12]),
    "photograph cut short": ("photo.jpg", jpg()[:-2]),
    "text with NUL": ("notes.txt", b"a\x00b"),
    "text in another coding": ("notes.csv", "naïve".encode("latin-1")),
    "text in UTF-16": ("notes.txt", "hello".encode("utf-16")),
    "text with a control character": ("notes.md", b"a\x1b[31m"),
    "name without an ending": (".htaccess", b"deny from all"),
    "name that turns around": ("a\u202egpj.exe", jpg()),
    "name of a folder": ("file.pdf/", b"%PDF-"),
}
TAKEN: dict[str, tuple[str, bytes]] = {
    "png": ("photo.png", png()),
    "jpg": ("photo.JPEG", jpg()),
    "jpg with a second picture, as phones make them": ("photo.jpg", jpg() + jpg()),
    "pdf": ("paper.pdf", pdf()),
    "up10 PDF with a script": ("paper.pdf", pdf(MARK)),
    "up08 web page named as text": ("answer.txt", b"<script>alert(1)</script>"),
    "up13 the scanners' test string": (
        "eicar.txt",
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ),
    "up16 exactly as large as allowed": ("long.txt", b"a" * LARGEST),
    "markdown": ("notes.md", "# Привет\n".encode()),
    "csv": ("table.csv", b"a;b\r\n1;2\r\n"),
    "two endings": ("x.php.jpg", jpg()),
}
