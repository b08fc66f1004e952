"""Checks of what a policy's elements may be, beyond its schema: which type takes which, names of statements, size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.iam_limits import BUCKET_POLICY_SIZE, POLICY_SIZES, RCP_SERVICES, TRUST_POLICY_SIZE_AT_MOST
from cilint.core.finding import Finding, Fix, Related, Severity
from cilint.core.rewrite import with_first_entry
from cilint.core.rule import check
from cilint.model.intrinsics import excluding
from cilint.model.policy import BOUNDARY, IDENTITY, RCP, RESOURCE, SCP, SESSION, TRUST, Policy, Statement
from cilint.model.values import HOLE, holes
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.text import Span

_SID: Final = re.compile(r"[A-Za-z0-9]*")
_VARIABLE: Final = re.compile(r"\$\{(?:[A-Za-z0-9-]+:(?!:)[^{}]+|[*?$])\}")
_IN_IAM: Final = (IDENTITY, BOUNDARY, SESSION, TRUST)
_WITHOUT_PRINCIPAL: Final = (IDENTITY, BOUNDARY, SESSION, SCP)


@check("duplicate-sid")
def duplicate_sid(policy: Policy) -> Iterator[Finding]:
    """Two statements with one Sid."""
    seen: dict[str, list[Statement]] = {}
    for statement in policy.statements:
        sid = statement.sid
        if sid is None or sid.tag is not None or not sid.value or HOLE in holes(sid.value):
            continue
        before = seen.setdefault(sid.value, [])
        first = next((each.sid for each in before if not excluding(each.when, statement.when)), None)
        if first is not None:
            yield Finding(
                sid.span,
                f"the Sid `{sid.value}` stands twice; give each statement its own, or leave it out",
                severity=None if policy.role in _IN_IAM else "warning",
                related=(Related(first.span, "first here"),),
            )
        before.append(statement)


@check("invalid-sid")
def invalid_sid(statement: Statement) -> Iterator[Finding]:
    """A Sid with something other than letters and digits, in a policy that IAM stores."""
    sid = statement.sid
    role = statement.policy.role
    if sid is None or sid.tag is not None or role == RESOURCE or HOLE in (text := holes(sid.value)):
        return
    if text and not _SID.fullmatch(text):
        good = "".join(word[:1].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", text))
        advice = f", such as `{good}`" if good else ""
        yield Finding(
            sid.span,
            f"the Sid `{text}` may hold only letters and digits (A-Z, a-z, 0-9){advice}",
            severity=None if role in _IN_IAM else "warning",
        )


@check("empty-sid")
def empty_sid(statement: Statement) -> Iterator[Finding]:
    """A Sid without a character, which IAM takes for none."""
    sid = statement.sid
    if sid is not None and sid.tag is None and not sid.is_null and not sid.value:
        yield Finding(sid.span, "the Sid is empty; leave it out or name the statement")


@check("missing-policy-version")
def missing_policy_version(policy: Policy) -> Iterator[Finding]:
    """A policy without Version is read by the rules of 2008, where variables are plain text."""
    if policy.version is None and policy.get("Version") is None and policy.statements and not _variables(policy):
        node = policy.node
        span = node.entries[0].key.span if isinstance(node, Mapping) and node.entries else policy.span
        edit = with_first_entry(policy.text, node, "Version", "2012-10-17") if isinstance(node, Mapping) else None
        yield Finding(
            span,
            'without `Version` IAM reads the policy by its rules of 2008; add `"Version": "2012-10-17"`',
            fix=edit and Fix("Add the version", "unsafe", (edit,)),
        )


@check("policy-variable-without-version")
def policy_variable_without_version(policy: Policy) -> Iterator[Finding]:
    """A policy variable in a policy whose version takes it literally."""
    version = policy.version
    if version is not None and version.value != "2008-10-17":
        return
    for node, variable in _variables(policy):
        yield Finding(
            node.span,
            f"`{variable}` is plain text here, as the policy has "
            + ("no `Version`" if version is None else "`Version` 2008-10-17")
            + '; set `"Version": "2012-10-17"`',
        )


def _variables(policy: Policy) -> list[tuple[Node, str]]:
    """The policy variables that a policy's resources and conditions hold, with their places."""
    found: list[tuple[Node, str]] = []
    for statement in policy.statements:
        tested = [value for test in statement.tests for value in test.values]
        for value in (*statement.resource_values, *statement.not_resource_values, *tested):
            if not value.whole and isinstance(value.node, Scalar) and value.node.tag is None:
                match = _VARIABLE.search(value.node.value)
                if match:
                    found.append((value.node, match[0]))
    return found


