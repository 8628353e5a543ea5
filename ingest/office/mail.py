"""E-mails, Outlook's among them, as HTML (who wrote what to whom and when, the message, the names of what is attached), and their attached files."""

from __future__ import annotations

import base64
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path

from pagelight.ingest.office.outlook import is_outlook_message, outlook_message
from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.render.attachments import MAX_ATTACHED, Attached, written_out
from pagelight.ingest.render.dates import file_date
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.text_encoding import decoded

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
#: an attached mail has no name but its subject
_MAIL = "message/rfc822"


def mail_page(content: bytes) -> str:
    """The body of an HTML document. Damage costs what is damaged."""
    message = _parsed(content)
    rows = "".join(
        f"<tr><td><b>{name}</b></td><td>{escape(_header(message, name))}</td></tr>"
        for name in _SHOWN
        if _header(message, name)
    )
    attached = [name for part in message.iter_attachments() if (name := part.get_filename())]
    names = f"<p><b>Attached:</b> {escape(', '.join(attached))}</p>" if attached else ""
    return f"<table>{rows}</table><hr>{_message(message)}{names}"


def mail_attachments(content: bytes, folder: Path, limits: Limits) -> Iterator[Attached]:
    """The files of a mail without the pictures that stand in its text; those that can be searched are written to `folder`.

    All of them together are within max_bytes.
    """
    message = _parsed(content)
    html = message.get_body(("html",))
    shown = set(re.findall(rb"cid:([^\s\"'>]+)", _payload(html) or b"")) if html else set()
    room = limits.max_bytes
    for index, part in enumerate(_parts(message)):
        if str(part.get("Content-ID", "")).strip(" <>").encode() in shown:
            continue
        file = _payload(part) if index < MAX_ATTACHED else None
        if file and len(file) > room:
            file = None
        room -= len(file or b"")
        yield written_out(_name(part), file, folder)


def document_date(path: Path, file_type: FileType) -> str:
    """The date that an office file or an e-mail says of itself, as `file_date` has it."""
    if file_type is not FileType.EML:
        return file_date(path)
    try:
        return parsedate_to_datetime(_header(_parsed(path.read_bytes()), "Date")).date().isoformat()
    except (TypeError, ValueError, OverflowError):  # none, or none that can be read
        return ""


def _parsed(content: bytes) -> EmailMessage:
    if is_outlook_message(content):
        return outlook_message(content)
    return BytesParser(policy=policy.default).parsebytes(content.removeprefix(BOM_UTF8))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the standard library trips over some that are not as RFC 5322 has them
        return ""


def _message(message: EmailMessage) -> str:
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    if html is not None and (page := plain_page(_text(html), _pictures(message))).strip():
        return page
    lines = _text(text).splitlines() if text is not None else []
    return "<br>".join(escape(line) for line in lines)


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return decoded(payload) if isinstance(payload, bytes) else ""


def _pictures(message: EmailMessage) -> Callable[[str], str]:
    """Addresses of the pictures that came along ("cid:…", RFC 2392)."""
    found = {}
    for part in message.walk():
        name, payload = str(part.get("Content-ID", "")).strip(" <>"), part.get_payload(decode=True)
        if name and part.get_content_maintype() == "image" and isinstance(payload, bytes):
            found[f"cid:{name}"] = (
                f"data:{part.get_content_type()};base64,{base64.b64encode(payload).decode()}"
            )
    return lambda source: found.get(source, source)


def _parts(message: EmailMessage) -> Iterator[MIMEPart]:
    """Attached parts, and those of the parts that hold others."""
    for part in message.iter_attachments():
        if part.is_multipart() and part.get_content_type() != _MAIL and isinstance(part, EmailMessage):
            yield from _parts(part)
        else:
            yield part


def _name(part: MIMEPart) -> str:
    if part.get_content_type() == _MAIL:
        inner = part.get_content()
        return f"{str(inner.get('Subject', '')).strip() or 'unnamed'}.eml"
    return part.get_filename() or "unnamed"


def _payload(part: MIMEPart) -> bytes | None:
    """Its bytes; None where they cannot be told."""
    try:
        if part.get_content_type() == _MAIL:
            return bytes(part.get_content().as_bytes())
        payload = part.get_payload(decode=True)
    except Exception:  # the standard library trips over parts that are not as RFC 5322 has them
        return None
    return payload if isinstance(payload, bytes) else None
