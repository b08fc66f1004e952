"""Statements that hand a role over to a service (iam:PassRole) or let one be made (iam:CreateServiceLinkedRole)."""

from __future__ import annotations

from typing import Final

from cilint.iam import breadth
from cilint.iam.patterns import covers
from cilint.model.policy import Statement
from cilint.model.values import HOLE, Value
from cilint.source.record import NamedTuple

PASS_ROLE: Final = "iam:passrole"
CREATE_SERVICE_LINKED_ROLE: Final = "iam:createservicelinkedrole"


class Grant(NamedTuple):
    """The item of `Action` that covers the action, and the item of `Resource` that names every role, or None."""

    pattern: Value
    every_role: Value | None


def grant(statement: Statement, action: str) -> Grant | None:
    """How an Allow statement grants one of the two actions; None where it does not, or denies take it away."""
    if not statement.allows:
        return None
    pattern = next((each for each in statement.action_values if _covers(each, action)), None)
    if pattern is None or any(
        covers(value.text.lower(), action)
        for each in breadth.unconditional_denies(statement.policy)
        for value in each.action_values
    ):
        return None
    return Grant(pattern, next((each for each in statement.resource_values if names_every_role(each.text)), None))


def _covers(value: Value, action: str) -> bool:
    return value.whole and covers(value.text.lower(), action)


def names_every_role(resource: str) -> bool:
    """Whether a resource covers all roles of an account, known or not: `*`, `arn:aws:iam::111122223333:role/*`."""
    if not resource.strip("*"):
        return True
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource.startswith("arn:") and resource.endswith("*") and HOLE not in resource and "iam" in resource
    return parts[2] in ("iam", "*") and parts[5].rstrip("*") in ("", "role/", "role") and parts[5].endswith("*")


def tested(statement: Statement, *keys: str) -> bool:
    """Whether a positive test limits one of the keys (in lower case) to some values."""
    return any(
        test.positive and test.name in keys and not any(value.text == "*" for value in test.values)
        for test in statement.tests
    )


def guarded(statement: Statement, action: str, key: str) -> bool:
    """Whether a Deny of the policy refuses the action where the key is not one of some values."""
    for each in statement.policy.statements:
        if each.effect is not None and each.effect.value == "Deny":
            negated = any(test.name == key and "Not" in test.base for test in each.tests)
            if negated and any(_covers(value, action) for value in each.action_values):
                return True
    return False


def service_linked(resource: str) -> bool:
    """Whether a resource names roles below the path of service-linked roles."""
    return ":role/aws-service-role/" in resource
