"""Whose permissions a file tells of: the roles, users and groups of a template with all that they are given in it, and
every policy that stands alone. What the statements come to is for `effect`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cilint.model.intrinsics import symbolic
from cilint.model.policy import IDENTITY, TRUST, Policy, Principal, Statement
from cilint.model.subjects import subjects
from cilint.model.template import POLICIES, Resource, Template
from cilint.model.unit import Unit
from cilint.source.record import NamedTuple
from cilint.source.text import Span


class Holder(NamedTuple):
    """Statements that hold together. `role` is what they are for (IDENTITY, TRUST, ...), `name` empty for a file that
    is a policy; `bounded` tells of a permissions boundary, `boundary` holds its statements where they are at hand."""

    name: str
    type: str
    role: str
    span: Span  # in the text of the file
    statements: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None
    bounded: bool = False
    managed: tuple[str, ...] = ()  # policies of AWS or of other stacks that it has too


def holders(units: list[Unit]) -> list[Holder]:
    """The holders of a file's units, in the order of the file."""
    template = next((each.view for each in units if isinstance(each.view, Template)), None)
    found = list(_identities(template)) if template else []
    given = {id(each.node) for holder in found for each in holder.statements}
    for unit in units:
        if isinstance(unit.view, Policy) and not _all_given(unit.view, given):
            found.append(_alone(unit.view, unit, template))
    return sorted(found, key=lambda each: (each.span.start, each.role == IDENTITY))


def _identities(template: Template) -> Iterator[Holder]:
    found = subjects("template")["Principal"](template)
    principals = {id(each.node): each for each in found if isinstance(each, Principal)}
    for resource in template.of_type("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        principal = principals.get(id(resource.node))
        managed = tuple(_managed(resource, template))
        if principal is not None or managed:
            yield Holder(
                resource.logical_id,
                resource.type,
                IDENTITY,
                resource.key.span,
                principal.statements if principal else (),
                principal.boundary if principal else None,
                resource.property("PermissionsBoundary") is not None,
                managed,
            )


def _managed(resource: Resource, template: Template) -> Iterator[str]:
    """The managed policies that are not written out in the template."""
    written = {f"${{{each.logical_id}}}" for each in template.resources if each.type in POLICIES}
    for arn in subjects("template")["ManagedPolicyArn"](template):
        if resource.span.start <= arn.span.start < resource.span.end:
            text = symbolic(arn.node)
            if text not in written:
                yield text or "one that only a stack knows"


def _all_given(policy: Policy, given: set[int]) -> bool:
    return bool(policy.statements) and all(id(each.node) in given for each in policy.statements)


def _alone(policy: Policy, unit: Unit, template: Template | None) -> Holder:
    span = unit.outward(policy.span) if unit.outward else policy.span
    resources = template.resources if template else ()
    owner = next((each for each in resources if each.span.start <= span.start < each.span.end), None)
    if owner is None:
        return Holder("", "", policy.role, span, policy.statements)
    at = owner.key.span if policy.role == TRUST else span
    return Holder(owner.logical_id, owner.type, policy.role, at, policy.statements)
