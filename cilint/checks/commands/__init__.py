"""Checks of the commands of a build, as the shell sees them."""
