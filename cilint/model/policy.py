"""An IAM policy document (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from cilint.model.unit import Unit
from cilint.model.view import Items, Table, Value, View, Word
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.text import Text

IDENTITY: Final = "identity"
TRUST: Final = "trust"
RESOURCE: Final = "resource"
SCP: Final = "service control"

_NAMED_SCP: Final = lazy(r"(?:^|[^a-z])(?:scp|rcp|guardrail|service-?control)s?(?:[^a-z]|$)")


class Statement(View):
    """One statement. `actions` and `resources` are the items as written, a lone text as a list of one."""

    sid = Word("Sid")
    effect = Word("Effect")
    principal = Value("Principal")
    not_principal = Value("NotPrincipal")
    actions = Items("Action")
    not_actions = Items("NotAction")
    resources = Items("Resource")
    not_resources = Items("NotResource")
    condition = Table("Condition")

    def __init__(self, node: Node, text: Text, policy: Policy) -> None:
        super().__init__(node, text)
        self.policy = policy

    @property
    def allows(self) -> bool:
        return self.effect is not None and self.effect.value == "Allow"

    @property
    def has_principal(self) -> bool:
        return self.principal is not None or self.not_principal is not None


class Policy(View):
    """A policy document. `role` is what it is for: IDENTITY, TRUST, RESOURCE or SCP; where the place does not tell, its
    content does: only trust and resource policies name a principal."""

    version = Word("Version")
    id = Word("Id")

    def __init__(self, node: Node, text: Text, role: str | None = None) -> None:
        super().__init__(node, text)
        self._role = role

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that are mappings; IAM takes a single one without a list around it."""
        node = self.get("Statement")
        found = node.items if isinstance(node, Sequence) else [node]
        return tuple(Statement(item, self.text, self) for item in found if isinstance(item, Mapping))

    @cached_property
    def role(self) -> str:
        if self._role:
            return self._role
        if not any(statement.has_principal for statement in self.statements):
            return IDENTITY
        actions = [
            action.value for statement in self.statements for action in statement.actions if isinstance(action, Scalar)
        ]
        return TRUST if actions and all(action.lower().startswith("sts:") for action in actions) else RESOURCE


SUBJECTS: Final = {
    "Policy": lambda view: (view,),
    "Statement": lambda view: view.statements,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """A policy file is one unit. A service control policy looks like an identity policy; only its name tells."""
    role = SCP if _NAMED_SCP.search(path.lower()) else None
    return [Unit("iam-policy", Policy(root, document.text, role), fragment=fragment) for root in document.roots[:1]]
