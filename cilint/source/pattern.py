"""Regular expressions that are compiled when they are first used: compiling is most of what a start would cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import compile as lazy
else:

    class lazy:
        """`lazy(pattern, flags)` stands for `re.compile(pattern, flags)` and turns into it at its first use."""

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self._source = pattern, flags

        def __getattr__(self, name: str) -> Any:
            value = getattr(re.compile(*self._source), name)
            setattr(self, name, value)
            return value


__all__ = ["lazy"]
