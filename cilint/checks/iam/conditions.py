"""Checks of `Condition`: keys that exist, operators and values that fit them, tests that do what they seem to."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.condition_keys import GLOBAL, OUTDATED, SERVICE_PRINCIPAL_ONLY
from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.iam import keys
from cilint.iam.networks import network, private
from cilint.iam.patterns import REGION, covers, wild
from cilint.model.policy import IDENTITY, RCP, RESOURCE, TRUST, Statement, StatementWithCondition, Test
from cilint.model.values import Value
from cilint.source.nodes import Mapping, Scalar

_FAMILIES: Final = {
    "String": ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
    "Numeric": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Date": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Arn": ("Equals", "NotEquals", "Like", "NotLike"),
    "Bool": ("",),
    "Binary": ("Equals",),
    "IpAddress": ("",),
    "NotIpAddress": ("",),
    "Null": ("",),
}
_FAMILY_OF: Final = {
    f"{family}{rest}": family.removeprefix("Not") for family, ends in _FAMILIES.items() for rest in ends
}
# Type of a key -> the families of operators that compare it, the one to write first.
_FITTING: Final = {
    "String": ("String",),
    "ARN": ("Arn", "String"),
    "Bool": ("Bool",),
    "Numeric": ("Numeric",),
    "Date": ("Date",),
    "IPAddress": ("IpAddress",),
    "Epoch": ("Date", "Numeric"),
}
_WRITTEN: Final = {
    "String": "StringEquals",
    "Arn": "ArnLike",
    "Bool": "Bool",
    "Numeric": "NumericEquals",
    "Date": "DateLessThan",
    "IpAddress": "IpAddress",
}
_SENSITIVE: Final = frozenset(
    ["aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid", "aws:sourceaccount"]
    + ["aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid"]
)
# The policy that the Billing console writes for cost and usage reports: the service sends these letters, star and all.
_STAR_SENT: Final = re.compile(r"arn:[^:]+:cur:[^:]*:[^:]*:definition/\*")
_FORGED: Final = frozenset(["aws:referer", "aws:useragent"])


@check("unknown-condition-key")
def unknown_condition_key(statement: StatementWithCondition) -> Iterator[Finding]:
    """A condition key that does not exist, or is outdated."""
    for test in statement.tests:
        instead = OUTDATED.get(test.name)
        if instead:
            yield Finding(test.key.span, f"`{test.key.value}` is outdated; use `{instead}`", "note")
            continue
        verdict = keys.judge(test.key.value) if "\x00" not in test.name else None
        if verdict:
            yield Finding(test.key.span, *verdict)


@check("condition-key-not-for-action")
def condition_key_not_for_action(statement: StatementWithCondition) -> Iterator[Finding]:
    """A test of a key that requests for an action of the statement do not carry: it never holds for it."""
    if statement.policy.role == TRUST:
        yield from _source_identity(statement)
    if statement.policy.role in (RESOURCE, TRUST, RCP):
        return
    for test in statement.tests:
        key = keys.known(test.name) if test.positive else None
        prefix = test.name.partition(":")[0]
        if key is None or prefix == "aws" or test.name in GLOBAL or _of_resource(test.name):
            continue
        lacking = [value for value in statement.action_values if _lacks(value, test.name, prefix)]
        if lacking and not any(_other_prefix(value, prefix) for value in lacking):
            names = listed([value.text for value in lacking], 4).replace(" or ", " and ")
            verb = "allows" if statement.allows else "denies"
            yield Finding(
                lacking[0].node.span,
                f"requests for {names} carry no `{key.name}`, so the statement never {verb} that; "
                "move it to a statement without the condition",
                related=(Related(test.key.span, "tested here"),),
            )


def _source_identity(statement: Statement) -> Iterator[Finding]:
    """sts:SourceIdentity is sent by those who may set it."""
    given = [value.text.lower() for value in statement.action_values]
    for test in statement.tests:
        if (
            test.name == "sts:sourceidentity"
            and test.positive
            and not any(covers(name, "sts:setsourceidentity") for name in given)
        ):
            yield Finding(
                test.key.span, "nobody can send a source identity who may not set it; add `sts:SetSourceIdentity`"
            )


def _of_resource(name: str) -> bool:
    """Keys of a resource's tags, for which AWS's reference is not complete."""
    return ":resourcetag" in name


def _lacks(value: Value, name: str, prefix: str) -> bool:
    action = None if wild(value.text) else iam_actions.action(value.text)
    return action is not None and action.service == prefix and not keys.carries(action, name)


def _other_prefix(value: Value, prefix: str) -> bool:
    return not value.text.lower().startswith(f"{prefix}:")


@check("tag-condition-not-for-action")
def tag_condition_not_for_action(statement: StatementWithCondition) -> Iterator[Finding]:
    """A test of a resource's tag with actions that AWS's reference lists without such a key."""
    if statement.policy.role in (RESOURCE, TRUST, RCP):
        return
    tests = [test for test in statement.tests if test.positive and test.name.startswith("aws:resourcetag/")]
    if not tests:
        return
    verb = "allows" if statement.allows else "denies"
    if statement.get("NotAction") is not None:
        yield Finding(
            statement.key_span("NotAction"),
            f"many actions carry no tags of the resource, so this {verb} none of those; list the actions that do",
        )
    lacking = []
    for value in statement.action_values:
        action = None if wild(value.text) else iam_actions.action(value.text)
        if action and not action.resource_types and not keys.carries(action, tests[0].name):
            lacking.append(value)
    if lacking:
        names = listed([value.text for value in lacking], 4).replace(" or ", " and ")
        yield Finding(
            lacking[0].node.span,
            f"what {names} asks for has no tags, so the statement never {verb} that; move it to a statement of its own",
            related=(Related(tests[0].key.span, "tested here"),),
        )


@check("condition-operator-mismatch")
def condition_operator_mismatch(statement: StatementWithCondition) -> Iterator[Finding]:
    """An operator of another family than the key's type."""
    for test in statement.tests:
        family, key = _FAMILY_OF.get(test.base), keys.known(test.name)
        if family in (None, "Null", "Binary") or key is None:
            continue
        kind = key.type.removeprefix("ArrayOf")
        fitting = _FITTING.get(kind)
        if fitting is None or _fits(family, kind, test):
            if kind == "ARN" and test.base in ("StringLike", "StringNotLike"):
                operator = test.operator.value.replace("String", "Arn")
                yield Finding(
                    test.operator.span,
                    f"`{key.name}` holds an ARN; `{operator}` compares it part by part, so that `*` stays in one",
                    severity="note",
                )
            continue
        advice = f"`{key.name}` holds {_named(kind)}; use `{_WRITTEN[fitting[0]]}`"
        soft = kind in ("Bool", "Numeric", "Date", "Epoch") and family == "String"
        yield Finding(test.operator.span, f"`{test.operator.value}`: {advice}", severity="note" if soft else None)


