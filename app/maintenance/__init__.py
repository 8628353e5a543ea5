"""Looking after a library: doctor, repair, reindex, backup and restore."""