@check("malformed-policy-variable")
def malformed_policy_variable(statement: Statement) -> Iterator[Finding]:
    """A policy variable that IAM cannot read, or in an element that takes none."""
    version = statement.policy.version
    if version is None or version.value != "2012-10-17":
        return
    tested = [value for test in statement.tests for value in test.values]
    for value in (*statement.resource_values, *statement.not_resource_values, *tested):
        node = value.node
        if isinstance(node, Scalar) and node.tag is None and "${" in node.value:
            problem = _malformed(node.value)
            if problem:
                yield Finding(node.span, problem)
    for value in statement.action_values:
        node = value.node
        match = _VARIABLE.search(node.value) if isinstance(node, Scalar) and node.tag is None else None
        if match:
            yield Finding(node.span, f"`{match[0]}` is plain text in `Action`: only resources and conditions take one")


def _malformed(text: str) -> str | None:
    if re.search(r"\$\{[^{}]*$", text):
        return "the variable has no closing `}`; add it"
    for inner in re.findall(r"\$\{([^{}]*)\}", text):
        if not inner:
            return "`${}` names no variable; write its key, such as `${aws:username}`"
        key, comma, default = inner.partition(",")
        if ":" in key and " " in key.partition("/")[0]:  # the name of a tag may hold blanks
            return f"`${{{inner}}}` has a blank in its name; remove it"
        if ":" in key and comma and not re.fullmatch(r"\s*'[^']*'\s*", default):
            return f"the default of `${{{inner}}}` stands in single quotes: `${{{key}, '{default.strip()}'}}`"
    return None


@check("element-not-for-policy-type")
def element_not_for_policy_type(statement: Statement) -> Iterator[Finding]:
    """An element that a policy of this type does not take."""
    role = statement.policy.role
    if role in _WITHOUT_PRINCIPAL:
        for name in ("Principal", "NotPrincipal"):
            if statement.get(name) is not None:
                yield Finding(
                    statement.key_span(name),
                    f"{_article(role)} policy takes no `{name}`: it speaks of whoever has it; remove it",
                )
    if role == TRUST:
        for name, advice in (
            ("Resource", "it speaks of the role it belongs to; remove it"),
            ("NotResource", "it speaks of the role it belongs to; remove it"),
            ("NotPrincipal", "name who may assume the role in `Principal`"),
        ):
            if statement.get(name) is not None:
                yield Finding(statement.key_span(name), f"a role's trust policy takes no `{name}`: {advice}")
    if role == RCP:
        yield from _resource_control(statement)


def _resource_control(statement: Statement) -> Iterator[Finding]:
    if statement.allows and not _full_access(statement):
        yield Finding(statement.key_span("Effect"), "a resource control policy only denies; use `Deny`", "warning")
    for name, advice in (
        ("NotPrincipal", 'use `"Principal": "*"` and conditions'),
        ("NotAction", "list the actions in `Action`"),
    ):
        if statement.get(name) is not None:
            yield Finding(statement.key_span(name), f"a resource control policy takes no `{name}`; {advice}", "warning")
    for value in statement.action_values:
        prefix = value.text.partition(":")[0].lower()
        if not prefix.strip("*") and not statement.allows:
            yield Finding(value.node.span, "a resource control policy names services: `s3:*`, not `*`", "warning")
        elif value.whole and prefix.isalnum() and prefix not in RCP_SERVICES and not statement.allows:
            yield Finding(
                value.node.span,
                f"`{prefix}` is not among the services that resource control policies are known to cover",
                "note",
                "low",
            )
    principal = statement.principal
    if principal is not None and not (isinstance(principal, Scalar) and principal.value == "*"):
        yield Finding(
            principal.span, 'a resource control policy names `"Principal": "*"`; narrow it by conditions', "warning"
        )


def _full_access(statement: Statement) -> bool:
    """AWS's own RCPFullAWSAccess."""
    return [value.text for value in (*statement.action_values, *statement.resource_values)] == ["*", "*"]


def _article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


@check("missing-principal")
def missing_principal(statement: Statement) -> Iterator[Finding]:
    """A statement of a trust or resource policy that does not say who is meant."""
    if statement.policy.role in (TRUST, RESOURCE, RCP) and not statement.has_principal:
        others = [each for each in statement.policy.statements if each.has_principal]
        known = statement.policy.role_known
        yield Finding(
            statement.key_span("Effect"),
            "the statement has no `Principal`, which every statement of a trust or resource policy must have",
            related=() if known or not others else (Related(others[0].key_span("Principal"), "others have one"),),
        )


