"""Queries that a library of office, science and technical documents does not answer: they should be refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class OffTopic:
    """kind: everyday, place, stop words, digits, name or nonsense; language: ISO 639-1, "" where it is none"""

    text: str
    kind: str
    language: str


def off_topic_queries() -> tuple[OffTopic, ...]:
    """The forty of `data/off_topic.jsonl`."""
    lines = files("pagelight.app.evaluation").joinpath("data/off_topic.jsonl").read_text(encoding="utf8")
    rows = [json.loads(line) for line in lines.splitlines() if line]
    return tuple(OffTopic(row["query"], row["kind"], row["language"]) for row in rows)
