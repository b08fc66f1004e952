"""Floor 7: the command line, a command per module."""
