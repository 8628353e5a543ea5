"""Text as search sees it: folding, stems, terms, and what a page itself spells."""
