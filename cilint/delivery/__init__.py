"""Floor 3: facts that files contribute, and their joins."""
