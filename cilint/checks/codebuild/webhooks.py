"""Checks of who may start a project's builds: a webhook's filters, and builds of pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.checks.codebuild.environments import is_true
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rewrite import changed
from cilint.core.rule import check
from cilint.model.project import Filter, Project
from cilint.source.pattern import lazy
from cilint.source.text import Span

EVENTS: Final = (
    "PUSH",
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_REOPENED",
    "PULL_REQUEST_MERGED",
    "PULL_REQUEST_CLOSED",
    "RELEASED",
    "PRERELEASED",
    "WORKFLOW_JOB_QUEUED",
)
"""Events of webhooks (CodeBuild API reference, WebhookFilter)."""

_BEFORE_MERGE: Final = ("PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED")
_REFERENCES: Final = ("HEAD_REF", "BASE_REF", "TAG_NAME", "RELEASE_NAME")


def _events(group: tuple[Filter, ...]) -> list[str]:
    return [
        event.strip()
        for each in group
        if each.known("type") == "EVENT" and not each.excludes
        for event in (each.known("pattern") or "").split(",")
        if event.strip()
    ]


def _span(each: Filter, key: str) -> Span:
    node = each.get(key)
    return node.span if node is not None else each.span


@check("webhook-event")
def webhook_event(project: Project) -> Iterator[Finding]:
    """A group of filters that names no event, or one that does not exist."""
    for group in project.filter_groups:
        events = [each for each in group if each.word("type") == "EVENT"]
        if group and not events and all(each.known("type") for each in group):
            yield Finding(group[0].span, "a group of filters needs one of the type EVENT; add it")
        for each in events:
            for event in _events((each,)):
                if event not in EVENTS:
                    near = nearest(event, EVENTS)
                    advice = f"did you mean `{near}`?" if near else f"events are {listed(EVENTS)}, separated by commas"
                    yield Finding(_span(each, "pattern"), f"`{event}` is no event of webhooks; {advice}")


@check("base-ref-of-push")
def base_ref_of_push(project: Project) -> Iterator[Finding]:
    """A target branch of pushes, which have none."""
    for group in project.filter_groups:
        if "PUSH" in _events(group):
            for each in group:
                if each.known("type") == "BASE_REF" and not each.excludes:
                    yield Finding(
                        each.span,
                        "only pull requests have a BASE_REF, so this group lets no push through; use HEAD_REF, or a "
                        "group of its own for pushes",
                    )


@check("invalid-webhook-pattern")
def invalid_webhook_pattern(project: Project) -> Iterator[Finding]:
    """A pattern that is no regular expression."""
    for group in project.filter_groups:
        for each in group:
            pattern = each.known("pattern")
            if pattern and each.known("type") not in ("EVENT", None):
                try:
                    re.compile(pattern)
                except re.error as error:
                    if "possessive" not in str(error) and "\\p" not in pattern:
                        yield Finding(
                            _span(each, "pattern"),
                            f"patterns are regular expressions, and this is none: {error.msg}",
                        )


@check("unanchored-webhook-filter")
def unanchored_webhook_filter(project: Project) -> Iterator[Finding]:
    """A pattern that fits more than the whole of what it names."""
    for group in project.filter_groups:
        for each in group:
            kind, pattern = each.known("type"), each.known("pattern")
            if not pattern or each.excludes or not _loose(pattern):
                continue
            if kind == "ACTOR_ACCOUNT_ID":
                what = "every longer account id with these digits in it, which others can get"
                yield _unanchored(each, pattern, what, _anchored(pattern))
            elif kind in _REFERENCES and _more_than_prefix(pattern):
                found = _unanchored(
                    each, pattern, f"longer names, such as `{_example(pattern)}`", _anchored(pattern, kind)
                )
                yield found._replace(severity="note" if kind == "HEAD_REF" and not _names_one(pattern) else None)


def _unanchored(each: Filter, pattern: str, what: str, whole: str) -> Finding:
    """The finding that a pattern fits `what` as well, and the fix that writes it for the whole value."""
    node = each.get("pattern") or each.node
    fix = changed(node, pattern, whole, f"Write {whole}", "unsafe")
    return Finding(node.span, f"`{pattern}` also fits {what}; write `{whole}`", fix=fix)


_PREFIX: Final = lazy(r"(?:[-_/]|/v?\d{0,2}\.?)$")
"""How a pattern ends that is meant to be the beginning of many names: `^refs/tags/v`, `^refs/heads/feature-`."""


def _alternatives(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern; those in groups stay together."""
    found, depth, at = [""], 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            found[-1] += pattern[at : at + 2]
            at += 2
            continue
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += char
        at += 1
    return found


def _loose(pattern: str) -> bool:
    """Whether one of the alternatives lacks `^` or `$`."""
    return any(not (each.startswith("^") and each.endswith("$")) for each in _alternatives(pattern))


