"""Findings of a check-up: what is wrong with a library, one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["disk", "database", "files", "index", "judgements"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. mend: how; empty where `pagelight repair` does it"""

    part: Part
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.what}" + (f" ({self.mend})" if self.mend else "")


@dataclass(frozen=True, slots=True)
class Checkup:
    """What `examine` saw. unchecked: one line for what could not be looked at, such as an index that is in use"""

    findings: tuple[Finding, ...]
    n_documents: int
    n_pages: int
    unchecked: str = ""

    @property
    def sound(self) -> bool:
        return not self.findings
