"""The lexicon: other words for a query's words, made from word lists, dictionaries and vectors."""
