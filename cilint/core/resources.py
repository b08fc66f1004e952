"""The one way to the files that ship beside the code: rule pages, schemas, data.

In a wheel and in a zip they lie inside the package under `bundled/`; in a checkout beside the package.
"""

from __future__ import annotations

import os
from typing import Any, cast

import cilint

# As the loader knows it: a zip that was named by a relative path wants the same path back.
_PACKAGE = os.path.dirname(cilint.__file__)
_BUNDLED = os.path.join(_PACKAGE, "bundled")
_CHECKOUT = os.path.dirname(_PACKAGE)


def read(name: str) -> bytes:
    """The bytes of a resource by its name with forward slashes, such as `schemas/buildspec.schema.json`.

    Raises FileNotFoundError when it is neither bundled nor in a checkout.
    """
    path = name.replace("/", os.sep)
    loader = cast(Any, cilint.__spec__.loader if cilint.__spec__ else None)
    for folder in (_BUNDLED, _CHECKOUT):
        try:
            return cast(bytes, loader.get_data(os.path.join(folder, path)))
        except OSError:
            continue
    raise FileNotFoundError(f"cilint's own file {name} is missing; install cilint again")


def directory(name: str) -> str | None:
    """The directory of the resources called `name`, such as `rules`; None where they lie in a zip."""
    paths = (os.path.join(folder, name) for folder in (_BUNDLED, _CHECKOUT))
    return next((path for path in paths if os.path.isdir(path)), None)


def checkout() -> str | None:
    """The directory of the checkout that this package runs from, or None when it is installed."""
    return _CHECKOUT if os.path.isfile(os.path.join(_CHECKOUT, "rules", "README.md")) else None


def names(folder: str) -> list[str]:
    """The names of the resources in `folder`, also from a zip."""
    from importlib.resources import files

    found = files(cilint).joinpath("bundled", folder)
    if found.is_dir():
        return [each.name for each in found.iterdir()]
    return os.listdir(directory(folder) or ".")
