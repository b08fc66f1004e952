"""Checks across files: what the parts of a delivery expect of each other."""