def _fits(family: str | None, kind: str, test: Test) -> bool:
    if family in _FITTING[kind]:
        return True
    texts = [value.text for value in test.values]
    if kind == "String" and family == "Arn":
        return all(text.startswith("arn:") or wild(text) for text in texts)
    if kind == "String" and family == "Bool":
        return all(text.lower() in ("true", "false") or wild(text) for text in texts)
    if kind == "String" and family == "Numeric":
        return all(text.lstrip("-").replace(".", "", 1).isdigit() or wild(text) for text in texts)
    return False


def _named(kind: str) -> str:
    return {
        "String": "text",
        "ARN": "an ARN",
        "Bool": "true or false",
        "Numeric": "a number",
        "Date": "a date",
        "Epoch": "a date",
        "IPAddress": "an address",
    }[kind]


@check("wildcard-without-like")
def wildcard_without_like(statement: StatementWithCondition) -> Iterator[Finding]:
    """A wildcard in a value that the operator compares letter by letter."""
    for test in statement.tests:
        if not (test.base.startswith("String") and "Equals" in test.base):
            continue
        for value in test.values:
            if "*" in value.text and not (test.name == "aws:sourcearn" and _STAR_SENT.fullmatch(value.text)):
                operator = test.operator.value.replace("NotEqualsIgnoreCase", "NotLike").replace("NotEquals", "NotLike")
                operator = operator.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like")
                meaning = (
                    "only a literal `*` is equal" if "Not" not in test.base else "everything but a literal `*` passes"
                )
                yield Finding(
                    value.node.span,
                    f"`{test.operator.value}` takes `*` literally, so {meaning}; use `{operator}`",
                )


