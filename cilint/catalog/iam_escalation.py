"""Ways from some permissions to more: sets of actions that together let an identity take what it was not given.

The data are written by hand. Sources: RhinoSecurityLabs' list of 28 methods (2019), DataDog's pathfinding.cloud
(2025-12), prowler (2026-10), NCC Group's PMapper, salesforce's cloudsplaining, BishopFox's iam-vulnerable; "own" marks
what follows from a service's API and stands in none of them. Whether a policy grants a way is for `cilint.iam`.
"""

from collections import Counter
from functools import cache

from cilint.catalog import data_files
from cilint.source.record import NamedTuple

_PATHS = "iam-escalation.txt"


class Path(NamedTuple):
    """A way: who may do all `actions` (lower case) can `how` (the verb of a sentence)."""

    id: str
    # identity: it changes who may do what; role: it passes a role to `service`; existing: it uses a role that
    # something has already; data: it reads secrets; ended: AWS has ended the service.
    kind: str
    own: bool
    service: str
    actions: tuple[str, ...]
    names: tuple[str, ...]  # the actions in AWS's spelling
    how: str


@cache
def paths() -> tuple[Path, ...]:
    """All ways, in the order of the file."""
    rows = (line.split("\t") for line in data_files.read(_PATHS).decode("ascii").splitlines()[1:])
    return tuple(
        Path(id_, kind, origin == "own", service, tuple(names.lower().split()), tuple(names.split()), how)
        for id_, kind, origin, service, names, how in rows
    )


@cache
def by_rarest_action() -> dict[str, tuple[Path, ...]]:
    """The ways, by the one of their actions that the fewest ways need: who lacks it has none of these."""
    uses = Counter(action for path in paths() for action in path.actions)
    found: dict[str, tuple[Path, ...]] = {}
    for path in paths():
        rarest = min(path.actions, key=uses.__getitem__)
        found[rarest] = (*found.get(rarest, ()), path)
    return found


@cache
def actions() -> frozenset[str]:
    """Every action that a way needs, in lower case."""
    return frozenset(action for path in paths() for action in path.actions)