@check("missing-resource")
def missing_resource(statement: Statement) -> Iterator[Finding]:
    """A statement of an identity policy that does not say on which resources."""
    if (
        statement.policy.role in _WITHOUT_PRINCIPAL
        and statement.effect is not None
        and statement.get("Resource") is None
        and statement.get("NotResource") is None
        and not _looks_like_trust(statement)
    ):
        yield Finding(
            statement.key_span("Effect"), "the statement has no `Resource`; name the ARNs that it is about, or `*`"
        )


def _looks_like_trust(statement: Statement) -> bool:
    """A trust policy that lacks its Principal, which is what has to be said of it."""
    return bool(statement.action_values) and all(
        value.text.lower().startswith("sts:assumerole") for value in statement.action_values
    )


@check("empty-element")
def empty_element(statement: Statement) -> Iterator[Finding]:
    """A list or mapping without items, so that the statement applies to nothing, or a condition tests nothing."""
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if _empty(statement.get(name)):
            yield Finding(statement.key_span(name), f"`{name}` is empty; fill it or remove the statement")
    principal = statement.principal
    if _empty(principal):
        yield Finding(statement.key_span("Principal"), "`Principal` is empty; name who is meant")
    elif isinstance(principal, Mapping):
        for entry in principal.entries:
            if _empty(entry.value):
                yield Finding(entry.key.span, f"`Principal` names nobody under `{entry.name}`; fill or remove it")
    if _empty(statement.condition):
        yield Finding(statement.key_span("Condition"), "`Condition` is empty; remove or fill it")
    for entry in statement.condition.entries if statement.condition else ():
        if _empty(entry.value):
            yield Finding(entry.key.span, f"`{entry.name}` tests no key; remove or fill it")
    for test in statement.tests:
        if _empty(test.node):
            if test.qualifier == "ForAllValues" or test.if_exists:
                meaning = 'the test holds only where the key is absent; say so with `"Null": {"KEY": "true"}`'
            else:
                meaning = "the test never holds; give values"
            yield Finding(test.key.span, f"`{test.key.value}` has no values, so {meaning}")


def _empty(node: Node | None) -> bool:
    if node is None or node.tag is not None:
        return False
    return (isinstance(node, Sequence) and not node.items) or (isinstance(node, Mapping) and not node.entries)


@check("policy-too-long")
def policy_too_long(policy: Policy) -> Iterator[Finding]:
    """A JSON document larger than IAM or Organizations store. Sizes are in characters without white space."""
    written = policy.text.content[policy.span.start : policy.span.end]
    if not written.startswith("{") or len(written) <= POLICY_SIZES["trust"]:
        return
    size = len("".join(written.split()))
    if policy.role == RESOURCE and _of_bucket(policy) and len(written.encode()) > BUCKET_POLICY_SIZE:
        yield Finding(_head(policy), f"the policy has {len(written.encode()):,} bytes; a bucket's policy holds 20,480")
    for at_most, severity, message in _LIMITS.get(policy.role, ()):
        if size > at_most:
            what = f"the policy has {size:,} characters without white space"
            yield Finding(_head(policy), f"{what}; {message.format(f'{at_most:,}')}", severity)
            return


def _of_bucket(policy: Policy) -> bool:
    return all(
        value.text.startswith("arn:aws:s3:::") for statement in policy.statements for value in statement.resource_values
    )


_LIMITS: Final[dict[str, tuple[tuple[int, Severity | None, str], ...]]] = {
    IDENTITY: (
        (POLICY_SIZES["inline-role"], None, "no policy of an identity holds more than {}: split it"),
        (
            POLICY_SIZES["managed"],
            "note",
            "a managed policy holds {}, so it can only be an inline policy of a role: split it",
        ),
    ),
    BOUNDARY: ((POLICY_SIZES["managed"], None, "a boundary is a managed policy, which holds {}: split it"),),
    TRUST: (
        (TRUST_POLICY_SIZE_AT_MOST, None, "a trust policy never holds more than {}: split the role"),
        (POLICY_SIZES["trust"], None, "a trust policy holds {} unless AWS raises the quota (to 8,192 at most)"),
    ),
    SESSION: ((POLICY_SIZES["session"], None, "a session policy holds {}"),),
    SCP: ((POLICY_SIZES["scp"], None, "a service control policy holds {}: split it"),),
    RCP: ((POLICY_SIZES["rcp"], None, "a resource control policy holds {}: split it"),),
}


def _head(policy: Policy) -> Span:
    node = policy.node
    return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else policy.span
