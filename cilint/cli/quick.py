"""The plainest calls of `cilint check`, read without click, which is a fifth of a cold start.

Only what needs no thought: paths, flags, and options whose value stands behind them. All else - help, wrong usage,
other commands - is click's; `tests/cli/test_quick.py` holds that both read the same out of the same words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cilint.cli.checking import Request, check
from cilint.cli.output import COLOURS, FORMATS
from cilint.cli.settings import UNSAID

_FLAGS: Final = frozenset(
    ("--exit-zero", "--fix", "--fix-only", "--diff", "--unsafe-fixes", "--statistics", "--force-exclude")
) | {"--no-baseline", "--show-files"}
_RULES: Final = frozenset(("--select", "--extend-select", "--ignore"))
_CHOICES: Final = {"--format": ("output_format", FORMATS), "--color": ("color", COLOURS)}


def run(arguments: Sequence[str], environment: Mapping[str, str], otherwise: Callable[[], None]) -> None:
    """Run a plain check and exit with its code; anything else is done `otherwise`."""
    request = None if "_CILINT_COMPLETE" in environment or os.name == "nt" else plain(arguments)
    if request is None:
        otherwise()
        return
    try:
        check(request)
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(1)
    except BrokenPipeError:  # the reader has gone, as behind `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def plain(arguments: Sequence[str]) -> Request | None:
    """The request that these words make; None where they are not plain."""
    if not arguments or arguments[0] != "check":
        return None
    fields: dict[str, Any] = {}
    options = dict(UNSAID)
    paths = []
    words = iter(arguments[1:])
    for word in words:
        if word == "-" or (word and not word.startswith("-")):
            paths.append(word)
        elif word in _FLAGS:
            fields[word[2:].replace("-", "_")] = True
        elif word in _RULES or word in _CHOICES or word in ("--output", "--stdin-filename"):
            value = next(words, "")
            if not value or value.startswith("-"):
                return None
            if word in _RULES:
                options[word[2:].replace("-", "_")] += (value,)
            elif word == "--output":
                fields["output_files"] = (*fields.get("output_files", ()), value)
            elif word == "--stdin-filename":
                fields["stdin_filename"] = value
            elif value in _CHOICES[word][1]:
                fields[_CHOICES[word][0]] = value
            else:
                return None
        else:
            return None
    return Request(paths=tuple(paths), options=options, **fields)
