"""Outlook's messages (MS-OXMSG) as e-mails like all others."""

from __future__ import annotations

import codecs
import datetime
import re
import struct
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from enum import IntEnum
from typing import Any

from pagelight.ingest.render.compound_file import SIGNATURE, Storage, read_compound_file
from pagelight.ingest.render.text_encoding import decoded

#: types of properties: text in UTF-16 and in bytes, bytes, a storage (form)
_UNICODE, _STRING, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
#: numbers and types of properties: times of sending and arriving, and code pages (form)
_SENT, _ARRIVED, _CODE_PAGES = 0x00390040, 0x0E060040, (0x3FFD0003, 0x3FDE0003)
#: code page of UTF-8 (form)
_UTF_8 = 65001
#: the stream of properties of a fixed size, and bytes of each; bytes before them in a message, and in one that is attached (form)
_FIXED, _FIXED_BYTES, _BEFORE, _BEFORE_INNER = "__properties_version1.0", 16, 32, 24
#: names of streams and storages begin so (form)
_ATTACHED = "__attach_version1.0_"
#: messages attached to messages that are looked into (guard)
_DEEPEST = 5
#: Windows' first day, and its steps a second (form)
_EPOCH, _STEPS = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC), 10_000_000
_SUBTYPE = re.compile(r"[\w.+-]+")


class _Property(IntEnum):
    """Numbers of properties that are text, and of what is attached (MS-OXPROPS)."""

    SUBJECT = 0x0037
    SENDER = 0x0C1A
    SENDER_ADDRESS = 0x0C1F
    SENDER_SMTP = 0x5D01
    TO = 0x0E04
    CC = 0x0E03
    BODY = 0x1000
    HTML = 0x1013
    LONG_NAME = 0x3707
    SHORT_NAME = 0x3704
    TITLE = 0x3001
    MIME_TYPE = 0x370E
    CONTENT_ID = 0x3712
    DATA = 0x3701


def _policy() -> Any:
    """One by which names and addresses are what they are, however they are written."""
    registry = HeaderRegistry()
    for name in ("from", "to", "cc", "date", "subject"):
        registry.map_to_type(name, UnstructuredHeader)  # type: ignore[arg-type]
    return EmailPolicy(utf8=True, header_factory=registry)


_POLICY = _policy()


def is_outlook_message(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def outlook_message(content: bytes) -> EmailMessage:
    """A message without anything where the file is damaged."""
    try:
        return _message(read_compound_file(content), _BEFORE, _DEEPEST)
    except ValueError:
        return _message(Storage({}, {}), _BEFORE, 0)


def _message(found: Storage, before: int, depth: int) -> EmailMessage:
    message = EmailMessage(_POLICY)
    fixed = _fixed(found, before)
    encoding = next((_encoding(fixed[tag]) for tag in _CODE_PAGES if fixed.get(tag)), "")
    text = {number: _text(found, number, encoding) for number in _Property}
    address = text[_Property.SENDER_SMTP] or text[_Property.SENDER_ADDRESS]
    sender = " ".join(dict.fromkeys([text[_Property.SENDER], f"<{address}>" if "@" in address else ""]))
    date = next((_date(fixed[tag]) for tag in (_SENT, _ARRIVED) if fixed.get(tag)), "")
    headers = {
        "From": sender,
        "To": text[_Property.TO],
        "Cc": text[_Property.CC],
        "Date": date,
        "Subject": text[_Property.SUBJECT],
    }
    for name, value in headers.items():
        if line := " ".join(value.split()):
            message[name] = line
    message.set_content(text[_Property.BODY])
    if text[_Property.HTML]:
        message.add_alternative(text[_Property.HTML], subtype="html")
    for name, storage in sorted(found.storages.items()):
        if name.startswith(_ATTACHED):
            _attach(message, storage, depth, encoding)
    return message


def _attach(message: EmailMessage, storage: Storage, depth: int, encoding: str) -> None:
    inner = storage.storages.get(_named(_Property.DATA, _OBJECT))
    if inner is not None:
        if depth and _FIXED in inner.streams:  # else it is a document that another program drew
            message.add_attachment(_message(inner, _BEFORE_INNER, depth - 1))
        return
    data = storage.streams.get(_named(_Property.DATA, _BINARY))
    names = (
        _text(storage, number, encoding)
        for number in (_Property.LONG_NAME, _Property.SHORT_NAME, _Property.TITLE)
    )
    kind, _, subkind = _text(storage, _Property.MIME_TYPE, encoding).partition("/")
    is_usual = kind.isalpha() and _SUBTYPE.fullmatch(subkind) and kind not in ("multipart", "message")
    maintype, subtype = (kind, subkind) if is_usual else ("application", "octet-stream")
    place = _text(storage, _Property.CONTENT_ID, encoding).strip(" <>")
    message.add_attachment(
        data or b"",
        maintype=maintype,
        subtype=subtype,
        filename=next((name for one in names if (name := " ".join(one.split()))), "unnamed"),
        cid=f"<{''.join(place.split())}>" if place else None,
    )


def _text(found: Storage, number: int, encoding: str) -> str:
    """A property as text; empty where there is none. encoding: of texts that are not in UTF-16, guessed where it is empty"""
    for kind in (_UNICODE, _STRING, _BINARY):
        if (value := found.streams.get(_named(number, kind))) is not None:
            name = "utf-16-le" if kind == _UNICODE else encoding if kind == _STRING else ""
            text = value.decode(name, "replace") if name else decoded(value)
            return text.replace("\0", "").encode("utf-8", "replace").decode()
    return ""


def _fixed(found: Storage, before: int) -> dict[int, int]:
    """The properties of a fixed size, by number and type."""
    content = found.streams.get(_FIXED, b"")[before:]
    whole = content[: len(content) // _FIXED_BYTES * _FIXED_BYTES]
    return {tag: value for tag, _, value in struct.iter_unpack("<IIQ", whole)}


def _encoding(code_page: int) -> str:
    """Python's name for it; empty where it has none."""
    name = "utf-8" if code_page == _UTF_8 else f"cp{code_page & 0xFFFF}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _date(steps: int) -> str:
    """A time as mails write it, from steps since Windows' first day."""
    try:
        return format_datetime(_EPOCH + datetime.timedelta(seconds=steps // _STEPS))
    except OverflowError:
        return ""


def _named(number: int, kind: int) -> str:
    """The name of the stream or the storage of a property."""
    return f"__substg1.0_{number:04X}{kind:04X}"
