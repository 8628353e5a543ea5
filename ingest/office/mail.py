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
from itertools import chain
from pathlib import Path

from pagelight.ingest.office.outlook import is_outlook_message, outlook_message
from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.render.attachments import MAX_ATTACHED, Attached, written_out
from pagelight.ingest.render.dates import file_date
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.text_encoding import decoded

#: what is said of the letters of a part that tells nothing of them (RFC 2045, 5.2)
_NO_CHARSETS = frozenset(("us-ascii", "ascii", "default", "unknown-8bit"))
#: the line before each message of a mailbox (RFC 4155)
_MAILBOX = re.compile(rb"^From \S+ .*\d{4}.*\r?\n(?=[!-9;-~]+:)", re.MULTILINE)
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
#: an attached mail has no name but its subject
_MAIL = "message/rfc822"


def mail_page(content: bytes) -> str:
    """The body of an HTML document, of all messages of a mailbox. Damage costs what is damaged."""
    return "<hr>".join(_page(message) for message in _messages(content))


def _page(message: EmailMessage) -> str:
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
    parts = chain.from_iterable(map(_attached_parts, _messages(content)))
    room = limits.max_bytes
    for index, part in enumerate(parts):
        file = _payload(part) if index < MAX_ATTACHED else None
        if file and len(file) > room:
            file = None
        room -= len(file or b"")
        yield written_out(_name(part), file, folder)


def _attached_parts(message: EmailMessage) -> Iterator[MIMEPart]:
    html = message.get_body(("html",))
    page = _payload(html) or b"" if html else b""
    shown = set(re.findall(rb"cid:([^\s\"'>]+)", page))
    is_saved = _is_saved_page(message)
    for part in _parts(message):
        is_shown = str(part.get("Content-ID", "")).strip(" <>").encode() in shown
        if not is_shown and (part.get_content_type() == "text/html" or not is_saved):
            yield part


def document_date(path: Path, file_type: FileType) -> str:
    """The date that an office file or an e-mail says of itself, as `file_date` has it."""
    if file_type is not FileType.EML:
        return file_date(path)
    try:
        return parsedate_to_datetime(_header(next(_messages(path.read_bytes())), "Date")).date().isoformat()
    except (TypeError, ValueError, OverflowError):  # none, or none that can be read
        return ""


def _messages(content: bytes) -> Iterator[EmailMessage]:
    """The message, or those of a mailbox."""
    if is_outlook_message(content):
        yield outlook_message(content)
        return
    content = content.removeprefix(BOM_UTF8)
    found = list(_MAILBOX.finditer(content)) if content.startswith(b"From ") else []
    starts = [line.end() for line in found] or [0]
    ends = [*(line.start() for line in found[1:]), len(content)]
    parser = BytesParser(policy=policy.default)
    for start, end in zip(starts, ends, strict=True):
        yield parser.parsebytes(content[start:end])


def _is_saved_page(message: EmailMessage) -> bool:
    """Whether it is a web page with what belongs to it, as browsers save them (RFC 2557)."""
    return message.get_content_type() == "multipart/related" and any(
        part.get("Content-Location") for part in message.iter_parts()
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the standard library trips over some that are not as RFC 5322 has them
        return ""


def _message(message: EmailMessage) -> str:
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    if html is not None:
        sheets = [_text(part) for part in message.walk() if part.get_content_type() == "text/css"]
        styles = "".join(f"<style>{sheet}</style>" for sheet in sheets)
        if (page := plain_page(styles + _text(html), _pictures(message))).strip():
            return page
    lines = _text(text).splitlines() if text is not None else []
    return "<br>".join(escape(line) for line in lines)


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    says_nothing = str(part.get_param("charset", "us-ascii")).lower() in _NO_CHARSETS
    if says_nothing and isinstance(payload, bytes) and not payload.isascii():  # saved web pages and old mails
        return decoded(payload)
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return decoded(payload) if isinstance(payload, bytes) else ""


def _pictures(message: EmailMessage) -> Callable[[str], str]:
    """Addresses of the pictures that came along ("cid:…", RFC 2392; those that they were saved from, RFC 2557)."""
    found = {}
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_maintype() != "image" or not isinstance(payload, bytes):
            continue
        address = f"data:{part.get_content_type()};base64,{base64.b64encode(payload).decode()}"
        if name := str(part.get("Content-ID", "")).strip(" <>"):
            found[f"cid:{name}"] = address
        if place := str(part.get("Content-Location", "")).strip():
            found[place] = address
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
