"""`cilint schema`: the published schemas, for editors and other tools."""

from __future__ import annotations

import json
import os
import sys
from typing import Final

import click

from cilint.cli.book import refuse
from cilint.core import resources
from cilint.core.nearest import nearest

_ENDING: Final = ".schema.json"


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema NAME; without a name, list the schemas."""
    names = sorted(each.removesuffix(_ENDING) for each in resources.names("schemas") if each.endswith(_ENDING))
    if name is None:
        width = max(map(len, names))
        for each in names:
            click.echo(f"{each:{width}}  {json.loads(_read(each))['title']}")
        return
    stem = os.path.basename(name).removesuffix(_ENDING)
    if stem not in names:
        hint = nearest(stem, names)
        refuse(
            f"no schema is called {name!r}; " + (f"did you mean {hint!r}?" if hint else f"there are {', '.join(names)}")
        )
    sys.stdout.write(_read(stem))


def _read(name: str) -> str:
    return resources.read(f"schemas/{name}{_ENDING}").decode()
