"""Checks of EventBridge patterns and of the rules they stand in: can they ever match, and can the target be started?

That a polled source has such a rule, or has none, is said with the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cilint.catalog import events
from cilint.catalog.events import DetailType
from cilint.catalog.nearest import nearest
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed as words
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.around import EventPattern, plain_words
from cilint.model.intrinsics import intrinsic, is_intrinsic, listed, symbolic
from cilint.model.template import Resource, repository_by_id
from cilint.source.nodes import Entry, Mapping, Node, Scalar

_OPERATORS: Final = frozenset(
    ["prefix", "suffix", "anything-but", "exists", "numeric", "equals-ignore-case", "wildcard", "cidr", "$or"]
)
_NEEDS_ROLE: Final = re.compile(r"arn:[^:]*:(codepipeline|codebuild|states):")
_UPLOADS: Final = ("PutObject", "CompleteMultipartUpload")


@check("event-pattern-without-list")
def event_pattern_without_list(pattern: EventPattern) -> Iterator[Finding]:
    """A value of a pattern that is no list."""
    yield from _without_list(pattern.node)


def _without_list(node: Node) -> Iterator[Finding]:
    for entry in node.entries if isinstance(node, Mapping) else ():
        value = entry.value
        if is_intrinsic(value) or entry.name in _OPERATORS or entry.name.startswith("Fn::"):
            continue
        if isinstance(value, Mapping):
            yield from _without_list(value)
        elif isinstance(value, Scalar):
            yield Finding(
                value.span,
                f"EventBridge refuses a pattern whose values stand in no list; write `[{shown(value.value)}]`",
            )


@check("event-source-unknown")
def event_source_unknown(pattern: EventPattern) -> Iterator[Finding]:
    """A source that is almost one of the CI/CD services'."""
    for word in pattern.words("source"):
        known = events.sources()
        bare = word.value.strip().lower().removeprefix("aws.").replace("-", "").replace(".amazonaws.com", "")
        own = pattern.words("detail-type")
        if word.value in known or not (word.value.startswith("aws.") or _is_ours(own, bare)):
            continue
        meant = f"aws.{bare}" if f"aws.{bare}" in known else None
        near = meant or (nearest(word.value, known) if _is_near(word.value, known) else None)
        if near is not None:
            yield Finding(
                word.span, f"no event comes from `{shown(word.value)}`, and the rule never matches; write `{near}`"
            )


def _is_ours(detail_types: Iterable[Scalar], service: str) -> bool:
    """Whether events of that service are asked for, so that a source of the user's own is not meant."""
    return any(
        (found := events.every_detail_type().get(each.value)) and found.source == f"aws.{service}"
        for each in detail_types
    )


def _is_near(word: str, known: tuple[str, ...]) -> bool:
    """Short names of services are close to each other (`aws.ecs`, `aws.ecr`, `aws.ec2`): they are not compared."""
    return len(word) > len("aws.codex") and nearest(word, known) is not None


@check("event-detail-type-unknown")
def event_detail_type_unknown(pattern: EventPattern) -> Iterator[Finding]:
    """A detail type that the source's events do not have."""
    sources = [each.value for each in pattern.words("source")]
    if not pattern.exact("source") or not all(source in events.sources() for source in sources):
        return
    own = {each.name: each for source in sources for each in events.detail_types(source)}
    for word in pattern.words("detail-type"):
        if word.value in own or word.value in events.of_everything():
            continue
        elsewhere = events.every_detail_type().get(word.value)
        if elsewhere is not None:
            yield Finding(
                word.span,
                f"events of `{elsewhere.source}` have this detail type, those of {words(sources)} never do; "
                f"write `{elsewhere.source}` as the source",
            )
            continue
        near = _near_phrase(word.value, [*own, *events.of_everything()])
        if near is not None:
            yield Finding(
                word.span, f"{words(sources)} sends no such event, and the rule never matches; write `{near}`"
            )
        elif not any(events.has_more(source) for source in sources):
            yield Finding(
                word.span,
                f"{words(sources)} is not known to send such an event (as of {events.date()}); it sends {words(own)}",
                severity="note",
                confidence="low",
            )


