"""Server functions of the library's part of the page: add documents, watch them being indexed, stop, go on, remove."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from pagelight.app.folders import document_suffixes
from pagelight.app.following import checked_folder
from pagelight.app.payload import documents_payload, job_payload
from pagelight.app.service import Service
from pagelight.app.web.access import access_of
from pagelight.app.web.ui.handlers import ServerFunction, as_sentence, scope_of, writing
from pagelight.ingest.collections import seen_collections
from pagelight.retrieval.errors import InvalidInput, NotFound


def library_calls(service: Service) -> list[ServerFunction]:
    """The server functions, by the names that the scripts use."""

    def list_library(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """{"jobs": ids that the page watches} -> the documents, these jobs beside the active ones, and the folders that are followed."""
        settings = service.settings
        watched = [str(job_id) for job_id in payload.get("jobs") or ()]
        job_ids = list(dict.fromkeys([*(job.job_id for job in service.open_jobs()), *watched]))
        access = access_of(scope_of(request))
        sees_all = seen_collections() is None
        may_choose = access == "write" and sees_all
        return {
            "documents": documents_payload(service.documents()),
            "tags": list(service.tags()),
            "access": access,
            "followed": [
                {
                    "folder": str(one.folder),
                    "trouble": as_sentence(one.trouble) if one.trouble else "",
                    "can_go": one.is_chosen and sees_all,
                }
                for one in service.followed_folders
                if access == "write"
            ],
            "choosable": [str(root) for root in settings.choosable_roots if may_choose],
            "could_choose": may_choose and not settings.choosable_roots,
            "jobs": [job for job in (_status(service, job_id) for job_id in job_ids) if job],
            "limits": {
                "megabytes": settings.max_mb,
                "pages": settings.max_pages,
                "suffixes": document_suffixes(),
            },
        }

    def add_files(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"files": [{"path", "name"}], "tags"}: index uploaded files in the background."""
        return {"job_id": service.add_uploads(references(payload["files"]), _tags(payload, "tags")).job_id}

    def replace_document(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "path"}: index an uploaded file as the document's newer version."""
        return {"job_id": service.replace_document(str(payload["document_id"]), payload["path"]).job_id}

    def change_document(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "name", "tags"}: what to call it, and its tags."""
        document_id, name = str(payload["document_id"]), str(payload["name"])
        if name != service.find_document(document_id).name:
            service.rename(document_id, name)
        service.set_tags(document_id, _tags(payload, "tags"))
        return {"changed": True}

    def change_tags(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_ids", "add", "remove"}: tags of several documents."""
        service.change_tags(_ids(payload), _tags(payload, "add"), _tags(payload, "remove"))
        return {"changed": True}

    def follow_folder(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"folder"}: follow it, whenever the library is open."""
        service.follow(checked_folder(str(payload["folder"]), service.settings.choosable_roots))
        return {"followed": True}

    def unfollow_folder(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"folder"}: follow it no longer; its documents stay."""
        service.unfollow(str(payload["folder"]))
        return {"followed": False}

    def stop_job(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"job_id"}: stop after the current page."""
        service.job(str(payload["job_id"])).cancel()
        return {"stopping": True}

    def stop_file(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"job_id", "position"}: stop one file of a job; the others carry on."""
        service.job(str(payload["job_id"])).cancel_file(int(payload["position"]))
        return {"stopping": True}

    def retry_documents(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_ids"}: go on with what failed or was cancelled, as a job of its own."""
        return {"job_id": service.retry([str(document_id) for document_id in payload["document_ids"]]).job_id}

    def dismiss_job(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"job_id"}: its failures have been read."""
        service.job(str(payload["job_id"])).dismiss()
        return {"dismissed": True}

    def remove_documents(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_ids"}: remove documents, their pages and files, unless it is taken back soon."""
        service.delete_soon(_ids(payload))
        return {"removed": True}

    def bring_back(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_ids"} -> {"back": ids of those that were not gone yet}."""
        return {"back": service.undo_delete(_ids(payload))}

    changes = [
        add_files,
        replace_document,
        change_document,
        change_tags,
        follow_folder,
        unfollow_folder,
        stop_job,
        stop_file,
        retry_documents,
        dismiss_job,
        remove_documents,
        bring_back,
    ]
    return [list_library, *map(writing, changes)]


def _ids(payload: dict[str, Any]) -> list[str]:
    return [str(document_id) for document_id in payload["document_ids"]]


def _tags(payload: dict[str, Any], name: str) -> list[str]:
    return [str(tag) for tag in payload.get(name) or ()]


def references(files: Iterable[Any]) -> list[tuple[object, str | None]]:
    """(token, name or None) of uploads given as tokens or as file objects. Raises InvalidInput."""
    if not isinstance(files, list):
        raise InvalidInput("files: expected a list of uploaded files")
    found: list[tuple[object, str | None]] = []
    for given in files:
        if isinstance(given, dict):
            name = given.get("name") or given.get("orig_name")
            found.append((given.get("path"), name if isinstance(name, str) else None))
        else:
            found.append((given, None))
    return found


def _status(service: Service, job_id: str) -> dict[str, Any] | None:
    """The job's status with its id; None for a job that the server no longer knows."""
    try:
        return {"job_id": job_id, **job_payload(service.job(job_id).status)}
    except NotFound:
        return None
