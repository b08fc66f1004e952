"""Floor 6: one module per output format, all from the same Report."""