def _near_phrase(text: str, known: list[str]) -> str | None:
    """The known phrase of which `text` is a slip: other case, hyphens or spaces, a letter or two, a word left out."""
    folded = _folded(text)
    near = next((each for each in known if _folded(each) == folded), None) or nearest(text, known)
    if near is not None:
        return near
    wanted = set(text.lower().split())
    found = [each for each in known if len(wanted) > 2 and wanted < set(each.lower().split())]
    return found[0] if found and len(wanted) == len(set(found[0].lower().split())) - 1 else None


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).lower()


@check("event-detail-unknown")
def event_detail_unknown(pattern: EventPattern) -> Iterator[Finding]:
    """A field of `detail` that the events do not have."""
    asked = _asked(pattern)
    if asked is None or any(each.open for each in asked):
        return
    known = {name for each in asked for name in each.fields}
    sources = sorted({each.source for each in asked})
    for entry in pattern.detail:
        if entry.name in known or not isinstance(entry.key, Scalar):
            continue
        meant = next((found for source in sources if (found := events.meant(source, entry.name)) in known), None)
        near = meant or _near_phrase(entry.name, sorted(known))
        if near is not None:
            yield Finding(
                entry.key.span,
                f"the details of these events have no `{shown(entry.name)}`, and the rule never matches; "
                f"write `{near}`",
            )
        else:
            yield Finding(
                entry.key.span,
                f"the details of these events are not known to have `{shown(entry.name)}` (as of {events.date()}), "
                "and a field that is not there never matches",
                severity="note",
                confidence="low",
            )


@check("event-value-unknown")
def event_value_unknown(pattern: EventPattern) -> Iterator[Finding]:
    """A value of `detail` that the events never have."""
    for entry in pattern.detail:
        known = _values(_asked(pattern) or (), entry.name)
        for word in plain_words(entry.value) if known else ():
            if word.value not in known:
                yield _value(entry, word, known)


def _value(entry: Entry, word: Scalar, known: tuple[str, ...]) -> Finding:
    near = _near_value(word.value, known)
    if near is not None:
        return Finding(
            word.span,
            f"`{shown(entry.name)}` is never `{shown(word.value)}` in an event, and matching minds the case; "
            f"write `{near}`",
        )
    return Finding(
        word.span,
        f"`{shown(entry.name)}` is not known to be `{shown(word.value)}` (as of {events.date()}), but {words(known)}",
        severity="note",
        confidence="low",
    )


_SAME: Final = {
    # What the APIs and other services call it, to what the event may.
    "SUCCESS": "SUCCEEDED",
    "SUCCESSFUL": "SUCCEEDED",
    "SUCCEEDED": "SUCCESS",
    "FAILURE": "FAILED",
    "FAILED": "FAILURE",
    "CANCELLED": "CANCELED",
    "INPROGRESS": "IN_PROGRESS",
    "STARTED": "START",
    "STOPPED": "STOP",
}


def _near_value(text: str, known: tuple[str, ...]) -> str | None:
    same = next((each for each in known if _folded(each) == _folded(text)), None)
    other = _SAME.get(text.upper())
    return same or (other if other in known else None) or nearest(text, known)


def _asked(pattern: EventPattern) -> tuple[DetailType, ...] | None:
    """The known detail types that the pattern lets through; None where others get through too."""
    sources = {each.value for each in pattern.words("source")}
    if not pattern.exact("source") or not sources <= set(events.sources()):
        return None
    known = {each.name: each for source in sources for each in events.detail_types(source)}
    named = [each.value for each in pattern.words("detail-type")]
    if not named and pattern.get("detail-type") is None and not any(map(events.has_more, sources)):
        return tuple(known.values())
    if not pattern.exact("detail-type") or not all(name in known for name in named):
        return None
    return tuple(known[name] for name in named)


def _values(asked: tuple[DetailType, ...], field: str) -> tuple[str, ...]:
    """The values that a field can have in any of the events; empty where they are not few."""
    found: dict[str, None] = {}
    for each in asked:
        if each.open and field not in each.fields:
            return ()
        values = each.fields.get(field, ())
        if values is None:
            return ()
        found.update(dict.fromkeys(values))
    return tuple(found)