def _more_than_prefix(pattern: str) -> bool:
    """Whether what is open at the end names something: `^refs/heads/` and `^refs/tags/.*` are meant to be open."""
    return any(
        not (each.startswith("^") and (each.endswith(("$", "/", ".*", ".+", "/*")) or _PREFIX.search(each)))
        and not each.rstrip("$").endswith(("/.*", "/", "/*", "/.+"))
        for each in _alternatives(pattern)
    )


def _names_one(pattern: str) -> bool:
    return re.fullmatch(r"\^?(?:refs/(?:heads|tags)/)?[\w./-]+\$?", pattern) is not None


def _anchored(pattern: str, kind: str = "") -> str:
    """The pattern for the whole value; a branch's bare name gets what CodeBuild puts before it."""
    bare = pattern.removeprefix("^").removesuffix("$")
    bare = f"(?:{bare})" if "|" in bare else bare
    before = "refs/heads/" if kind in ("HEAD_REF", "BASE_REF") and "refs/" not in bare else ""
    return f"^{before}{bare}$"


def _example(pattern: str) -> str:
    first = _alternatives(pattern)[0].removeprefix("^").removesuffix("$")
    return f"{first}-of-somebody" if _names_one(first) else "one with something before or behind it"


@check("webhook-without-filters")
def webhook_without_filters(project: Project) -> Iterator[Finding]:
    """A webhook that lets everything through."""
    webhook = project.webhook
    if webhook is None or not is_true(webhook, "webhook"):
        return
    if webhook.get("filterGroups") is None and webhook.get("branchFilter") is None:
        kind = webhook.known("buildType") or ""
        if not kind.startswith("RUNNER_") and webhook.get("scopeConfiguration") is None:
            yield Finding(
                _span(Filter(webhook.node, webhook.place), "webhook"),
                "without filters every push to any branch starts a build, and so may a stranger's pull request; say "
                f"which events and branches in `{webhook.spelled('filterGroups')}`",
            )


@check("pull-request-build-without-approval")
def pull_request_build_without_approval(project: Project) -> Iterator[Finding]:
    """Builds of strangers' pull requests that nobody has looked at."""
    webhook = project.webhook
    if webhook is None:
        return
    risky = [group for group in project.filter_groups if set(_events(group)) & set(_BEFORE_MERGE)]
    open_groups = [group for group in risky if not any(_names_actor(each) for each in group)]
    if not open_groups:
        return
    node = webhook.get("pullRequestBuildPolicy")
    policy = webhook.child("pullRequestBuildPolicy", Filter)
    answer = policy.word("requiresCommentApproval") if policy is not None else None
    if answer == "DISABLED" and policy is not None:
        yield Finding(
            _span(policy, "requiresCommentApproval"),
            "whoever opens a pull request runs commands with this project's role before anybody has looked at them; "
            "write `FORK_PULL_REQUESTS`, or name the actors in a filter",
            related=_power(project),
        )
    elif node is None and is_true(project.environment, "privilegedMode"):
        yield Finding(
            open_groups[0][0].span,
            "pull requests are built in privileged mode and nothing here says that a maintainer must approve them; new "
            "projects ask for a comment, older ones do not: state `pullRequestBuildPolicy`",
            severity="note",
        )


def _names_actor(each: Filter) -> bool:
    return each.known("type") == "ACTOR_ACCOUNT_ID" and not each.excludes


def _power(project: Project) -> tuple[Related, ...]:
    environment = project.environment
    if environment is not None and is_true(environment, "privilegedMode"):
        return (Related(environment.key_span("privilegedMode"), "and that in privileged mode"),)
    return ()


_WEAK_ROLES: Final = ("GITHUB_READ", "GITHUB_TRIAGE", "GITLAB_GUEST", "GITLAB_REPORTER", "BITBUCKET_READ")


@check("weak-approver")
def weak_approver(project: Project) -> Iterator[Finding]:
    """People who may approve a build and may not write to the repository."""
    webhook = project.webhook
    policy = webhook.child("pullRequestBuildPolicy", Filter) if webhook is not None else None
    roles = policy.get("approverRoles") if policy is not None else None
    for item in getattr(roles, "items", ()):
        if getattr(item, "value", None) in _WEAK_ROLES:
            yield Finding(
                item.span,
                f"with `{item.value}` everybody who can read the repository may approve builds of pull requests; name "
                "a role that may write",
            )


@check("report-status-without-host")
def report_status_without_host(project: Project) -> Iterator[Finding]:
    """A status that has nowhere to go."""
    source = project.source
    kind = source.known("type") if source is not None else None
    if (
        source is not None
        and kind in ("CODECOMMIT", "S3", "CODEPIPELINE", "NO_SOURCE")
        and is_true(source, "reportBuildStatus")
    ):
        yield Finding(
            _span(Filter(source.node, source.place), "reportBuildStatus"),
            f"only Git hosts take a build's status; with a source of the type `{kind}` the API answers "
            "`InvalidInputException`: remove it",
        )
    if (
        project.webhook is not None
        and kind in ("CODECOMMIT", "S3", "CODEPIPELINE")
        and is_true(project.webhook, "webhook")
    ):
        yield Finding(project.webhook.span, f"a source of the type `{kind}` has no webhook; remove it")