@check("condition-value-malformed")
def condition_value_malformed(statement: StatementWithCondition) -> Iterator[Finding]:
    """A value that the operator or the key cannot take."""
    for test in statement.tests:
        family = _FAMILY_OF.get(test.base, "")
        for value in test.values:
            if value.whole:
                message = _bad_value(family, test.name, value.text)
                if message:
                    yield Finding(value.node.span, message)
            elif family in ("Numeric", "Date", "Bool", "Binary", "IpAddress", "Null") and _policy_variable(value):
                yield Finding(
                    value.node.span,
                    f"`{test.operator.value}` takes no policy variable; use a `String` or `Arn` operator",
                )
        if family == "Date" and any(value.text.isdigit() and len(value.text) > 4 for value in test.values):
            yield Finding(test.key.span, "seconds since 1970 are hard to read; write `2026-12-31T23:59:59Z`", "note")
        if family in ("Bool", "Null") and len(test.values) > 1:
            yield Finding(test.key.span, f"`{test.operator.value}` compares with one value: `true` or `false`")
        elif len(test.values) > 1 and len({_json_type(value) for value in test.values}) > 1:
            yield Finding(test.key.span, "the values of a key are all texts, all numbers or all booleans", "note")


def _policy_variable(value: Value) -> bool:
    node = value.node
    return isinstance(node, Scalar) and node.tag is None and bool(re.search(r"\$\{[a-z0-9-]+:", node.value))


def _json_type(value: Value) -> str:
    node = value.node
    if not isinstance(node, Scalar) or node.quoted or not node.value:
        return "text"
    return "boolean" if node.value in ("true", "false") else "number" if node.value[0] in "-0123456789" else "text"


@lru_cache(maxsize=2048)
def _bad_value(family: str, name: str, text: str) -> str | None:
    quoted = f"`{shown(text)}`"
    if family in ("Bool", "Null") and text.lower() not in ("true", "false"):
        return f"{quoted} is neither `true` nor `false`"
    if family == "Numeric" and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{quoted} is no number"
    if family == "Date" and not _DATE.fullmatch(text) and not text.isdigit():
        return f"{quoted} is no date; write `2026-12-31T23:59:59Z`"
    if family == "IpAddress" and network(text) is None:
        return f"{quoted} is no address and no block in CIDR notation, such as `203.0.113.0/24`"
    if family == "Binary" and not _is_base64(text):
        return f"{quoted} is not base64"
    if family in ("String", "Arn") and not wild(text):
        return _bad_identifier(name, text)
    return None


def _bad_identifier(name: str, text: str) -> str | None:
    form = _FORMS.get(name)
    if form and not form[0].fullmatch(text) and not re.search("[^a-z0-9-]|x{3}", text):
        return f"`{shown(text)}` is no {form[1]}"
    return None


_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+-]\d\d:?\d\d)?)?)?)?|\d{8}T\d{6}Z")
_FORMS: Final = {
    "aws:sourcevpc": (re.compile(r"vpc-([0-9a-z]{8}|[0-9a-z]{17})"), "id of a VPC (`vpc-` and 8 or 17 characters)"),
    "aws:sourcevpce": (
        re.compile(r"vpce-([0-9a-z]{8}|[0-9a-z]{17})"),
        "id of a VPC endpoint (`vpce-` and 8 or 17 characters)",
    ),
    "aws:requestedregion": (REGION, "region of AWS"),
    "aws:sourceaccount": (re.compile(r"\d{12}"), "account id (12 digits)"),
    "aws:resourceaccount": (re.compile(r"\d{12}"), "account id (12 digits)"),
    "aws:principalaccount": (re.compile(r"\d{12}"), "account id (12 digits)"),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": (re.compile(r"arn:.*:key/.*"), "ARN of a KMS key"),
}


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


@check("multivalued-key-without-qualifier")
def multivalued_key_without_qualifier(statement: StatementWithCondition) -> Iterator[Finding]:
    """A key of several values that is compared as if it held one."""
    for test in statement.tests:
        key = keys.known(test.name)
        if key and key.multivalued and not test.qualifier and test.base != "Null":
            wanted = "ForAnyValue" if "Not" not in test.base else "ForAllValues"
            yield Finding(
                test.operator.span,
                f"`{key.name}` can hold several values, and AWS defines no comparison of several without "
                f"`ForAnyValue:` or `ForAllValues:`; write `{wanted}:{test.operator.value}`",
                severity="note" if test.name.startswith("events:") else None,
            )


