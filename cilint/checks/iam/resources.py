"""Checks of `Resource` and `NotResource`: do the ARNs fit the actions?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.catalog.iam_limits import PARTITIONS
from cilint.catalog.nearest import nearest
from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.iam import breadth, targets
from cilint.iam.patterns import REGION, arn_fields, covers, padded, wild
from cilint.iam.verdict import Verdict
from cilint.model.policy import RCP, RESOURCE, TRUST, Statement
from cilint.model.values import HOLE, Value

_Blamed = list[tuple[Value, Action]]
_ALL_OF_TYPE: Final = re.compile(r"[^/:*]*[/:]?[*:/]*\*")
_BUCKET: Final = re.compile(r"[a-z0-9\x00][a-z0-9.\x00-]+")
# What people write where a tool or a reader is to put in a value: ACCOUNT_ID, xxxxxxxxxxxx, YourRegion.
_PLACEHOLDER: Final = re.compile(r"[A-Z][A-Z0-9_-]+|[xX]+|[Yy]our.*|.*(?:ACCOUNT|REGION|account|region).*")


@check("action-resource-mismatch")
def action_resource_mismatch(statement: Statement) -> Iterator[Finding]:
    """An action none of whose resources is named, so that the statement does nothing for it."""
    resources = [value.text for value in statement.resource_values]
    if statement.policy.role in (TRUST, RCP) or not resources or not statement.resources_known:
        return
    if not all(text.startswith("arn:") and targets.exists(text) for text in resources):
        return
    star_only: _Blamed = []
    others: _Blamed = []
    elsewhere: _Blamed = []
    open_ended = any(_open_ended(text) for text in resources)
    for value in statement.action_values:
        action = _unfit(value, resources)
        if action is None or (action.star_only and open_ended):
            continue
        found = elsewhere if _allowed_elsewhere(value, statement) else star_only if action.star_only else others
        found.append((value, action))
    if star_only:
        yield _of_star_only(star_only, statement)
    if elsewhere:
        yield _finding(
            elsewhere,
            ("matches", "match"),
            "none of these resources, and another statement of the policy allows "
            f"{_these(elsewhere, 'it', 'them')} on `*` already; remove {_these(elsewhere, 'it', 'them')} here",
        )._replace(severity="note")
    by_format: dict[str, _Blamed] = {}
    for value, action in others:
        by_format.setdefault(targets.example(action) or "", []).append((value, action))
    if len(by_format) == 1:
        advice = f"and no resource here is one, so this {_verb(statement)} nothing; add such a resource"
        yield _finding(others, ("works on", "work on"), f"`{next(iter(by_format))}`, {advice}")
    elif by_format:
        yield _of_several_kinds(by_format, statement)


def _of_star_only(blamed: _Blamed, statement: Statement) -> Finding:
    advice = (
        f"so with these ARNs the statement never {_verb(statement)} {_these(blamed, 'it', 'them')}; give "
        f'{_these(blamed, "it", "them")} a statement with `"Resource": "*"`'
    )
    return _finding(blamed, ("cannot", "cannot"), f"be limited to a resource, {advice}")


def _of_several_kinds(by_format: dict[str, _Blamed], statement: Statement) -> Finding:
    """One finding for all: it is the list of resources that is wrong, not one action after the other."""
    blamed = [each for found in by_format.values() for each in found]
    places = tuple(Related(found[0][0].node.span, f"this works on `{arn}`") for arn, found in by_format.items())
    verb = "allowed" if statement.allows else "denied"
    return _finding(
        blamed,
        ("works", "work"),
        f"on none of these resources, so they are never {verb} by this statement; move them to statements with the "
        "resources that they work on",
    )._replace(related=places)


def _these(blamed: _Blamed, one: str, several: str) -> str:
    return several if len(blamed) > 1 else one


def _verb(statement: Statement) -> str:
    return "allows" if statement.allows else "denies"


def _allowed_elsewhere(value: Value, statement: Statement) -> bool:
    """Whether another statement allows the action on everything and without conditions: then nothing is lost."""
    name = value.text.lower()
    return statement.allows and any(
        each.allows
        and each.condition is None
        and breadth.anything(each) is not None
        and set(each.when) <= set(statement.when)
        and any(covers(other.text.lower(), name) for other in each.action_values)
        for each in statement.policy.statements
    )


def _unfit(value: Value, resources: list[str]) -> Action | None:
    """The action that the value names, where it works on none of the resources."""
    action = None if wild(value.text) else iam_actions.action(value.text)
    if action and not any(targets.fits(action, resource) for resource in resources):
        return action
    return None


def _open_ended(resource: str) -> bool:
    """Whether an ARN names all resources of a type. Some services compare such with what their lists are asked of,
    although AWS's reference gives the action no resource: `arn:aws:iam::*:role/*` lets `iam:ListRoles` through."""
    fields = arn_fields(resource)
    return fields is not None and _ALL_OF_TYPE.fullmatch(fields[4]) is not None


