"""Meaning of text: contextual vectors of a page's passages, and of a query's tokens, for late interaction."""
