"""LibreOffice in a process of its own, in which a document can do nothing but be drawn; and the files that it reads."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from pagelight.ingest.office.input_file import write_input
from pagelight.ingest.office.spreadsheet import write_with_room
from pagelight.ingest.render.apple_preview import best_pdf, has_whole_preview
from pagelight.ingest.render.file_type import FileType, check_file, quotes_a_pdf
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import TEXT_SUFFIXES, text_type, type_of
from pagelight.ingest.render.strangers import APPLES
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

HOW_TO_GET_IT = (
    "LibreOffice reads it, which is not installed here: apt install libreoffice-writer libreoffice-calc "
    "libreoffice-impress, or libreoffice.org; or export it as a PDF and add that."
)
_UNREAD = "LibreOffice cannot read the file; open it in an office program, export it as a PDF and add that."
#: page limits' time that a whole document may take: LibreOffice starts in some seconds (time)
_PAGES_OF_TIME = 3
#: address space beyond the memory for pages: LibreOffice maps its libraries and fonts (limit)
_HEADROOM_MB = 3072
#: nobody answers on this port (discard), which stands in where there is no network namespace
_NOWHERE = "127.0.0.1"
#: a port that nothing listens on (RFC 863) (form)
_NOWHERE_PORT = 9
_LIMITED = 'ulimit -v "$1"; ulimit -t "$2"; ulimit -f "$3"; ulimit -c 0; shift 3; exec "$@"'
#: spreadsheets that are made XLSX where they need room
_SHEETS = frozenset((FileType.XLS, FileType.ODS))
_HTML = frozenset((FileType.HTML, FileType.EPUB, FileType.MARKDOWN, FileType.TEXT, FileType.EML))
#: a web page as a text document: as a web page it begins with an empty sheet
_AS_TEXT = ("--infilter=HTML (StarWriter)", "--convert-to", "pdf:writer_pdf_Export")
#: (path, name, value) of LibreOffice's registry
_SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("org.openoffice.Office.Common/Filter/PDF/Export", "ExportNotes", "true"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", _NOWHERE),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", str(_NOWHERE_PORT)),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", _NOWHERE),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", str(_NOWHERE_PORT)),
)
#: other names of the same types: templates, files with macros, slide shows, web pages, mailboxes, Apple's documents
_OTHER_SUFFIXES = frozenset(
    """
.htm .xhtml .mht .mhtml .mbox .msg .dot .dotx .docm .dotm .xlt .xltx .xlsm .xltm .xlsb .pot .pps .potx .ppsx
.pptm .ppsm .potm .ott .ots .otp .fodt .fods .fodp .pages .numbers .key
""".split()
)
#: names of all files that are converted
OFFICE_SUFFIXES = frozenset(
    {f".{one.value}" for one in FileType if one.is_converted} | _OTHER_SUFFIXES | set(TEXT_SUFFIXES)
)


def soffice() -> str | None:
    """LibreOffice's program, where it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(source: Path, target: Path, file_type: FileType, limits: Limits) -> None:
    """Write the PDF of an office or web file. Raises UnreadableDocument, DocumentTooLarge; target is whole or not there."""
    program = soffice()
    if program is None:
        raise UnreadableDocument(HOW_TO_GET_IT)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name).resolve()  # LibreOffice works in it, and takes addresses of files
        given = folder / f"document.{'html' if file_type in _HTML else file_type.value}"
        if file_type not in _HTML:
            _check_unpacked(source, limits)
        write_input(source.resolve(), given, file_type, limits, _PAGES_OF_TIME * limits.seconds_per_page)
        _write_profile(folder / "profile")
        if file_type in _SHEETS:
            given = _with_room(program, folder, given, limits)
        is_apples = file_type is FileType.IWORK
        if not (is_apples and has_whole_preview(source)):
            _run(program, folder, given, limits)
        made = folder / "out" / "document.pdf"
        if is_apples:
            made = best_pdf(source, made, folder / "preview.pdf", limits, limits.seconds_per_page)
        if not made.exists():
            raise UnreadableDocument(APPLES if is_apples else _UNREAD)
        os.replace(made, target)


def _with_room(program: str, folder: Path, given: Path, limits: Limits) -> Path:
    """A copy of a spreadsheet of another kind that has room for what is in its cells; itself where it has that."""
    _run(program, folder, given, limits, ("--convert-to", "xlsx"))
    roomy = folder / "roomy" / "document.xlsx"
    roomy.parent.mkdir()
    return roomy if write_with_room(folder / "out" / "document.xlsx", roomy) else given


def _check_unpacked(source: Path, limits: Limits) -> None:
    if not zipfile.is_zipfile(source):
        return
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(source) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > limits.max_bytes:
            raise DocumentTooLarge("The file is too large when it is unpacked; split it or raise max_bytes.")


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    place = profile / "user" / "registrymodifications.xcu"
    place.parent.mkdir(parents=True)
    place.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>"
    )


def _run(
    program: str, folder: Path, given: Path, limits: Limits, to: Sequence[str] = ("--convert-to", "pdf")
) -> None:
    seconds = _PAGES_OF_TIME * limits.seconds_per_page
    memory_kb = (limits.memory_mb + _HEADROOM_MB) * 1024
    proxy = f"http://{_NOWHERE}:{_NOWHERE_PORT}"
    process = subprocess.Popen(
        [
            *_without_network(),
            *("sh", "-c", _LIMITED, "sh"),
            *(str(memory_kb), str(int(seconds) + 1), str(limits.max_bytes // 512 + 1)),
            *(program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *(_AS_TEXT if given.suffix == ".html" else to),
            *("--outdir", str(folder / "out"), str(given)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "SAL_USE_VCLPLUGIN": "svp",
            **{name: proxy for name in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")},
        },
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise DocumentTooLarge(f"Converting it took longer than {seconds:g} seconds; split it.") from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # soffice starts others
        process.wait()


@functools.cache
def _without_network() -> tuple[str, ...]:
    """The command that takes the network away, where the system lets us."""
    command = ("unshare", "--map-root-user", "--net")
    try:
        done = subprocess.run(
            [*command, "true"], check=False, capture_output=True, timeout=10, process_group=0
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return command if done.returncode == 0 else ()


def check_document(path: Path, limits: Limits, *, name: str | None = None) -> FileType:
    """`check_file` for all that can be added. name: tells kinds of text apart, and what is not to be read; None where it has none

    Raises UnreadableDocument (which says how to get LibreOffice where that would read the file) and DocumentTooLarge.
    """
    try:
        found = check_file(path, limits)
        named = text_type(name or "")
        return named if found is FileType.PDF and named and quotes_a_pdf(path) else found
    except UnreadableDocument as refusal:
        converted = type_of(path)
        if converted is FileType.TEXT and name is not None:
            converted = text_type(name)
        if converted is None:
            raise
        if soffice() is None:
            raise UnreadableDocument(
                f"This is a file of type {converted.value}. {HOW_TO_GET_IT}"
            ) from refusal
        return converted
