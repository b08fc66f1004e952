"""cilint: the linter and policy checker for AWS CI/CD configuration.

As a library, `cilint.check_paths` and `cilint.check_text` give a `Report`; importing the package loads neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cilint.version import __version__

if TYPE_CHECKING:
    from cilint.api import Diagnostic, Place, Report, Rule, check_paths, check_text
else:

    def __getattr__(name: str) -> Any:
        """What the library offers, imported when it is first asked for; type checkers read the import above."""
        if name not in __all__:
            raise AttributeError(f"module 'cilint' has no attribute {name!r}")
        from cilint import api

        value = getattr(api, name)
        globals()[name] = value
        return value


__all__ = ["Diagnostic", "Place", "Report", "Rule", "__version__", "check_paths", "check_text"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
