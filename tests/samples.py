"""Small real files for the tests, made on the spot with reportlab, pypdf and Pillow.

Every function writes one file and returns its path.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject, RectangleObject
from reportlab.lib.colors import black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

LINES = ("Harbour dues are paid monthly", "The lighthouse keeper signs twice", "Ferries leave at seven")


def text_pdf(folder: Path, n_pages: int = 3, name: str = "text.pdf", seed: str = "") -> Path:
    """Pages with a title "Page n" and three lines each."""
    path = folder / name
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for number in range(1, n_pages + 1):
        canvas.setFont("Helvetica-Bold", 24)
        canvas.drawString(72, 760, f"Page {number} {seed}".strip())
        canvas.setFont("Helvetica", 12)
        for row, line in enumerate(LINES):
            canvas.drawString(72, 700 - 20 * row, f"{line} {number}")
        canvas.showPage()
    canvas.save()
    return path


def headed_pdf(path: Path, pages: tuple[tuple[str, str], ...]) -> Path:
    """A page for each (heading, line), the line in large type below the heading."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for heading, line in pages:
        canvas.setFont("Helvetica-Bold", 34)
        canvas.drawString(60, 730, heading)
        canvas.setFont("Helvetica", 19)
        canvas.drawString(60, 560, line)
        canvas.showPage()
    canvas.save()
    return path


def word_at(folder: Path, word: str = "Needle", x: float = 100, y: float = 500, size: float = 24) -> Path:
    """One A4 page with one word whose baseline starts at (x, y) points from the bottom left."""
    path = folder / "word.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, y, word)
    canvas.save()
    return path


def two_columns_pdf(folder: Path) -> Path:
    """Words without any spaces between them: only their positions tell them apart."""
    path = folder / "columns.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 12)
    for row in range(3):
        canvas.drawString(72, 700 - 16 * row, f"left{row}")
        canvas.drawString(320, 700 - 16 * row, f"right{row}")
    canvas.save()
    return path


def accents_pdf(folder: Path) -> Path:
    """An embedded font with ligatures, composed and decomposed accents, and Greek."""
    path = folder / "accents.pdf"
    font = ImageFont.load_default()  # only to fail early where Pillow has no fonts
    assert font is not None
    pdfmetrics.registerFont(TTFont("DejaVu", dejavu()))
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setFont("DejaVu", 14)
    canvas.drawString(
        72, 700, "o\ufb03ce \ufb01nal d\u00e9j\u00e0 vu \u03a3\u03bf\u03c6\u03af\u03b1 e\u0301tat m\u00b2"
    )
    canvas.save()
    return path


def hidden_text_pdf(folder: Path) -> Path:
    """Visible words, white words on white, words off the page, and words drawn invisibly on nothing."""
    path = folder / "hidden.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 14)
    canvas.drawString(72, 700, "visible")
    canvas.setFillColor(white)
    canvas.drawString(72, 600, "whiteonwhite")
    canvas.setFillColor(black)
    canvas.drawString(72, 2000, "outside")
    text = canvas.beginText(72, 500)
    text.setTextRenderMode(3)
    text.textOut("invisible")
    canvas.drawText(text)
    canvas.save()
    return path


def scan_pdf(folder: Path, n_pages: int = 1, ocr: bool = False) -> Path:
    """Pages that are pictures of text; with `ocr` an invisible text layer lies over them."""
    path = folder / ("ocr.pdf" if ocr else "scan.pdf")
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for number in range(1, n_pages + 1):
        picture = picture_of(f"Scanned page {number}", (826, 1169))
        canvas.drawImage(ImageReader(picture), 0, 0, *A4)
        if ocr:
            text = canvas.beginText(60, 842 - 70)
            text.setFont("Helvetica", 30)
            text.setTextRenderMode(3)
            text.textOut(f"Scanned page {number}")
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def rotated_pdf(folder: Path, degrees: int, crop: Sequence[float] | None = None) -> Path:
    """`word_at` with a rotation flag, and a crop box (x0, y0, x1, y1) in points where given."""
    reader = PdfReader(word_at(folder))
    page = reader.pages[0]
    page[NameObject("/Rotate")] = NumberObject(degrees)
    if crop:
        page.cropbox = RectangleObject(tuple(crop))
    return _write(reader, folder / f"rotated-{degrees}.pdf")


