"""Vectors in, pages out: encoders, pruning, storage and late-interaction search.

This package knows vectors, not PDFs and not people.
"""