@check("forallvalues-passes-without-key")
def forallvalues_passes_without_key(statement: StatementWithCondition) -> Iterator[Finding]:
    """ForAllValues with a key of one value on an Allow: it also holds where the key is absent."""
    if not statement.allows:
        return
    present = {test.name for test in statement.tests if test.base == "Null" and _says(test, "false")}
    for test in statement.tests:
        key = keys.known(test.name)
        if test.qualifier == "ForAllValues" and key and not key.multivalued and key.type and test.name not in present:
            yield Finding(
                test.operator.span,
                f"`ForAllValues` also holds for requests without `{key.name}`, which has one value at most; "
                f"write `{test.operator.value.partition(':')[2]}`",
            )


def _says(test: Test, word: str) -> bool:
    return any(value.text.lower() == word for value in test.values)


@check("private-source-address")
def private_source_address(statement: StatementWithCondition) -> Iterator[Finding]:
    """A private range in a test of aws:SourceIp, which is a public address."""
    for test in statement.tests:
        if test.name != "aws:sourceip" or _FAMILY_OF.get(test.base) != "IpAddress":
            continue
        inside = [value for value in test.values if value.whole and private(value.text)]
        if not inside:
            continue
        every = len(inside) == len(test.values) and test.complete
        meaning = "never matches" if "Not" not in test.base else "always matches"
        yield Finding(
            inside[0].node.span,
            f"`aws:SourceIp` is a public address, so `{inside[0].text}` {meaning}; test `aws:VpcSourceIp` with "
            "`aws:SourceVpc` for addresses in a VPC",
            severity=None if every else "note",
        )


@check("condition-key-twice")
def condition_key_twice(statement: StatementWithCondition) -> Iterator[Finding]:
    """One key in two spellings under one operator."""
    seen: dict[tuple[int, str], Scalar] = {}
    for test in statement.tests:
        place = (test.operator.start, test.name)
        first = seen.setdefault(place, test.key)
        if first is not test.key and first.value != test.key.value and "\x00" not in test.name:
            yield Finding(
                test.key.span,
                f"`{test.key.value}` is `{first.value}`, as case does not count in keys; keep one",
                related=(Related(first.span, "first here"),),
            )


@check("permissive-condition-value")
def permissive_condition_value(statement: StatementWithCondition) -> Iterator[Finding]:
    """A wildcard or variable where a value says whose account, organisation or network it is."""
    for test in statement.tests:
        loose = statement.allows != ("Not" in test.base)
        if test.name in _SENSITIVE and loose and test.base in ("StringLike", "StringNotLike"):
            for value in test.values:
                if value.whole and wild(value.text) and value.text.strip("*"):
                    yield Finding(
                        value.node.span,
                        f"others have a value of `{test.key.value}` that fits `{value.text}`; write the whole value",
                    )
        if test.name in _SENSITIVE and loose:
            for value in test.values:
                node = value.node
                if isinstance(node, Scalar) and node.tag is None and "${aws:PrincipalTag/" in node.value:
                    yield Finding(
                        node.span, f"who may set that tag decides what `{test.key.value}` must be; write the value out"
                    )
        if test.name == "aws:userid" and loose:
            for value in test.values:
                left, colon, _ = value.text.partition(":")
                if value.whole and colon and "*" in left and left != "*":
                    yield Finding(value.node.span, "the id before the colon is written out: `AROA...:*`")


@check("forgeable-condition-key")
def forgeable_condition_key(statement: StatementWithCondition) -> Iterator[Finding]:
    """An Allow that rests on what the caller says of itself. A service writes its requests itself: SES once documented
    `aws:Referer` for the account that it sends for."""
    if not statement.allows or _of_services_alone(statement):
        return
    for test in statement.tests:
        if test.name in _FORGED and test.positive:
            yield Finding(
                test.key.span, f"a caller can send any `{test.key.value}`; test who calls, or from which network"
            )


def _of_services_alone(statement: Statement) -> bool:
    principal = statement.principal
    return isinstance(principal, Mapping) and [entry.name for entry in principal.entries] == ["Service"]


@check("source-key-in-identity-policy")
def source_key_in_identity_policy(statement: StatementWithCondition) -> Iterator[Finding]:
    """A key that only requests of a service itself carry, in a policy of an identity."""
    if statement.policy.role != IDENTITY or not statement.allows:
        return
    for test in statement.tests:
        if test.name in SERVICE_PRINCIPAL_ONLY and test.positive and not _passes_role(statement):
            yield Finding(
                test.key.span,
                f"requests of this identity carry no `{test.key.value}`, so the statement never allows anything; "
                "the key belongs into the policy of the resource or the trust policy of the role",
            )


