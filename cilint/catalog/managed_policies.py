"""AWS managed policies: which exist, under which path, what replaced the retired ones, which actions some allow, and
how far they lead to more permissions.

A tail is what follows `:policy/` in the ARN and holds the path: `service-role/AWSCodeDeployRole`. The data are written
by `scripts/refresh_managed_policies.py`.
"""

from functools import cache

from cilint.catalog import data_files
from cilint.catalog.nearest import nearest
from cilint.source.record import NamedTuple

_CURRENT = "managed-policies.txt"
_RETIRED = "managed-policies-retired.txt"
_ACTIONS = "managed-policy-actions.txt"
_POWERS = "managed-policies-powers.txt"

# Names that people write as if AWS had such a policy; no list of AWS managed policies has ever held them. The console
# names the roles that it makes AWSCodePipelineServiceRole-REGION-PIPELINE, which is where some of them come from.
NEVER_EXISTED = frozenset(
    {
        "AWSCodePipelineServiceRole",
        "AWSCodeBuildServiceRole",
        "AWSCodeBuildServiceRolePolicy",
        "AWSCodeBuildFullAccess",
        "AWSCodeDeployEC2Role",
        "AWSCodeConnectionsFullAccess",
        "AWSCodeStarConnectionsFullAccess",
    }
)


class Powers(NamedTuple):
    """What a policy allows of the actions of `iam_escalation` (in lower case) on everything that they work on, and to
    which services its iam:PassRole hands any role: patterns, empty where it hands none."""

    actions: frozenset[str]
    passes_to: tuple[str, ...]


class Retirement(NamedTuple):
    """A policy that AWS took away: it stays with those that have it and cannot be attached again."""

    name: str
    # YYYY-MM of the first dated list without it, so it went in that month at the latest.
    gone_by: str
    # The tail of the policy that AWS names or that plainly took its place.
    successor: str | None


def data_date() -> str:
    """The day of the latest change in the data, YYYY-MM-DD."""
    return _text(_CURRENT).partition("\n")[0].split()[-1]


def tail_of(arn: str) -> str | None:
    """`service-role/X` of `arn:aws:iam::aws:policy/service-role/X`, in any partition; None of any other text."""
    head, policy, tail = arn.partition(":iam::aws:policy/")
    return tail if policy and head.startswith("arn:") and head.count(":") == 1 else None


def exists(tail: str) -> bool:
    """Whether the data list the policy. Like ARNs, tails are compared with regard to case."""
    return "\n" not in tail and f"\n{tail}\n" in _text(_CURRENT) and tail != ""


def tails_named(name: str) -> tuple[str, ...]:
    """The tails of the policies called `name` in any case, whatever their path."""
    return _by_name().get(name.lower(), ())


def retirement(name: str) -> Retirement | None:
    """What is known of the retired policy called `name` (without a path)."""
    return _retired().get(name)


def powers(tail: str) -> Powers | None:
    """What the policy allows towards more permissions, None for nothing."""
    row = _powers().get(tail)
    if row is None:
        return None
    numbers, services = row
    names = _text(_POWERS).split("\n", 2)[1].split(" ")
    return Powers(frozenset(names[int(number)] for number in numbers.split(" ")), tuple(services.split()))


def service_linked(tail: str) -> bool:
    """Whether only a service-linked role can have the policy, so that nobody can attach it."""
    return tail.startswith("aws-service-role/")


def allowed(tail: str) -> tuple[str, ...] | None:
    """Patterns of the actions that a policy allows on some resource, in lower case; one that begins with `!` allows all
    actions but those behind it (`!iam:*,account:*`). None of a policy whose actions the data do not tell."""
    text, start = _text(_ACTIONS), f"\n{tail}\t"
    at = text.find(start)
    if at < 0 or "\n" in tail:
        return None
    words = text[at + len(start) : text.index("\n", at + 1)].lower().split()
    return tuple(pattern for word in words for pattern in _patterns(word))


def _patterns(word: str) -> tuple[str, ...]:
    service, colon, names = word.partition(":")
    if service.startswith("!") or not colon:
        return (word,)
    return tuple(f"{service}:{name}" for name in names.split(","))


def nearest_policy(tail: str) -> str | None:
    """Did you mean: a tail with the same name under another path or in another case, or with a name close to it."""
    name = tail.rpartition("/")[2]
    close = name if tails_named(name) else nearest(name, _by_name())
    return tails_named(close)[0] if close else None


@cache
def _text(file: str) -> str:
    return data_files.read(file).decode("ascii")


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    tails: dict[str, tuple[str, ...]] = {}
    for tail in _text(_CURRENT).splitlines()[1:]:
        name = tail.rpartition("/")[2].lower()
        tails[name] = (*tails.get(name, ()), tail)
    return tails


@cache
def _retired() -> dict[str, Retirement]:
    rows = (line.split("\t") for line in _text(_RETIRED).splitlines()[1:])
    return {
        name: Retirement(name, gone_by, None if successor == "-" else successor) for name, gone_by, successor in rows
    }


@cache
def _powers() -> dict[str, tuple[str, str]]:
    rows = (line.split("\t") for line in _text(_POWERS).splitlines()[2:])
    return {tail: (numbers, services) for tail, numbers, services in rows}
