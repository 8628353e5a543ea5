"""Requests of callers, checked in one place for HTTP, Gradio's events and MCP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi import Query as AddressQuery
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
)

from pagelight.app.filters import document_filter
from pagelight.app.granularity import Granularity
from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import InvalidInput

#: the largest page number that is looked up; documents are limited to fewer pages by `max_pages`
_MOST_PAGES = 1_000_000


def _storable(text: str) -> str:
    """Without halves of characters, which can be written in JSON, and nowhere else."""
    return text.encode("utf-8", "replace").decode()


Text = Annotated[StrictStr, AfterValidator(_storable)]
PageNumber = Annotated[StrictInt, Field(ge=1, le=_MOST_PAGES, description="counts from 1")]
DocumentId = Annotated[Text, Field(description="the document's SHA-256, as a search or the list gives it")]
Query = Annotated[
    Text,
    Field(
        description="a question, or words, or a description of a look; quotes mean the phrase, `-word` excludes"
    ),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _FilteredRequest(_Request):
    top_k: Annotated[StrictInt, Field(description="pages to return")] = 10
    documents: Annotated[list[Text], Field(description="names or ids to search in; empty: all")] = []
    tags: Annotated[list[Text], Field(description="tags that the documents have, all of them")] = []
    types: Annotated[list[Text], Field(description="kinds of file: pdf, png …")] = []
    added_from: Annotated[Text, Field(description="date from which on they were added, UTC")] = ""
    added_to: Annotated[Text, Field(description="date up to which they were added, itself included")] = ""

    languages: Annotated[list[Text], Field(description="languages of the documents: en, de …")] = []
    dated_from: Annotated[Text, Field(description="the documents' own date, from this day on")] = ""
    dated_to: Annotated[Text, Field(description="the documents' own date, up to this day")] = ""
    granularity: Annotated[
        Granularity, Field(description="what is listed beside the pages: documents or places")
    ] = "pages"

    @property
    def extent(self) -> Extent:
        """Raises InvalidInput."""
        only = document_filter(
            self.tags,
            self.types,
            self.added_from,
            self.added_to,
            self.languages,
            self.dated_from,
            self.dated_to,
        )
        return Extent(only, self.top_k, self.documents)


_LIT = (
    "hits whose regions are found before the answer, the best ones; those of the others are null, "
    "and `/documents/{id}/pages/{page}/regions` has them. Without it all"
)


class SearchRequest(_FilteredRequest):
    query: Query
    lit: Annotated[StrictInt | None, Field(ge=0, description=_LIT)] = None


class LikeRequest(_FilteredRequest):
    """A page of the library, or a box of it, to find the like of."""

    document: Annotated[Text, Field(description="name or id")]
    page: PageNumber
    box: Annotated[
        tuple[float, float, float, float] | None,
        Field(
            description="x0, y0, x1, y1, relative to the page, from its top left; without it the whole page"
        ),
    ] = None


class HeatmapRequest(_Request):
    document_id: DocumentId
    page: PageNumber
    query: Query


class JobRequest(_Request):
    job_id: Text


class DocumentRequest(_Request):
    document_id: DocumentId


class ChangeRequest(_Request):
    """Changes to a document; what is left out stays."""

    name: Annotated[Text | None, Field(description="what to call it")] = None
    tags: Annotated[list[Text] | None, Field(description="these and no others")] = None


class UploadedRequest(_Request):
    """Uploads to index, by the tokens that sending them gave."""

    uploads: Annotated[list[Text], Field(min_length=1)]
    tags: Annotated[list[Text], Field(description="tags that the documents are given")] = []


class JudgementRequest(_Request):
    query: Query
    document_id: DocumentId
    page: PageNumber
    relevant: StrictBool


#: a query in an address
Words = Annotated[
    str,
    AddressQuery(
        alias="query",
        description="a question, or words, or a description of a look; quotes mean the phrase, `-word` excludes",
    ),
]


#: names of a posted request that an address has in the singular, once for each
_PLURALS = {"documents": "document", "tags": "tag", "types": "type", "languages": "language"}


def _only(
    request: Request,
    tag: Annotated[list[str], AddressQuery(description="tag that the documents have; may be repeated")] = [],  # noqa: B006
    type: Annotated[list[str], AddressQuery(description="kind of file: pdf, png …; may be repeated")] = [],  # noqa: B006
    added_from: Annotated[str, AddressQuery(description="date from which on they were added, UTC")] = "",
    added_to: Annotated[
        str, AddressQuery(description="date up to which they were added, itself included")
    ] = "",
    language: Annotated[
        list[str], AddressQuery(description="language of the documents: en, de …; may be repeated")
    ] = [],  # noqa: B006
    dated_from: Annotated[str, AddressQuery(description="the documents' own date, from this day on")] = "",
    dated_to: Annotated[str, AddressQuery(description="the documents' own date, up to this day")] = "",
) -> DocumentFilter:
    for name in request.query_params:
        if name in _PLURALS:  # it would go unnoticed; other names may be the host application's
            raise InvalidInput(f"{name} is not known in an address; write {_PLURALS[name]}=…, once for each")
    return document_filter(tag, type, added_from, added_to, language, dated_from, dated_to)


#: which documents are wanted, from an address
Only = Annotated[DocumentFilter, Depends(_only)]


@dataclass(frozen=True, slots=True)
class Extent:
    """Extent of a search: how many pages it gives, of which documents."""

    only: DocumentFilter
    top_k: int
    documents: list[str]


#: hits whose regions are found at once, from an address
Lit = Annotated[int | None, AddressQuery(ge=0, description=_LIT)]
Tags = Annotated[list[str], AddressQuery(description="tag that the documents are given; may be repeated")]
Names = Annotated[list[str], AddressQuery(description="names or ids to search in; may be repeated")]


def _extent(
    only: Only,
    top_k: Annotated[int, AddressQuery(description="pages to return")] = 10,
    document: Names = [],  # noqa: B006
) -> Extent:
    return Extent(only, top_k, document)


#: the number of pages that a search is to give, in an address
Wanted = Annotated[Extent, Depends(_extent)]
Listed = Annotated[
    Granularity, AddressQuery(description="what is listed beside the pages: documents or places")
]

R = TypeVar("R", bound=BaseModel)


def parsed(request: type[R], **values: Any) -> R:
    """The values as a request. Raises InvalidInput, one sentence about the first that is wrong.

    >>> parsed(SearchRequest, query="rain", documents="a.pdf")
    Traceback (most recent call last):
    pagelight.retrieval.errors.InvalidInput: documents: expected a list, got text
    """
    try:
        return request.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(sentence(error.errors(include_url=False)[0])) from None


_EXPECTED = {
    "int": "a whole number",
    "string": "text",
    "list": "a list",
    "bool": "true or false",
    "float": "a number",
    "dict": "an object",
    "model": "an object",
}


def sentence(error: Any) -> str:
    """One of pydantic's errors in our words.

    >>> sentence({"type": "missing", "loc": ("body", "query"), "msg": "Field required"})
    'query is missing'
    """
    kind, message = str(error["type"]), str(error["msg"])
    places = [
        str(part)
        for part in error["loc"]
        if part not in ("body", "query", "path") or part == error["loc"][-1]
    ]
    name = places[0] if places else "the request"
    if name == "body":
        name = "the body"
    if kind == "missing":
        return f"{name} is missing"
    if kind == "json_invalid":
        return "the body is not valid JSON"
    if kind == "extra_forbidden":
        return f"{name} is not known here"
    expected = _EXPECTED.get(kind.split("_", maxsplit=1)[0])
    if expected and kind.endswith(("_type", "_parsing")):
        return f"{name}: expected {expected}, got {_kind(error.get('input'))}"
    return f"{name}: {message[:1].lower()}{message[1:]}"


def _kind(value: object) -> str:
    names = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return "nothing" if value is None else names.get(type(value), "something else")
