"""Files that are attached to an e-mail, without the pictures that stand in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from pathlib import Path

from pagelight.ingest.render.attachments import MAX_ATTACHED, Attached, written_out
from pagelight.ingest.render.limits import Limits

#: an attached mail has no name but its subject
_MAIL = "message/rfc822"


def mail_attachments(content: bytes, folder: Path, limits: Limits) -> Iterator[Attached]:
    """The files of a mail, those that can be searched written to `folder`, all of them within max_bytes."""
    message = BytesParser(policy=policy.default).parsebytes(content)
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
