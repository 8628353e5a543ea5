"""A job as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fastapi.responses import StreamingResponse

from pagelight.app.job import Job
from pagelight.app.payload import job_payload

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def job_events(job: Job) -> StreamingResponse:
    """An event at every change; the stream ends with the job."""
    return StreamingResponse(_events(job), media_type="text/event-stream", headers=_HEADERS)


def _events(job: Job) -> Iterator[str]:
    for status in job:
        data = json.dumps({"job_id": status.job_id, **job_payload(status)}, ensure_ascii=False)
        yield f"event: {status.state}\ndata: {data}\n\n"
