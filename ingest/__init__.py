"""Files to stored pages: rendering, the library of documents, the indexing pipeline and its jobs.

This package knows PDFs, not people.
"""
