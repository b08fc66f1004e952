"""Floor 4: the check functions, one module per subject; pages in rules/ name them."""
