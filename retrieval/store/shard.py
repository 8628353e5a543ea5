"""The files of the embedded store: made, checked, opened, and read ahead.

    index/lock         held while the folder is open
    index/index.json   what the index was made of, written once its shard exists
    index/counts.json  how many pages, vectors and patches it holds
    index/opening      there while the shard is being opened
    index/shard/       Qdrant's own files
    index/kept/        learned centroids, if there are any

The shard has no write-ahead log, which would take 64 MB on disk before the first page; who writes flushes instead.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as qdrant

from pagelight.retrieval.disk import require_room, require_room_to_open, write_durably
from pagelight.retrieval.errors import LibraryDamaged, repair_hint
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import MEANING_PRECISION, Precision, parse_precision
from pagelight.retrieval.store.record import check_record, to_record

_PROBE = """
import resource, sys
import qdrant_edge
room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (room, room))
qdrant_edge.EdgeShard.load(sys.argv[1]).count(qdrant_edge.CountRequest(exact=True))
"""
#: until a shard counts as one that does not open: sound ones of 100,000 pages take some seconds (time)
_PROBE_SECONDS = 300.0
#: address space in which a sound shard opens, beside twice its files, which are mapped: damaged lengths ask for dozens of GB (limit)
_PROBE_BYTES = 8 << 30
#: bytes on disk of an empty shard (seen: 1.1 MB with qdrant-edge 0.9) (limit)
_NEW_SHARD_BYTES = 2 << 20
_DATATYPES = {
    "float32": qdrant.VectorStorageDatatype.Float32,
    "float16": qdrant.VectorStorageDatatype.Float16,
    "turbo8": qdrant.VectorStorageDatatype.Turbo8,
    "turbo4": qdrant.VectorStorageDatatype.Turbo4,  # type: ignore[attr-defined]  # missing from the stubs
}
#: bytes of the files that the system is asked to keep, at most: a quarter of a machine with 16 GB (limit)
_AHEAD_BYTES = 4 << 30
#: ... and in one call, of which Linux leaves out what is beyond some MB (block)
_STEP_BYTES = 2 << 20
#: Qdrant's file of the ids of points (form, qdrant-edge 0.9)
_MAPPINGS = "mutable_id_tracker.mappings"
#: bytes of each kind of change: a number or a UUID is given a place, or is deleted (form, qdrant-edge 0.9)
_CHANGE_BYTES = {1: 13, 2: 21, 3: 9, 4: 17}
#: the kinds that give a place, which is their last four bytes (form)
_PLACING = (1, 2)
_UUID = 2
#: places beyond the number of changes that are passed over (guard)
_SLACK = 100_000


def open_shard(folder: Path, config: IndexConfig) -> qdrant.EdgeShard:
    """The shard in `folder`, made if it is missing. Raises ModelMismatch, DiskFull, StoreError."""
    record, place = folder / "index.json", folder / "shard"
    making = folder / "making"  # there until the record is: what a crash left before it never held a page
    if record.exists():
        making.unlink(missing_ok=True)
        check_record(
            _read(record),
            config,
            f"The index in {folder}",
            f"delete {folder} to index anew: the documents stay, and the next start reads them again",
        )
        require_room_to_open(folder)
        return _loaded(folder, place)
    if place.exists() and any(place.iterdir()) and not making.exists():
        raise LibraryDamaged(
            f"{record} is gone, so that nobody knows what the index was made of; {repair_hint(folder.parent)}"
        )
    require_room(folder, _NEW_SHARD_BYTES)
    making.touch()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shard = qdrant.EdgeShard.create(str(place), _edge_config(config))
    keyword = qdrant.PayloadSchemaType.Keyword
    shard.update(qdrant.UpdateOperation.create_field_index(fields.DOCUMENT_ID, keyword))
    shard.flush()
    write_durably(record, (json.dumps(to_record(config), indent=1) + "\n").encode())
    making.unlink()
    return shard


def check_shard(folder: Path) -> None:
    """Open the shard in a process of its own. Raises LibraryDamaged where damage ends that, or Qdrant panics.

    Whatever else is wrong, opening it here tells better.
    """
    place = folder / "shard"
    n_bytes = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    command = [sys.executable, "-P", "-c", _PROBE, str(place), str(_PROBE_BYTES + 2 * n_bytes)]
    try:
        opens = subprocess.run(
            command,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
        )
        effect = "ends whatever opens it" if opens.returncode < 0 else ""
        if b"PanicException" in opens.stderr:  # Rust would write about it beside our sentence
            effect = "does not open"
    except subprocess.TimeoutExpired:
        effect = "does not open"
    if effect:
        raise LibraryDamaged(
            f"The index in {folder} is damaged, so that it {effect}; {repair_hint(folder.parent)}"
        )


def _loaded(folder: Path, place: Path) -> qdrant.EdgeShard:
    """The shard, opened; where the last one who did so did not come back, with care."""
    opening = folder / "opening"
    check_mappings(folder)
    if opening.exists():
        check_shard(folder)
    opening.touch()
    try:
        return qdrant.EdgeShard.load(str(place))
    finally:
        opening.unlink()


def _read(record: Path) -> dict[str, Any]:
    try:
        found = json.loads(record.read_text())
        if isinstance(found, dict):
            return found
    except ValueError:
        pass
    raise LibraryDamaged(f"{record} is damaged; {repair_hint(record.parent.parent)}")


def _edge_config(config: IndexConfig) -> qdrant.EdgeConfig:
    precision = parse_precision(config.precision)
    vectors = {} if config.codebook else {fields.PATCHES: _vectors(config.dim, precision)}
    if config.meaning_dim:
        vectors[fields.PASSAGES] = _vectors(config.meaning_dim, MEANING_PRECISION)
        vectors[fields.SUBJECT] = _vectors(config.meaning_dim, MEANING_PRECISION, several=False)
    words = qdrant.EdgeSparseVectorParams(
        modifier=qdrant.Modifier.Idf,
        datatype=qdrant.VectorStorageDatatype.Float16,
        memory=qdrant.Memory.Cold,
    )
    sparse = {fields.SEEN if config.codebook else fields.WORDS: words}
    if config.centroids:
        sparse[fields.CENTROIDS] = qdrant.EdgeSparseVectorParams(
            datatype=qdrant.VectorStorageDatatype.Float16, memory=qdrant.Memory.Cold
        )
    return qdrant.EdgeConfig(
        vectors=vectors,
        sparse_vectors=sparse,
        payload_memory=qdrant.Memory.Cold,
        optimizers=qdrant.EdgeOptimizersConfig(
            vacuum_min_vector_number=100,
            # segments are searched in parallel; past this size they are not merged again, so that adding
            # pages to a large library does not rewrite it
            default_segment_number=min(os.cpu_count() or 1, 8),
            max_segment_size=200_000,  # KB
            indexing_threshold=20_000,  # KB
        ),
        wal_enabled=False,
    )


def _vectors(dim: int, precision: Precision, several: bool = True) -> qdrant.EdgeVectorParams:
    """several: a page has many, of which the best one counts"""
    copies: dict[str, Any] = {
        "int8": qdrant.ScalarQuantizationConfig(qdrant.ScalarType.Int8),
        "binary": qdrant.BinaryQuantizationConfig(),
        "turbo2": qdrant.TurboQuantQuantizationConfig(bits=qdrant.TurboQuantBitSize.Bits2),
        "turbo1": qdrant.TurboQuantQuantizationConfig(bits=qdrant.TurboQuantBitSize.Bits1),
    }
    return qdrant.EdgeVectorParams(
        size=dim,
        distance=qdrant.Distance.Dot,
        multivector_config=qdrant.MultiVectorConfig(qdrant.MultiVectorComparator.MaxSim) if several else None,
        datatype=_DATATYPES[precision.datatype],
        quantization_config=copies[precision.copy] if precision.copy else None,
        # no graph: MaxSim is no metric, and a full scan is exact
        hnsw_config=qdrant.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10),
        memory=qdrant.Memory.Cold,
    )


def read_ahead(folder: Path) -> None:
    """Ask the system to read the files, newest first, which takes none of this process's memory.

    Qdrant lets go of what it does not need at once, and does not read beyond what it asks for: a page that nobody read
    before took four reads from the disk, a millisecond in all.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    left, found = _AHEAD_BYTES, list[Path]()
    with suppress(OSError):  # a folder that goes away meanwhile needs nothing
        # Qdrant's own alone: opening a file of SQLite and closing it would drop the locks that this process has on it
        found = sorted((folder / "shard").rglob("*.*"), key=_changed_at, reverse=True)
    for path in found:
        with suppress(OSError), path.open("rb") as file:  # an optimizer may just have removed it
            status = os.fstat(file.fileno())
            left -= status.st_blocks * 512
            if left < 0:
                return
            for start in range(0, status.st_size, _STEP_BYTES):
                os.posix_fadvise(file.fileno(), start, _STEP_BYTES, os.POSIX_FADV_WILLNEED)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def check_mappings(folder: Path) -> None:
    """Look through the ids of points before Qdrant loads them: a wrong place among them makes it ask for dozens of gigabytes,
    which ends the process.

    Raises LibraryDamaged where a mapping of the shard in `folder` cannot be true; OSError.
    """
    for path in (folder / "shard").rglob(_MAPPINGS):
        if not _is_sound(path.read_bytes()):
            raise LibraryDamaged(
                f"The index in {folder} is damaged: {path.name} cannot be read; {repair_hint(folder.parent)}"
            )


def _is_sound(content: bytes) -> bool:
    """Whether the changes are of known kinds and give places that can be; half of one at the end is what a crash leaves.

    >>> change = bytes([2]) + bytes(16) + (7).to_bytes(4, "little")
    >>> _is_sound(change), _is_sound(change + change[:9]), _is_sound(change[:-1] + b"\\x7f"), _is_sound(b"\\x09")
    (True, True, False, False)
    """
    size = _CHANGE_BYTES[_UUID]
    whole = np.frombuffer(content, np.uint8, len(content) // size * size).reshape(-1, size)
    if len(content) % size == 0 and bool((whole[:, 0] == _UUID).all()):  # nothing but pages that were added
        places = np.ascontiguousarray(whole[:, -4:]).view("<u4")
        return bool((places < len(whole) + _SLACK).all())
    at = n_changes = furthest = 0
    while at < len(content):
        kind = content[at]
        if kind not in _CHANGE_BYTES:
            return False
        at += _CHANGE_BYTES[kind]
        n_changes += 1
        if kind in _PLACING and at <= len(content):
            furthest = max(furthest, struct.unpack_from("<I", content, at - 4)[0])
    return furthest < n_changes + _SLACK
