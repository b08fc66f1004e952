"""An IAM policy document (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.model.intrinsics import Alternative, Branch, alternatives, is_intrinsic
from cilint.model.unit import Unit
from cilint.model.values import Value, holes, values
from cilint.model.view import Items, Table, View, Word, once
from cilint.model.view import Value as ValueOf
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Text

IDENTITY: Final = "identity"
BOUNDARY: Final = "permissions boundary"
SESSION: Final = "session"
TRUST: Final = "trust"
RESOURCE: Final = "resource"
SCP: Final = "service control"
RCP: Final = "resource control"

_CALLS: Final = lazy(r'"(?:Fn::\w+|Ref)"\s*:')
_NAMED: Final = (
    (RCP, lazy(r"(?:^|[^a-z])(?:rcp|resource[-_ ]?control)(?![a-z]*[-_]?set)")),
    (SCP, lazy(r"(?:^|[^a-z])(?:scps?(?:[^a-z]|$)|guardrails?(?:[^a-z]|$)|service[-_ ]?control)")),
    (BOUNDARY, lazy(r"boundary|boundaries")),
    (SESSION, lazy(r"session[-_ ]?polic")),
    (RESOURCE, lazy(r"endpoint[-_ ]?polic")),
)
_QUALIFIERS: Final = ("ForAllValues:", "ForAnyValue:")


class Test(NamedTuple):
    """One key of a condition with its operator: `ForAnyValue:StringLikeIfExists` is ForAnyValue, StringLike, True."""

    operator: Scalar
    qualifier: str  # "ForAllValues", "ForAnyValue" or ""
    base: str
    if_exists: bool
    key: Scalar
    name: str  # the key in lower case, with holes
    node: Node
    values: tuple[Value, ...]
    complete: bool  # whether `values` are all there are: none of them is wholly unknown

    @property
    def positive(self) -> bool:
        """Whether the test holds only for requests that carry the key with one of these values."""
        return not (self.if_exists or self.qualifier == "ForAllValues" or "Not" in self.base or self.base == "Null")


class Statement(View):
    """One statement. `actions` and `resources` are the items as written, a lone text as a list of one; `when` are the
    branches of `Fn::If` that it stands in."""

    sid = Word("Sid")
    effect = Word("Effect")
    principal = ValueOf("Principal")
    not_principal = ValueOf("NotPrincipal")
    actions = Items("Action")
    not_actions = Items("NotAction")
    resources = Items("Resource")
    not_resources = Items("NotResource")
    condition = Table("Condition")

    def __init__(self, node: Node, text: Text, policy: Policy, when: tuple[Branch, ...] = ()) -> None:
        super().__init__(node, text)
        self.policy = policy
        self.when = when

    @once
    def allows(self) -> bool:
        return self.effect is not None and self.effect.value == "Allow"

    @property
    def has_principal(self) -> bool:
        return self.principal is not None or self.not_principal is not None

    @once
    def action_values(self) -> tuple[Value, ...]:
        return values(self._listed("Action"))

    @once
    def not_action_values(self) -> tuple[Value, ...]:
        return values(self._listed("NotAction"))

    @once
    def resource_values(self) -> tuple[Value, ...]:
        return values(self._listed("Resource"))

    @once
    def not_resource_values(self) -> tuple[Value, ...]:
        return values(self._listed("NotResource"))

    @once
    def resources_known(self) -> bool:
        """Whether `resource_values` are all there are."""
        return len(self.resource_values) == len(self._listed("Resource"))

    @once
    def tests(self) -> tuple[Test, ...]:
        """The keys of the condition, one by one."""
        return tuple(_tests(self.condition)) if self.condition else ()

    def principals(self, kind: str) -> tuple[Value, ...]:
        """The values under `AWS`, `Service`, `Federated` or `CanonicalUser` of `Principal`."""
        node = self.principal
        return values(_listed(node.get(kind))) if isinstance(node, Mapping) else ()

    def items(self, key: str) -> tuple[Node, ...]:
        """The items under a key as nodes, each branch of an `Fn::If` among them."""
        return self._listed(key)

    def _listed(self, key: str) -> tuple[Node, ...]:
        return _listed(self.get(key))


class StatementWithCondition(Statement):
    """What a check asks for that looks at conditions only: most statements have none."""


class StatementWithPrincipal(Statement):
    """What a check asks for that looks at principals only: statements of identities have none."""


class Policy(View):
    """A policy document. `role` is what it is for (IDENTITY, TRUST, ...); where the place does not tell, its content
    does: only trust and resource policies name a principal."""

    version = Word("Version")
    id = Word("Id")

    def __init__(self, node: Node, text: Text, role: str | None = None) -> None:
        super().__init__(node, text)
        self._role = role

    @once
    def statements(self) -> tuple[Statement, ...]:
        """The statements that are mappings; IAM takes a single one without a list around it."""
        return tuple(
            Statement(each.node, self.text, self, each.when)
            for each in _choices(self.get("Statement"))
            if isinstance(each.node, Mapping) and not is_intrinsic(each.node)
        )

    @once
    def unconditional_denies(self) -> tuple[Statement, ...]:
        """The Deny statements without a condition."""
        return tuple(
            each for each in self.statements if each.effect and each.effect.value == "Deny" and each.condition is None
        )

    @property
    def role_known(self) -> bool:
        """Whether the place tells what the policy is for, so that content which does not fit is wrong."""
        return self._role is not None

    @once
    def role(self) -> str:
        if self._role:
            return self._role
        if not any(statement.has_principal for statement in self.statements):
            return IDENTITY
        if any(statement.get("Resource") or statement.get("NotResource") for statement in self.statements):
            actions = [value.text.lower() for statement in self.statements for value in statement.action_values]
            assumed = bool(actions) and all(action.startswith("sts:assumerole") for action in actions)
            return TRUST if assumed else RESOURCE
        actions = [value.text.lower() for statement in self.statements for value in statement.action_values]
        return TRUST if actions and all(action.startswith("sts:") for action in actions) else RESOURCE


class Principal(View):
    """An identity with all the statements that it is known to have. `boundary` holds those of its permissions
    boundary, None where it has none; `bounded` also where the boundary's document is not at hand. `managed` are the
    ARNs of managed policies that it has besides."""

    def __init__(
        self,
        node: Node,
        text: Text,
        statements: tuple[Statement, ...],
        boundary: tuple[Statement, ...] | None = None,
        bounded: bool = False,
        managed: tuple[Node, ...] = (),
    ) -> None:
        super().__init__(node, text)
        self.managed = managed
        self.statements = statements
        self.boundary = boundary
        self.bounded = bounded


class ManagedPolicyArn(View):
    """A place that names a managed policy by its ARN. `attached`: an identity is to have the policy, `holder` is its
    type in a template; otherwise a statement speaks of it."""

    def __init__(self, node: Node, text: Text, attached: bool = True, holder: str = "") -> None:
        super().__init__(node, text)
        self.attached = attached
        self.holder = holder


def _listed(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, each branch of an `Fn::If` among them; what is no list as a list of one."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return ()
    if isinstance(node, Scalar) and node.tag is None:
        return (node,)
    if (
        isinstance(node, Sequence)
        and node.tag is None
        and all(isinstance(item, Scalar) and item.tag is None for item in node.items)
    ):
        return tuple(node.items)
    return tuple(each.node for each in _choices(node))


def _choices(node: Node | None) -> Iterator[Alternative]:
    """The items of a list, or the one thing that is no list, each with the branches that lead to it."""
    for choice in alternatives(node):
        if isinstance(choice.node, Sequence) and not is_intrinsic(choice.node):
            for item in choice.node.items:
                yield from alternatives(item, choice.when)
        elif not (isinstance(choice.node, Scalar) and choice.node.is_null):
            yield choice


def _tests(condition: Mapping) -> Iterator[Test]:
    for operator in condition.entries:
        if not isinstance(operator.key, Scalar) or not isinstance(operator.value, Mapping):
            continue
        base, qualifier = operator.name, ""
        for each in _QUALIFIERS:
            if base.startswith(each):
                base, qualifier = base[len(each) :], each[:-1]
        if_exists = base.endswith("IfExists")
        for entry in operator.value.entries:
            if isinstance(entry.key, Scalar):
                written = _listed(entry.value)
                found = values(written)
                yield Test(
                    operator.key,
                    qualifier,
                    base.removesuffix("IfExists"),
                    if_exists,
                    entry.key,
                    holes(entry.name).lower(),
                    entry.value,
                    found,
                    len(found) == len(written),
                )


def _managed_policy_arns(policy: Policy) -> Iterator[ManagedPolicyArn]:
    for statement in policy.statements:
        named = [value for test in statement.tests if test.name == "iam:policyarn" for value in test.values]
        for value in (*statement.resource_values, *named):
            if ":iam::aws:policy/" in value.text and value.whole and "*" not in value.text and "?" not in value.text:
                yield ManagedPolicyArn(value.node, policy.text, attached=False)


def _principal(policy: Policy) -> tuple[Principal, ...]:
    """A policy that lies alone stands for whoever has it; those of a template belong to its principals."""
    if policy.role_known or policy.role != IDENTITY:
        return ()
    return (Principal(policy.node, policy.text, policy.statements),)


SUBJECTS: Final = {
    "Principal": _principal,
    "Policy": lambda view: (view,),
    "Statement": lambda view: view.statements,
    "StatementWithCondition": lambda view: (each for each in view.statements if each.tests),
    "StatementWithPrincipal": lambda view: (each for each in view.statements if each.principal is not None),
    "ManagedPolicyArn": _managed_policy_arns,
}


def _of_controlled_services(policy: Policy) -> bool:
    """Whether all actions are of services that resource control policies cover: beside such policies, folders hold
    those of the resources of other services."""
    from cilint.catalog.iam_limits import RCP_SERVICES

    actions = [value.text.lower() for statement in policy.statements for value in statement.action_values]
    return all(action.partition(":")[0] in RCP_SERVICES for action in actions)


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """A policy file is one unit. Policies of an organisation, boundaries and session policies look like others; only
    the file's name tells. One that a template includes may call the template's functions.
    """
    name = path.lower()
    role = next((role for role, pattern in _NAMED if pattern.search(name)), None)
    by_folder = role == RCP and not _NAMED[0][1].search(name.rpartition("/")[2])
    unknown = is_intrinsic if _CALLS.search(document.text.content) else None
    found = []
    for root in document.roots[:1]:
        policy = Policy(root, document.text)
        fits = role is None or (role in (RCP, RESOURCE)) == (policy.role != IDENTITY)
        if by_folder and not _of_controlled_services(policy):
            fits = False
        view = Policy(root, document.text, role) if fits else policy
        found.append(Unit("iam-policy", view, unknown=unknown, fragment=fragment))
    return found
