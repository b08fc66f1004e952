"""What the CodeDeploy agent refuses in an EC2/on-premises appspec, a rule for each kind of refusal.

What is refused is decided in one place, `cilint.model.agent`; here each rule takes its share.
"""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.model.appspec_ec2 import AppspecEC2


def refused(appspec: AppspecEC2, rule: str) -> Iterator[Finding]:
    """The refusals that the page `rule` speaks of."""
    for refusal in appspec.refusals:
        if refusal.rule == rule:
            if refusal.uncertain:
                message = f"{refusal.message} - unless something fills in this placeholder first"
                yield Finding(refusal.span, message, severity="warning", confidence="low")
            else:
                yield Finding(refusal.span, refusal.message, fix=refusal.fix)


@check("appspec-empty")
def appspec_empty(appspec: AppspecEC2) -> Iterator[Finding]:
    """A file that holds nothing, or no mapping."""
    return refused(appspec, "appspec-empty")


@check("appspec-version")
def appspec_version(appspec: AppspecEC2) -> Iterator[Finding]:
    """A `version` that is not the number 0.0."""
    return refused(appspec, "appspec-version")


@check("unsupported-os")
def unsupported_os(appspec: AppspecEC2) -> Iterator[Finding]:
    """An `os` that is neither `linux` nor `windows`."""
    return refused(appspec, "unsupported-os")


@check("invalid-file-exists-behavior")
def invalid_file_exists_behavior(appspec: AppspecEC2) -> Iterator[Finding]:
    """A `file_exists_behavior` out of its three values."""
    return refused(appspec, "invalid-file-exists-behavior")


@check("file-without-source-or-destination")
def file_without_source_or_destination(appspec: AppspecEC2) -> Iterator[Finding]:
    """An item of `files` that lacks one of its two keys."""
    return refused(appspec, "file-without-source-or-destination")


@check("files-wrong-shape")
def files_wrong_shape(appspec: AppspecEC2) -> Iterator[Finding]:
    """`files` that is no list of mappings."""
    return refused(appspec, "files-wrong-shape")


@check("hooks-wrong-shape")
def hooks_wrong_shape(appspec: AppspecEC2) -> Iterator[Finding]:
    """`hooks` that is no mapping of events to lists of mappings."""
    return refused(appspec, "hooks-wrong-shape")


@check("script-without-location")
def script_without_location(appspec: AppspecEC2) -> Iterator[Finding]:
    """A script whose `location` is missing or empty."""
    return refused(appspec, "script-without-location")


@check("invalid-timeout")
def invalid_timeout(appspec: AppspecEC2) -> Iterator[Finding]:
    """A script's `timeout` that is no number of seconds above 0."""
    return refused(appspec, "invalid-timeout")


@check("permission-without-object")
def permission_without_object(appspec: AppspecEC2) -> Iterator[Finding]:
    """An item of `permissions` whose `object` is missing or empty."""
    return refused(appspec, "permission-without-object")


@check("permissions-on-windows")
def permissions_on_windows(appspec: AppspecEC2) -> Iterator[Finding]:
    """`permissions` in an appspec for Windows."""
    return refused(appspec, "permissions-on-windows")


@check("permissions-wrong-shape")
def permissions_wrong_shape(appspec: AppspecEC2) -> Iterator[Finding]:
    """`permissions`, `except` or `acls` of a type that the agent cannot walk through."""
    return refused(appspec, "permissions-wrong-shape")


@check("invalid-object-type")
def invalid_object_type(appspec: AppspecEC2) -> Iterator[Finding]:
    """A permission's `type` that is no list of `file` and `directory`."""
    return refused(appspec, "invalid-object-type")


@check("invalid-mode")
def invalid_mode(appspec: AppspecEC2) -> Iterator[Finding]:
    """A `mode` that is not one to four octal digits."""
    return refused(appspec, "invalid-mode")


@check("invalid-acl")
def invalid_acl(appspec: AppspecEC2) -> Iterator[Finding]:
    """An entry of `acls` that the agent cannot read."""
    return refused(appspec, "invalid-acl")


@check("invalid-selinux-context")
def invalid_selinux_context(appspec: AppspecEC2) -> Iterator[Finding]:
    """A `context` without a type or with a range that the agent cannot read."""
    return refused(appspec, "invalid-selinux-context")