def huge_page_pdf(folder: Path) -> Path:
    """One page of 14,400 x 14,400 points: 400 megapixels at 100 dpi."""
    path = folder / "huge.pdf"
    canvas = Canvas(str(path), pagesize=(14_400, 14_400), invariant=True)
    canvas.setFont("Helvetica", 900)  # poppler leaves out much larger letters
    canvas.drawString(1000, 7000, "Poster")
    canvas.save()
    return path


def encrypted_pdf(folder: Path, password: str = "secret") -> Path:
    """With an empty `password` anyone can read it, although it is encrypted."""
    writer = PdfWriter(clone_from=PdfReader(text_pdf(folder, 1, "plain.pdf")))
    writer.encrypt(password, owner_password="owner")
    path = folder / f"encrypted-{password or 'owner'}.pdf"
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def corrupt_pdf(folder: Path) -> Path:
    """A PDF's header and then noise."""
    path = folder / "corrupt.pdf"
    noise = np.random.default_rng(0).integers(0, 256, 5000, np.uint8).tobytes()
    path.write_bytes(b"%PDF-1.7\n" + noise)
    return path


def truncated_pdf(folder: Path) -> Path:
    """The first half of a PDF, as an interrupted download leaves it."""
    whole = text_pdf(folder, 5, "whole.pdf").read_bytes()
    path = folder / "truncated.pdf"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def pageless_pdf(folder: Path) -> Path:
    """A valid PDF with an empty page tree."""
    path = folder / "pageless.pdf"
    with path.open("wb") as stream:
        PdfWriter().write(stream)
    return path


def bad_page_pdf(folder: Path) -> Path:
    """Three pages, the second of which is no page."""
    writer = PdfWriter(clone_from=PdfReader(text_pdf(folder, 3, "good.pdf")))
    pages = writer._root_object["/Pages"]["/Kids"]  # type: ignore[index]
    writer._objects[pages[1].idnum - 1] = NumberObject(7)
    path = folder / "bad-page.pdf"
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def picture_of(text: str, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Black text at the top left of a white image (width, height)."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((size[0] // 10, size[1] // 20), text, "black", font=ImageFont.load_default(size[0] // 20))
    return image


def picture(folder: Path, name: str, mode: str = "RGB", **options: object) -> Path:
    """An image file in the format of its name, in any of Pillow's modes; a black bar crosses it on the left."""
    rgb = Image.new("RGB", (400, 300), "white")
    rgb.paste((0, 0, 0), (40, 0, 120, 300))
    path = folder / name
    if mode == "I;16":
        grey = np.asarray(rgb.convert("L"), np.uint16) * 257
        image = Image.fromarray(grey)
    elif mode in {"RGBA", "LA"}:
        image = Image.new("RGBA", rgb.size, (0, 0, 0, 0))  # transparent where it should look white
        image.paste((0, 0, 0, 255), (40, 0, 120, 300))
        image = image.convert(mode)
    else:
        image = rgb.convert(mode)
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def multipage_tiff(folder: Path, n_pages: int = 3) -> Path:
    """Frames of different sizes."""
    path = folder / "pages.tiff"
    frames = [picture_of(f"Frame {n}", (400, 300 + 50 * n)) for n in range(1, n_pages + 1)]
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(200, 200))
    return path


def sideways_jpeg(folder: Path) -> Path:
    """A picture that only its EXIF orientation turns upright: stored 400 x 300, shown 300 x 400."""
    path = folder / "sideways.jpg"
    image = Image.new("RGB", (400, 300), "white")
    image.paste((0, 0, 0), (0, 0, 100, 300))  # stored left; on top when shown
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotate 90 degrees clockwise
    image.save(path, exif=exif)
    return path


def bomb_png(folder: Path) -> Path:
    """20,000 x 20,000 pixels in a few hundred kilobytes."""
    path = folder / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    return path


def _write(reader: PdfReader, path: Path) -> Path:
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    stream = io.BytesIO()
    writer.write(stream)
    path.write_bytes(stream.getvalue())
    return path


def dejavu() -> str:
    """A font with ligatures and Greek that every matplotlib, and most systems, bring along."""
    places = (
        Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        Path("/Library/Fonts/DejaVuSans.ttf"),
    )
    for place in places:
        if place.exists():
            return str(place)
    import matplotlib  # only where the system has no such font

    return str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf")
