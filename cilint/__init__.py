"""cilint: the linter and policy checker for AWS CI/CD configuration."""

from cilint.version import __version__

__all__ = ["__version__"]
