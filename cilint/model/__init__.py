"""Floor 2: recognising kinds and typed read-only views of documents."""
