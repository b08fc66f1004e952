"""What a role of a template may do, put together from all that the template gives it: its own policies, those that are
attached to it, and AWS managed policies. In doubt it may: a finding about a missing permission must be certain.

Which roles there are and who uses them: `cilint.delivery.uses`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions, managed_policies
from cilint.iam import breadth, targets
from cilint.iam.patterns import covers, overlap, padded
from cilint.model.intrinsics import alternatives, is_intrinsic, listed, symbolic
from cilint.model.policy import IDENTITY, RESOURCE, Policy, Statement
from cilint.model.template import POLICIES, Resource, Template
from cilint.model.values import HOLE, Value, holes
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.record import NamedTuple

ROLE: Final = "AWS::IAM::Role"
_ATTACHED: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_AWS_POLICY: Final = ":iam::aws:policy/"


class Target(NamedTuple):
    """What a call works on: its ARN with holes, empty where nothing is known of it; the resource of the template that
    it is, if it is one; and the services that a role is handed to."""

    arn: str = ""
    resource: Resource | None = None
    passed_to: tuple[str, ...] = ()


ANY: Final = Target()


class Permissions:
    """What a role may do. `closed`: the template shows all of it, as far as a template can."""

    __slots__ = ("boundary", "closed", "managed", "role", "statements")

    def __init__(self, role: Resource) -> None:
        self.role = role
        self.statements: list[Statement] = []
        self.managed: list[str] = []  # tails
        self.boundary: list[Statement] | None = None
        self.closed = role.properties is not None and role.template.complete

    def lacks(self, action: str, target: Target = ANY) -> bool:
        """Whether the role surely may not do the action, given in any case, on what the call works on."""
        if not self.closed:
            return False
        name = action.lower()
        if _denied(self.statements, name):
            return True
        if self.boundary is not None and not _allowed(self.boundary, name, target):
            return True
        return not (
            _allowed(self.statements, name, target)
            or any(_allowed_by_aws(tail, name) for tail in self.managed)
            or _allowed_by_resource(self.role.template, name)
        )


@lru_cache(maxsize=4)
def roles(template: Template) -> dict[str, Permissions]:
    """The roles of a template by logical id."""
    found = {each.logical_id: Permissions(each) for each in template.of_type(ROLE)}
    for permissions in found.values():
        _own(permissions)
    for policy in template.of_type(*_ATTACHED):
        for permissions in found.values():
            if _attached(policy, permissions.role):
                _add(permissions, policy.property("PolicyDocument"))
    return found


def _own(permissions: Permissions) -> None:
    role = permissions.role
    if role.properties is None or any(
        entry.merged or entry.name.startswith("Fn::") for entry in role.properties.entries
    ):
        permissions.closed = False
        return
    for choice in listed(role.property("Policies")):
        _add(permissions, choice.node.get("PolicyDocument") if isinstance(choice.node, Mapping) else None)
    for choice in listed(role.property("ManagedPolicyArns")):
        _add_managed(permissions, symbolic(choice.node, role.template) or "")
    for key in ("Policies", "ManagedPolicyArns"):
        if not _is_list(role.property(key)):
            permissions.closed = False
    boundary = role.template.referred(symbolic(role.property("PermissionsBoundary")) or "")
    document = boundary.property("PolicyDocument") if boundary is not None else None
    if document is not None and _plain(document):
        permissions.boundary = list(Policy(document, role.text, IDENTITY).statements)


def _is_list(node: Node | None) -> bool:
    """Whether a list is written out; parts of it may stand under conditions."""
    return all(isinstance(each.node, Sequence) and each.node.tag is None for each in alternatives(node))


def _add_managed(permissions: Permissions, arn: str) -> None:
    own = permissions.role.template.referred(arn)
    if own is not None:
        if own.type == "AWS::IAM::ManagedPolicy":
            _add(permissions, own.property("PolicyDocument"))
        else:
            permissions.closed = False
        return
    _, aws, tail = arn.partition(_AWS_POLICY)
    if aws and managed_policies.allowed(tail) is not None:
        permissions.managed.append(tail)
    else:
        permissions.closed = False


def _add(permissions: Permissions, document: Node | None) -> None:
    choices = list(alternatives(document))
    if not choices:
        permissions.closed = False
    for choice in choices:
        if _plain(choice.node):
            permissions.statements += Policy(choice.node, permissions.role.text, IDENTITY).statements
        else:
            permissions.closed = False


def _plain(node: Node) -> bool:
    """Whether all statements of a document are written out."""
    if not isinstance(node, Mapping) or is_intrinsic(node):
        return False
    written = node.get("Statement")
    items = written.items if isinstance(written, Sequence) and written.tag is None else [written]
    return all(isinstance(item, Mapping) and not is_intrinsic(item) for item in items) and not any(
        entry.merged for item in items if isinstance(item, Mapping) for entry in item.entries
    )


def _attached(policy: Resource, role: Resource) -> bool:
    """Whether a policy is given to a role; in doubt it is."""
    places = [each.node for each in listed(policy.property("Roles"))]
    name = policy.property("RoleName")
    return any(_may_be(symbolic(node), role) for node in (*places, *([name] if name is not None else ())))


def _may_be(text: str | None, role: Resource) -> bool:
    referred = role.template.referred(text or "")
    if referred is not None:
        return referred is role
    name = symbolic(role.property("RoleName"), role.template)
    if text is None or name is None:
        return False
    return text == name or (HOLE in holes(text) and overlap(holes(text), holes(name)))


# --- one call


def _allowed(statements: list[Statement], action: str, target: Target) -> bool:
    return any(
        each.effect is not None
        and each.effect.value != "Deny"
        and _speaks_of(each, action)
        and _reaches(each, action, target)
        for each in statements
    )


def _speaks_of(statement: Statement, action: str) -> bool:
    """Whether the statement may cover the action."""
    kept = statement.not_action_values
    if kept:
        return not any(value.whole and covers(value.text.lower(), action) for value in kept)
    written = statement.action_values
    if len(written) < len(statement.actions):
        return True  # an action that cannot be read
    return any(
        covers(value.text.lower(), action) or (not value.whole and _may_cover(value, action)) for value in written
    )


def _may_cover(value: Value, action: str) -> bool:
    return overlap(value.text.lower(), action)


def _reaches(statement: Statement, action: str, target: Target) -> bool:
    """Whether the statement may hold for the call: its resources, and the services that a role may be passed to."""
    if not _passes(statement, target.passed_to):
        return False
    if statement.not_resources or not statement.resources_known or not statement.resource_values:
        return True
    return any(_named(value, action, target, statement) for value in statement.resource_values)


def _passes(statement: Statement, services: tuple[str, ...]) -> bool:
    for test in statement.tests if services else ():
        if test.name == "iam:passedtoservice" and test.base.startswith("String") and "Not" not in test.base:
            known = test.complete and all(value.whole for value in test.values)
            if known and not any(covers(value.text, each) for value in test.values for each in services):
                return False
    return True


def _named(value: Value, action: str, target: Target, statement: Statement) -> bool:
    """Whether an item of `Resource` may name what the call works on."""
    if not value.text.replace(HOLE, "").strip("*"):
        return not value.text.replace("*", "") or _may_be_of(value, target, statement)
    known = iam_actions.action(action)
    if known is None:
        return True
    if known.star_only:
        return False
    if not target.arn or not value.text.startswith("arn:"):
        return targets.fits(known, value.text)
    return overlap(padded(value.text), target.arn)


def _may_be_of(value: Value, target: Target, statement: Statement) -> bool:
    """A reference to a resource of the same type that is another one does not name the target."""
    if target.resource is None:
        return True
    other = target.resource.template.referred(symbolic(value.node) or "")
    return other is None or other is target.resource or other.type != target.resource.type


def _denied(statements: list[Statement], action: str) -> bool:
    for each in statements:
        if each.effect is None or each.effect.value != "Deny" or each.condition is not None:
            continue
        if breadth.anything(each) is None:
            continue
        kept = each.not_action_values
        if any(covers(value.text.lower(), action) for value in each.action_values) or (
            kept and not any(covers(value.text.lower(), action) or not value.whole for value in kept)
        ):
            return True
    return False


@lru_cache(maxsize=512)
def _allowed_by_aws(tail: str, action: str) -> bool:
    for pattern in managed_policies.allowed(tail) or ():
        if pattern.startswith("!"):
            if not any(covers(each, action) for each in pattern[1:].split(",")):
                return True
        elif covers(pattern, action):
            return True
    return False


@lru_cache(maxsize=128)
def _allowed_by_resource(template: Template, action: str) -> bool:
    """Whether a policy of a bucket, key, topic ... in the template lets somebody other than a service do the action."""
    return any(
        statement.allows and _speaks_of(statement, action) and _lets_roles_in(statement)
        for statement in _resource_statements(template)
    )


@lru_cache(maxsize=4)
def _resource_statements(template: Template) -> tuple[Statement, ...]:
    return tuple(_of_resource_policies(template))


def _of_resource_policies(template: Template) -> Iterator[Statement]:
    for resource in template.resources:
        for place, purpose in POLICIES.get(resource.type, ()):
            document = resource.property(place) if purpose == RESOURCE else None
            if isinstance(document, Mapping):
                yield from Policy(document, resource.text, RESOURCE).statements


def _lets_roles_in(statement: Statement) -> bool:
    principal = statement.principal
    if isinstance(principal, Mapping) and not is_intrinsic(principal):
        return principal.get("AWS") is not None
    return isinstance(principal, (Scalar, Mapping)) or statement.not_principal is not None