def _finding(blamed: _Blamed, works: tuple[str, str], rest: str) -> Finding:
    """`works` is the verb for one action and for several."""
    names = listed([value.text for value, _ in blamed], 4).replace(" or ", " and ")
    related = tuple(Related(value.node.span, "and this") for value, _ in blamed[1:5])
    return Finding(blamed[0][0].node.span, f"{names} {works[len(blamed) > 1]} {rest}", related=related)


@check("malformed-arn")
def malformed_arn(statement: Statement) -> Iterator[Finding]:
    """A resource that is no ARN, or whose parts cannot be: it matches nothing."""
    for value in (*statement.resource_values, *statement.not_resource_values):
        verdict = _malformed(value.text)
        if verdict and not _excused(value.text, statement.policy.role):
            yield Finding(value.node.span, *verdict)


def _excused(text: str, role: str) -> bool:
    """Short forms that single services take in their own policies."""
    return role == RESOURCE and (text.startswith("execute-api:") or not text.startswith("arn:"))


@lru_cache(maxsize=8192)
def _malformed(text: str) -> Verdict | None:
    if text[:1] in ("*", "?", HOLE, ""):
        return None
    if not text.startswith("arn:"):
        if text.split(HOLE)[0].lower().startswith("arn:"):
            return Verdict("an ARN begins with `arn:` in lower case", "warning", "medium")
        what = f"`{shown(text)}` is no ARN; write the whole ARN"
        return None if HOLE in text[:4] else Verdict(f"{what}, such as `{_whole(text)}`, or `*`")
    if text.count(":") < 5 and HOLE not in text and not text.endswith("*"):
        short = shown(text)
        return Verdict(
            f"`{short}` lacks parts of an ARN, and IAM reads it as `{padded(short)}`; write all six parts", "warning"
        )
    fields = arn_fields(text)
    return _wrong_field(fields, text) if fields else None


def _whole(text: str) -> str:
    """A guess at what was meant: names of buckets are what people write."""
    return f"arn:aws:s3:::{text.replace(HOLE, 'NAME')}" if _BUCKET.fullmatch(text.partition("/")[0]) else "arn:aws:..."


def _wrong_field(fields: list[str], text: str) -> Verdict | None:
    partition, service, region, account, _ = fields
    if not wild(partition) and partition not in PARTITIONS:
        if _PLACEHOLDER.fullmatch(partition):
            return None
        return Verdict(f"`{partition}` is no partition; AWS's partitions: {listed(PARTITIONS)}", "warning")
    if wild(service) and service.strip("*") and HOLE not in service:
        return Verdict(f"`{service}` stands for every service that fits, those that come later too", "note")
    if wild(service) or not service:
        return None
    if service != service.lower():
        return Verdict(f"the service in an ARN is written in lower case: `{service.lower()}`", "warning")
    if service not in iam_actions.arn_services():
        hint = nearest(service, iam_actions.arn_services())
        if hint:
            return Verdict(f"no ARN has the service `{service}`; did you mean `{hint}`?", "warning", "medium")
        return Verdict(
            f"AWS's reference of {iam_actions.data_date()} has no ARN with the service `{service}`", "note", "low"
        )
    if (account.isdigit() and len(account) != 12) or re.fullmatch(r"\d{4}-\d{4}-\d{4}", account):
        return Verdict(
            f"the account `{account}` does not have 12 digits, so this matches nothing; write all 12, in a template "
            "`${AWS::AccountId}`",
            "warning",
        )
    if region and not wild(region) and not REGION.fullmatch(region) and not _PLACEHOLDER.fullmatch(region):
        return Verdict(f"`{region}` is no region; they look like `eu-central-1`", "warning")
    if targets.exists(text) or any(map(_PLACEHOLDER.fullmatch, fields)):
        return None
    return _repaired(fields)


def _repaired(fields: list[str]) -> Verdict | None:
    """What to change so that the ARN can be one; a low-confidence note where no single change makes it so."""
    partition, service, region, account, resource = fields
    changes = [
        ("", account, f"ARNs of this kind have no region; leave `{region}` out") if region else None,
        (region, "", f"ARNs of this kind have no account; leave `{account}` out") if account else None,
        ("", "", "ARNs of this kind have neither region nor account; leave both out") if region and account else None,
        (region, "*", "the account is missing, so this matches nothing; write its 12 digits, or `*`")
        if not account
        else None,
        ("*", account, "the region is missing, so this matches nothing; write it, or `*`") if not region else None,
        ("*", "*", "region and account are missing, so this matches nothing; write them, or `*`")
        if not (region or account)
        else None,
    ]
    for new_region, new_account, message in filter(None, changes):
        if targets.exists(":".join(("arn", partition, service, new_region, new_account, resource))):
            return Verdict(message, "warning")
    formats = [targets.written(each) for each in iam_actions.arn_formats(service)]
    words = resource.split("/")[0].split(":")[0].rstrip("*")
    close = nearest(words, {each.split(":", 5)[5].split("/")[0].split(":")[0] for each in formats}) if words else None
    advice = f"; did you mean `{close}`?" if close and close != words else ""
    if not advice and len(formats) <= 4:
        advice = f"; they look like {listed(formats)}"
    level: Severity = "warning" if advice.startswith("; did") else "note"
    return Verdict(f"no resource of `{service}` has an ARN of this form{advice}", level, "medium" if advice else "low")
