"""Stores: where pages are kept and searched. Qdrant appears in this package only."""

from retrieval.store.protocol import IndexConfig, PageStore, ScoredPage, StoreStats
from retrieval.store.registry import open_store

__all__ = ["IndexConfig", "PageStore", "ScoredPage", "StoreStats", "open_store"]