def _passes_role(statement: Statement) -> bool:
    return any(value.text.lower().startswith("sts:") for value in statement.action_values)


@check("incomplete-condition")
def incomplete_condition(statement: StatementWithCondition) -> Iterator[Finding]:
    """A key that says little without another, or in this direction."""
    names = {test.name for test in statement.tests}
    for test in statement.tests:
        if test.name == "aws:vpcsourceip" and not names & {"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"}:
            yield Finding(test.key.span, "many VPCs use the same addresses; test `aws:SourceVpc` as well")
        elif test.name == "dynamodb:attributes" and statement.allows and "dynamodb:select" not in names:
            yield Finding(
                test.key.span,
                'without `"dynamodb:Select": "SPECIFIC_ATTRIBUTES"` a request for all attributes passes; test it too',
            )
        elif test.name == "s3:prefix" and statement.allows == ("Not" in test.base) and "Like" in test.base:
            yield Finding(
                test.key.span,
                "a request with a shorter prefix, or none, lists these keys too; allow the prefixes that may be listed",
            )
        elif test.name == "codebuild:source.buildspec" and test.base != "Null":
            yield Finding(
                test.operator.span, "CodeBuild tells only whether a buildspec is given, not which; use `Null`"
            )


@check("condition-without-effect")
def condition_without_effect(statement: StatementWithCondition) -> Iterator[Finding]:
    """A test that says the same as a simpler one, or nothing."""
    for test in statement.tests:
        star = any(value.text == "*" for value in test.values)
        if test.base == "Null" and test.qualifier:
            meaning = "always holds" if test.qualifier == "ForAllValues" else "never holds"
            yield Finding(test.operator.span, f"`{test.operator.value}` {meaning}; write `Null`")
        elif star and test.base in ("StringLike", "StringNotLike", "ArnLike", "ArnNotLike"):
            present = "false" if "Not" not in test.base else "true"
            if test.if_exists:
                always = "always" if "Not" not in test.base else "only without the key"
                yield Finding(test.key.span, f"this {always} holds; remove it, or the statement")
            else:
                yield Finding(
                    test.key.span,
                    "this only asks whether the key is there; say so with "
                    f'`"Null": {{"{test.key.value}": "{present}"}}`',
                )
        elif test.base.startswith("Numeric") and "Than" in test.base and len(test.values) > 1:
            yield Finding(test.key.span, "of several bounds only the widest counts; keep that one")
        elif _FAMILY_OF.get(test.base) == "IpAddress":
            for value in test.values:
                block = network(value.text) if value.whole else None
                if block and block != value.text.lower():
                    yield Finding(value.node.span, f"the block that holds `{value.text}` is `{block}`; write that")


_RCP_PRINCIPAL: Final = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount")
_RCP_SOURCE: Final = ("aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount")


@check("resource-control-policy-locks-out-services")
def resource_control_policy_locks_out_services(statement: StatementWithCondition) -> Iterator[Finding]:
    """A resource control policy on principals that also hits AWS's services, or on sources that also hits people."""
    if statement.policy.role != RCP or statement.allows or _tags_of_sessions(statement):
        return
    names = {test.name for test in statement.tests}
    for test in statement.tests:
        if "Not" not in test.base:
            continue
        if test.name in _RCP_PRINCIPAL and "aws:principalisawsservice" not in names:
            wanted: tuple[str, Severity | None] = ('"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}', None)
        elif test.name in _RCP_SOURCE and "aws:principalisawsservice" not in names:
            wanted = '"Bool": {"aws:PrincipalIsAWSService": "true"}', None
        elif test.name in _RCP_SOURCE and not any(each.base == "Null" for each in statement.tests):
            wanted = '"Null": {"aws:SourceAccount": "false"}', "note"
        else:
            continue
        yield Finding(
            test.key.span, f"this also denies requests that carry no `{test.key.value}`; add `{wanted[0]}`", wanted[1]
        )


def _tags_of_sessions(statement: Statement) -> bool:
    """Whether a statement is about setting certain tags on sessions, which no service does for itself."""
    return all(value.text.lower() == "sts:tagsession" for value in statement.action_values) and any(
        (test.positive and test.name == "aws:tagkeys") or test.name.startswith("aws:requesttag/")
        for test in statement.tests
    )
