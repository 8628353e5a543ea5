"""Stores: where pages are kept and searched. Qdrant appears in this package only."""

from pagelight.retrieval.store.opening import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore, ScoredPage, StoreStats

__all__ = ["IndexConfig", "PageStore", "ScoredPage", "StoreStats", "open_store"]
