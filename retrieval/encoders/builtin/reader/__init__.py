"""The reader: where the words of a page are, and which words they are."""
