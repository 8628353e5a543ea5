"""Names as people see them, versions of a file, and what tells namesakes apart."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagelight.ingest.document import Document, DocumentFilter, labels, name_key, storable_name
from pagelight.ingest.library import Library
from pagelight.ingest.render.file_type import FileType
from pagelight.retrieval.errors import InvalidInput, NotFound
from tests import samples


@given(st.text())
def test_a_key_is_the_same_for_every_form_and_case_of_a_name(name: str) -> None:
    name = storable_name(name)
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)
    assert name_key(name_key(name)) == name_key(name)


@given(
    st.lists(
        st.builds(
            Document,
            document_id=st.text("0123456789abcdef", min_size=64, max_size=64),
            name=st.sampled_from(["a.pdf", "b.pdf", "A.pdf", "\u00e9.pdf", "e\u0301.pdf"]),
            added=st.sampled_from(["", "2026-11-29T10:00:00", "2026-11-29T10:00:30", "2025-01-02T03:04:05"]),
            place=st.sampled_from(["", "/one/a.pdf", "/two/a.pdf", "/x/two/a.pdf"]),
            older=st.booleans(),
        ),
        unique_by=lambda document: document.document_id[:8],
        max_size=8,
    )
)
def test_labels_tell_all_documents_apart(documents: list[Document]) -> None:
    found = labels(documents)
    assert set(found) == {document.document_id for document in documents}
    assert len({unicodedata.normalize("NFC", label) for label in found.values()}) == len(documents)
    assert all(found[document.document_id].startswith(document.name) for document in documents)


def version(library: Library, folder: Path, seed: str, place: str = "", name: str = "a.pdf") -> str:
    return library.add(samples.text_pdf(folder, seed=seed), name, place)[0].document_id


def test_names_compare_as_people_see_them(library: Library, tmp_path: Path) -> None:
    document_id = version(library, tmp_path, "1", name="Cafe\u0301 Menü.PDF")
    for name in ("Caf\u00e9 Menü.PDF", "CAF\u00c9 MENÜ.pdf", "cafe\u0301 menu\u0308.pdf"):
        assert library.find(name).document_id == document_id
    with pytest.raises(NotFound):
        library.find("Cafe Menu.pdf")


def test_a_name_that_is_written_in_just_this_way_goes_first(library: Library, tmp_path: Path) -> None:
    small = version(library, tmp_path, "1", "/docs/report.pdf", "report.pdf")
    large = version(library, tmp_path, "2", "/docs/REPORT.pdf", "REPORT.pdf")
    assert [d.document_id for d in library.find_all("REPORT.pdf")] == [large]
    assert {d.document_id for d in library.find_all("Report.pdf")} == {small, large}


def test_a_new_version_of_a_file_is_told_from_the_older_one(library: Library, tmp_path: Path) -> None:
    old = version(library, tmp_path, "old", "/docs/a.pdf")
    new = version(library, tmp_path, "new", "/docs/a.pdf")
    assert [library.get(old).older, library.get(new).older] == [True, False]
    assert [d.document_id for d in library.older_versions(new)] == [old]
    assert library.older_versions(old) == []
    day = library.get(old).added[:10]
    assert library.labels() == {old: f"a.pdf (older, added {day})", new: "a.pdf"}
    assert library.find(f"A.pdf (older, added {day})").document_id == old


def test_a_file_that_went_back_to_what_it_was_is_the_newest(library: Library, tmp_path: Path) -> None:
    first = version(library, tmp_path, "one", "/docs/a.pdf")
    second = version(library, tmp_path, "two", "/docs/a.pdf")
    version(library, tmp_path, "one", "/docs/a.pdf")
    assert [library.get(first).older, library.get(second).older] == [False, True]


def test_namesakes_of_other_folders_are_no_versions(library: Library, tmp_path: Path) -> None:
    one = version(library, tmp_path, "1", "/2025/a.pdf")
    two = version(library, tmp_path, "2", "/2026/a.pdf")
    assert library.labels() == {one: "a.pdf (in 2025)", two: "a.pdf (in 2026)"}
    assert library.older_versions(two) == []


def test_a_replaced_version_goes_unless_its_content_has_another_name(
    library: Library, tmp_path: Path
) -> None:
    kept = version(library, tmp_path, "kept", "/docs/a.pdf")
    version(library, tmp_path, "kept", "/archive/a-2025.pdf", "a-2025.pdf")
    gone = version(library, tmp_path, "gone", "/docs/a.pdf")
    new = version(library, tmp_path, "new", "/docs/a.pdf")
    assert library.supersede(new) == [gone]
    assert library.unfinished_deletions() == [gone]
    assert [(d.document_id, d.name) for d in library.documents()] == [(kept, "a-2025.pdf"), (new, "a.pdf")]
    assert library.supersede(new) == [gone]  # until somebody finishes it


def test_a_place_that_is_given_up_leaves_the_other_names(library: Library, tmp_path: Path) -> None:
    document_id = version(library, tmp_path, "1", "/docs/a.pdf")
    version(library, tmp_path, "1", "/docs/b.pdf", "b.pdf")
    assert not library.release(document_id, "a.pdf", "/docs/a.pdf")
    assert library.get(document_id).name == "b.pdf"
    assert library.release(document_id, "b.pdf", "/docs/b.pdf")


def test_a_renamed_document_is_found_under_both_names(library: Library, tmp_path: Path) -> None:
    document_id = version(library, tmp_path, "1")
    library.rename(document_id, " Annual report ")
    assert library.get(document_id).name == "Annual report"
    assert library.get(document_id).other_names == ("a.pdf",)
    assert library.find("a.pdf") == library.find("annual REPORT")
    with pytest.raises(InvalidInput):
        library.rename(document_id, " \n")
    with pytest.raises(NotFound):
        library.rename("0" * 64, "x")


def test_tags_are_kept_counted_and_filtered_by(library: Library, tmp_path: Path) -> None:
    one = library.add(samples.text_pdf(tmp_path, seed="1"), "1.pdf", tags=["Taxes", "taxes", " 2026 "])[0]
    two = library.add(samples.text_pdf(tmp_path, seed="2"), "2.pdf")[0]
    assert one.tags == ("2026", "Taxes")
    library.set_tags(two.document_id, ["taxes", "home"])
    assert library.tags() == {"2026": 1, "home": 1, "Taxes": 2}
    assert [d.name for d in library.documents(DocumentFilter(tags=("TAXES",)))] == ["1.pdf", "2.pdf"]
    assert [d.name for d in library.documents(DocumentFilter(tags=("taxes", "home")))] == ["2.pdf"]
    library.set_tags(two.document_id, [])
    assert library.tags() == {"2026": 1, "Taxes": 1}
    with pytest.raises(InvalidInput):
        library.set_tags(two.document_id, ["x" * 101])


def test_documents_are_filtered_by_kind_state_date_and_name(library: Library, tmp_path: Path) -> None:
    pdf = library.add(samples.text_pdf(tmp_path), "Annual Report.pdf")[0]
    png = library.add(samples.picture(tmp_path, "photo.png"), "photo.png")[0]
    library.set_state(png.document_id, "indexed")
    with library.database.work() as connection:
        connection.execute(
            "UPDATE documents SET added = '2025-03-31T23:59:59' WHERE document_id = ?", (pdf.document_id,)
        )

    def named(**only: object) -> list[str]:
        return [d.name for d in library.documents(DocumentFilter(**only))]  # type: ignore[arg-type]

    assert named(types=(FileType.PNG,)) == ["photo.png"]
    assert named(states=("queued", "failed")) == ["Annual Report.pdf"]
    assert named(added_from="2025-03", added_to="2025-03") == ["Annual Report.pdf"]
    assert named(added_to="2025-03-30") == []
    assert named(added_from="2026") == ["photo.png"]
    assert named(text="annual") == ["Annual Report.pdf"]
    assert named(text="'; DROP TABLE documents; --") == []
