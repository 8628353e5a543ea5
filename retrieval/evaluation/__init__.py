"""Measuring retrieval: datasets, metrics, curves and reports."""
