"""The one way to a data file of the catalogue. What a file means is known by the module that reads it."""

import os
from collections.abc import Callable
from typing import cast

_DIRECTORY = os.path.join(os.path.dirname(__file__), "data")


def read(name: str) -> bytes:
    """The bytes of the data file `name`; OSError when there is none.

    Goes through the loader that brought this module, so that it also works from a zip archive.
    """
    get_data = cast("Callable[[str], bytes]", getattr(__spec__.loader, "get_data"))  # noqa: B009 - no type declares it
    return get_data(os.path.join(_DIRECTORY, name))