@check("uploads-in-parts-missed")
def uploads_in_parts_missed(pattern: EventPattern) -> Iterator[Finding]:
    """A pattern for CloudTrail's uploads that leaves out those in several parts."""
    names = plain_words(_detail(pattern, "eventName"))
    if "aws.s3" not in [each.value for each in pattern.words("source")]:
        return
    written = [each.value for each in names]
    if _UPLOADS[0] in written and _UPLOADS[1] not in written:
        yield Finding(
            names[written.index(_UPLOADS[0])].span,
            "an upload in parts, which tools choose for larger files, is no `PutObject`, and does not match; add "
            "`CompleteMultipartUpload`",
        )


def _detail(pattern: EventPattern, field: str) -> Node | None:
    return next((entry.value for entry in pattern.detail if entry.name == field), None)


@check("bucket-sends-no-events")
def bucket_sends_no_events(pattern: EventPattern) -> Iterator[Finding]:
    """A pattern for a bucket of the template that does not send its events to EventBridge."""
    own = [each for each in pattern.words("detail-type") if each.value.startswith("Object ")]
    if pattern.resource is None or not own or "aws.s3" not in [each.value for each in pattern.words("source")]:
        return
    bucket_field = _detail(pattern, "bucket")
    names = bucket_field.get("name") if isinstance(bucket_field, Mapping) else None
    for choice in listed(names):
        called = intrinsic(choice.node)
        name = called.argument.value if called and called.name == "Ref" and isinstance(called.argument, Scalar) else ""
        bucket = pattern.resource.template.resource(name)
        if bucket is None or bucket.type != "AWS::S3::Bucket" or _may_send(bucket):
            continue
        yield Finding(
            choice.node.span,
            f"`{name}` does not send its events to EventBridge; add `NotificationConfiguration: "
            "{EventBridgeConfiguration: {EventBridgeEnabled: true}}` to it",
            related=(Related(bucket.key.span, "the bucket"),),
        )


def _may_send(bucket: Resource) -> bool:
    if bucket.properties is None:
        return bucket.get("Properties") is not None
    notifications = bucket.property("NotificationConfiguration")
    if notifications is None:
        return any(each.name.startswith("Fn::") for each in bucket.properties.entries)
    if not isinstance(notifications, Mapping) or is_intrinsic(notifications):
        return True
    return notifications.get("EventBridgeConfiguration") is not None


@check("event-target-without-role")
def event_target_without_role(resource: Resource) -> Iterator[Finding]:
    """A pipeline or project as an event rule's target without the role that starts it."""
    for target in _targets(resource):
        arn = target.get("Arn")
        text = symbolic(arn, resource.template) or ""
        found = _NEEDS_ROLE.match(text)
        what = found[1] if found else _service_of(arn, resource)
        if arn is not None and what and target.get("RoleArn") is None and not is_intrinsic(target):
            yield Finding(
                arn.span,
                f"EventBridge refuses a target of `{what}` without a role (`RoleArn is required for target`); add a "
                "`RoleArn` that `events.amazonaws.com` may assume",
            )


_ROLE_TYPES: Final = {
    "AWS::CodeBuild::Project": "codebuild",
    "AWS::StepFunctions::StateMachine": "states",
    "AWS::Serverless::StateMachine": "states",
}


def _service_of(arn: Node | None, resource: Resource) -> str | None:
    """The service of the template's own resource whose ARN a function gives."""
    called = intrinsic(arn)
    if called is None or called.name not in ("GetAtt", "Ref"):
        return None
    name = (symbolic(arn) or "").strip("${}").split(".")[0]
    target = resource.template.resource(name)
    ref = called.name == "Ref"
    if target is None or (ref and target.type == "AWS::CodeBuild::Project"):
        return None
    return _ROLE_TYPES.get(target.type)


_FUNCTIONS: Final = (
    *("AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version"),
)


@check("function-refuses-caller")
def function_refuses_caller(resource: Resource) -> Iterator[Finding]:
    """A function of the template that what calls it has no permission for."""
    if not resource.template.complete or resource.template.connected:
        return
    for node, service, what in _calls(resource):
        name = (symbolic(node) or "").strip("${}").split(".")[0]
        function = resource.template.resource(name)
        if function is None or function.type not in _FUNCTIONS or _may_call(service, name, resource):
            continue
        yield Finding(
            node.span,
            f"`{name}` does not let `{service}` call it, and {what} goes nowhere; add an `AWS::Lambda::Permission` for "
            "that principal",
            related=(Related(function.key.span, "the function"),),
        )


