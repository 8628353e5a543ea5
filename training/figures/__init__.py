"""Training of the net that finds figures: pages drawn with charts, tables, maps and pictures, and those of others."""
