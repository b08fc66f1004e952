"""Floor 2: the commands of a build as the shell sees them, for which shell they are, and what they mean."""