def _calls(resource: Resource) -> Iterator[tuple[Node, str, str]]:
    """What a resource calls by itself: the address, the service that does it, and what is lost without."""
    match resource.type:
        case "AWS::Events::Rule":
            for target in _targets(resource):
                arn = target.get("Arn")
                if arn is not None and target.get("RoleArn") is None:
                    yield arn, "events.amazonaws.com", "the event"
        case "AWS::CodeCommit::Repository":
            for choice in listed(resource.property("Triggers")):
                arn = choice.node.get("DestinationArn") if isinstance(choice.node, Mapping) else None
                if arn is not None:
                    yield arn, "codecommit.amazonaws.com", "the trigger"
        case "AWS::SNS::Subscription":
            arn = resource.property("Endpoint")
            if arn is not None and symbolic(resource.property("Protocol")) == "lambda":
                yield arn, "sns.amazonaws.com", "the notification"


def _may_call(service: str, function: str, resource: Resource) -> bool:
    """Whether a permission of the template lets the service call the function, or may: SAM makes them for `Events`."""
    called = resource.template.resource(function)
    if called is not None and called.property("Events") is not None:
        return True
    for permission in resource.template.of_type("AWS::Lambda::Permission"):
        principal = symbolic(permission.property("Principal")) or "${}"
        about = symbolic(permission.property("FunctionName")) or "${}"
        names = re.findall(r"\$\{([\w:]+)", about)
        known = resource.template.resource(names[0]) if len(names) == 1 and about.startswith("${") else None
        if (principal == service or "${" in principal) and (known is None or function in names):
            return True
    return False


@check("event-target-no-arn")
def event_target_no_arn(resource: Resource) -> Iterator[Finding]:
    """The name of a pipeline or project where an event rule wants its ARN."""
    for target in _targets(resource):
        arn = target.get("Arn")
        called = intrinsic(arn)
        if arn is None or called is None or called.name != "Ref" or not isinstance(called.argument, Scalar):
            continue
        aimed = resource.template.resource(called.argument.value)
        if aimed is None or aimed.type not in ("AWS::CodePipeline::Pipeline", "AWS::CodeBuild::Project"):
            continue
        name = aimed.logical_id
        pipeline = aimed.type == "AWS::CodePipeline::Pipeline"
        instead = (
            f'`!Sub "arn:${{AWS::Partition}}:codepipeline:${{AWS::Region}}:${{AWS::AccountId}}:${{{name}}}"`'
            if pipeline
            else f"`!GetAtt {name}.Arn`"
        )
        yield Finding(arn.span, f"`Ref` gives the name of `{name}`, and a target wants its ARN; write {instead}")


@check("event-resource-no-arn")
def event_resource_no_arn(pattern: EventPattern) -> Iterator[Finding]:
    """The id of a CodeCommit repository where its events carry the ARN."""
    resource = pattern.resource
    if resource is None:
        return
    for choice in listed(pattern.get("resources")):
        name = repository_by_id(resource.template, symbolic(choice.node, resource.template) or "")
        if name:
            yield Finding(
                choice.node.span,
                f"`Ref` of `{name}` is the repository's id, and its events carry the ARN, which ends with its name: "
                f"this rule never matches; write `!GetAtt {name}.Arn`",
            )


def _targets(resource: Resource) -> Iterator[Mapping]:
    if resource.type == "AWS::Events::Rule":
        for choice in listed(resource.property("Targets")):
            if isinstance(choice.node, Mapping):
                yield choice.node


@check("every-branch-starts-pipeline")
def every_branch_starts_pipeline(pattern: EventPattern) -> Iterator[Finding]:
    """Changes of every branch of a CodeCommit repository that start a pipeline."""
    resource = pattern.resource
    if resource is None or "CodeCommit Repository State Change" not in [e.value for e in pattern.words("detail-type")]:
        return
    fields = [entry.name for entry in pattern.detail]
    node = pattern.get("detail")
    if "referenceName" in fields or "referenceFullName" in fields or (node is not None and is_intrinsic(node)):
        return
    if any(":codepipeline:" in (symbolic(each.get("Arn")) or "") for each in _targets(resource)):
        place = pattern.key_span("detail") if node is not None else pattern.key_span("detail-type")
        yield Finding(
            place,
            "a change of any branch or tag starts the pipeline, which then works on its own branch once more; add "
            "`referenceName` with that branch to `detail`",
        )
