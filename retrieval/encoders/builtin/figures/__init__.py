"""Figures: the charts, tables, maps and photographs of a page, and the words that people ask for them with."""
