"""The files of the embedded store, made or opened.

    index/lock         held while the folder is open
    index/index.json   what the index was made of, written once its shard exists
    index/shard/       Qdrant's own files

The shard has no write-ahead log, which would take 64 MB on disk before the first page; who writes flushes instead.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.store import codec
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import Precision, parse_precision
from pagelight.retrieval.store.record import check_record, to_record

_DATATYPES = {
    "float32": qdrant.VectorStorageDatatype.Float32,
    "float16": qdrant.VectorStorageDatatype.Float16,
    "turbo8": qdrant.VectorStorageDatatype.Turbo8,
    "turbo4": qdrant.VectorStorageDatatype.Turbo4,  # type: ignore[attr-defined]  # missing from the stubs
}


def open_shard(folder: Path, config: IndexConfig) -> qdrant.EdgeShard:
    """The shard in `folder`, made where there is none. Raises ModelMismatch, StoreError."""
    record, place = folder / "index.json", folder / "shard"
    if record.exists():
        check_record(
            json.loads(record.read_text()),
            config,
            f"The index in {folder}",
            f"delete {folder} to index anew: the documents stay, and the next start reads them again",
        )
        return qdrant.EdgeShard.load(str(place))
    shutil.rmtree(place, ignore_errors=True)  # a crash before the record was written; nothing was ever in it
    place.mkdir()
    shard = qdrant.EdgeShard.create(str(place), _edge_config(config.dim, parse_precision(config.precision)))
    keyword = qdrant.PayloadSchemaType.Keyword
    shard.update(qdrant.UpdateOperation.create_field_index(codec.DOCUMENT_ID, keyword))
    shard.flush()
    _write_durably(record, json.dumps(to_record(config), indent=1) + "\n")
    return shard


def _edge_config(dim: int, precision: Precision) -> qdrant.EdgeConfig:
    copies: dict[str, Any] = {
        "int8": qdrant.ScalarQuantizationConfig(qdrant.ScalarType.Int8),
        "binary": qdrant.BinaryQuantizationConfig(),
        "turbo2": qdrant.TurboQuantQuantizationConfig(bits=qdrant.TurboQuantBitSize.Bits2),
        "turbo1": qdrant.TurboQuantQuantizationConfig(bits=qdrant.TurboQuantBitSize.Bits1),
    }
    patches = qdrant.EdgeVectorParams(
        size=dim,
        distance=qdrant.Distance.Dot,
        multivector_config=qdrant.MultiVectorConfig(qdrant.MultiVectorComparator.MaxSim),
        datatype=_DATATYPES[precision.datatype],
        quantization_config=copies[precision.copy] if precision.copy else None,
        # no graph: MaxSim is no metric, and a full scan is exact
        hnsw_config=qdrant.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10),
        memory=qdrant.Memory.Cold,
    )
    words = qdrant.EdgeSparseVectorParams(
        modifier=qdrant.Modifier.Idf,
        datatype=qdrant.VectorStorageDatatype.Float16,
        memory=qdrant.Memory.Cold,
    )
    return qdrant.EdgeConfig(
        vectors={codec.PATCHES: patches},
        sparse_vectors={codec.WORDS: words},
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


def _write_durably(path: Path, text: str) -> None:
    """Write and rename, so that the file is there whole or not at all."""
    draft = path.with_suffix(".new")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
