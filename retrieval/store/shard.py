"""The files of the embedded store, made or opened.

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
import subprocess
import sys
from pathlib import Path
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.disk import require_room, require_room_to_open
from pagelight.retrieval.errors import LibraryDamaged, repair_hint
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.id_mapping import check_mappings
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import MEANING_PRECISION, Precision, parse_precision
from pagelight.retrieval.store.record import check_record, to_record
from pagelight.retrieval.store.side_files import write_durably

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
#: what the files of an empty shard take up on disk (seen: 1.1 MB with qdrant-edge 0.9) (limit)
_NEW_SHARD_BYTES = 2 << 20
_DATATYPES = {
    "float32": qdrant.VectorStorageDatatype.Float32,
    "float16": qdrant.VectorStorageDatatype.Float16,
    "turbo8": qdrant.VectorStorageDatatype.Turbo8,
    "turbo4": qdrant.VectorStorageDatatype.Turbo4,  # type: ignore[attr-defined]  # missing from the stubs
}


def open_shard(folder: Path, config: IndexConfig) -> qdrant.EdgeShard:
    """The shard in `folder`, made where there is none. Raises ModelMismatch, DiskFull, StoreError."""
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
