"""Checks of buildspecs."""
