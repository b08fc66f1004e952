"""Floor 5: discovery, the rule index, analysis of a file, selection, the run."""
