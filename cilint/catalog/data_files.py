"""The catalogue's data files, through cilint's one way to the files that ship beside the code."""

from cilint.core import resources


def read(name: str) -> bytes:
    """The bytes of `data/<name>`. Raises FileNotFoundError when the installation is broken."""
    return resources.read(f"cilint/catalog/data/{name}")
