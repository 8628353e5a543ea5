"""Highlights: the places on a stored page that answer a query."""
