"""Search: candidates from the store, exact scores from the stored vectors, and how sure a match is."""
