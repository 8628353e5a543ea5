"""How the suite shares the machine: threads of each process, and the order and company in which files are run."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Before torch is imported, and for every child: processes that run beside each other and take all cores each wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

#: one browser and one server serve all of these, so that one process runs them
TOGETHER = "tests/e2e/"


class ByFile(LoadScopeScheduling):
    """A file's tests stay together, since they share servers and libraries; the browser's files do as well."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False  # as collected, see below
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: whoever gets one of them last would keep the other processes waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> int:
        if item.nodeid.startswith(TOGETHER):
            return 0
        return 1 if item.path in slow else 2

    items.sort(key=turn)
