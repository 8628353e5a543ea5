"""Visual document search: ask a question, get the right page with the place on it lit up.

from pagelight import Service, Settings

with Service(Settings(data="library")) as service:
    service.add(["report.pdf"]).wait()
    for hit in service.search("revenue by region").hits:
        print(hit.document, hit.page, hit.regions)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pagelight.app.job import Job
    from pagelight.app.judgements import Judgement
    from pagelight.app.service import Service
    from pagelight.app.settings import Settings
    from pagelight.app.web.app import create_app, mount
    from pagelight.ingest.collections import Collections
    from pagelight.ingest.job_progress import JobFile, JobStatus
    from pagelight.ingest.library import Document, DocumentFilter
    from pagelight.retrieval.encoders import load_encoder
    from pagelight.retrieval.errors import PagelightError
    from pagelight.retrieval.results import Heatmap, PageHit, Region, SearchResult
    from pagelight.retrieval.search.receipt import Receipt
    from pagelight.retrieval.search.searcher import Searcher
    from pagelight.retrieval.store import open_store
    from pagelight.retrieval.types import PageWords

__version__ = "0.1.0"
__all__ = [
    "Collections",
    "Document",
    "DocumentFilter",
    "Heatmap",
    "Job",
    "JobFile",
    "JobStatus",
    "Judgement",
    "PageHit",
    "PageWords",
    "PagelightError",
    "Receipt",
    "Region",
    "SearchResult",
    "Searcher",
    "Service",
    "Settings",
    "__version__",
    "create_app",
    "load_encoder",
    "mount",
    "open_store",
]

#: the module of each name; imported when asked for, since torch and Gradio take seconds
_HOMES = {
    "Collections": "pagelight.ingest.collections",
    "Document": "pagelight.ingest.library",
    "DocumentFilter": "pagelight.ingest.library",
    "Heatmap": "pagelight.retrieval.results",
    "Job": "pagelight.app.job",
    "JobFile": "pagelight.ingest.job_progress",
    "JobStatus": "pagelight.ingest.job_progress",
    "Judgement": "pagelight.app.judgements",
    "PageHit": "pagelight.retrieval.results",
    "PageWords": "pagelight.retrieval.types",
    "PagelightError": "pagelight.retrieval.errors",
    "Receipt": "pagelight.retrieval.search.receipt",
    "Region": "pagelight.retrieval.results",
    "SearchResult": "pagelight.retrieval.results",
    "Searcher": "pagelight.retrieval.search.searcher",
    "Service": "pagelight.app.service",
    "Settings": "pagelight.app.settings",
    "create_app": "pagelight.app.web.app",
    "load_encoder": "pagelight.retrieval.encoders",
    "mount": "pagelight.app.web.app",
    "open_store": "pagelight.retrieval.store",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'pagelight' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
