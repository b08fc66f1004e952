"""The catalogue's data files, through cilint's one way to the files that ship beside the code.

Those of IAM can be newer ones: `CILINT_IAM_DATA` names a directory that `cilint iam data` has written.
"""

from __future__ import annotations

import os
from typing import Final

from cilint.core import resources

VARIABLE: Final = "CILINT_IAM_DATA"
REPLACEABLE: Final = ("iam-actions.txt", "iam-condition-keys.txt", "iam-discontinued.txt")


def read(name: str) -> bytes:
    """The bytes of `data/<name>`, or of the file that takes its place. Raises FileNotFoundError."""
    directory = os.environ.get(VARIABLE) if name in REPLACEABLE else None
    if not directory:
        return shipped(name)
    with open(os.path.join(directory, name), "rb") as file:
        return file.read()


def shipped(name: str) -> bytes:
    """The bytes of `data/<name>` as cilint ships it. Raises FileNotFoundError when the installation is broken."""
    return resources.read(f"cilint/catalog/data/{name}")


def missing() -> tuple[str, ...]:
    """The files that the directory of `CILINT_IAM_DATA` lacks; empty where it is not set."""
    directory = os.environ.get(VARIABLE)
    return tuple(name for name in REPLACEABLE if directory and not os.path.isfile(os.path.join(directory, name)))
