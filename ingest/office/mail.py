"""E-mails to HTML: who wrote what to whom and when, the message, and the names of what is attached."""

from __future__ import annotations

import base64
from collections.abc import Callable
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from html import escape

from pagelight.ingest.office.web_page import plain_page

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def mail_page(content: bytes) -> str:
    """The body of an HTML document. Damage costs what is damaged."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    rows = "".join(
        f"<tr><td><b>{name}</b></td><td>{escape(_header(message, name))}</td></tr>"
        for name in _SHOWN
        if _header(message, name)
    )
    attached = [name for part in message.iter_attachments() if (name := part.get_filename())]
    names = f"<p><b>Attached:</b> {escape(', '.join(attached))}</p>" if attached else ""
    return f"<table>{rows}</table><hr>{_message(message)}{names}"


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
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


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
