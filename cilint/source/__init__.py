"""Floor 0: text, YAML and JSON with positions, source maps. Knows nothing of AWS."""
