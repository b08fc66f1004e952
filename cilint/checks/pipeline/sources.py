"""Checks of source actions: retired kinds, tokens, repository names, and what makes a pipeline start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential
from cilint.checks.pipeline.respell import respell
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed as words
from cilint.core.nearest import nearest
from cilint.core.rule import check
from cilint.model.intrinsics import intrinsic, is_intrinsic, is_known, listed, symbolic
from cilint.model.pipeline import Action, Pipeline, of_resource
from cilint.model.template import Parameter, Resource, Template, repository_by_id
from cilint.source.nodes import Mapping, Node, Scalar, walk

MASKED: Final = re.compile(r"\*{4}\Z")
_PLACEHOLDER: Final = re.compile(r"[<\[%$_]|.*(?:EXAMPLE|REPLACE|CHANGE[-_ ]?ME|YOUR|TOKEN|X{4}|SECRET)", re.IGNORECASE)
_SHORTEST: Final = 8  # what is shorter is no token, only filled in
_OLD_TOKEN: Final = re.compile(r"[0-9a-f]{40}\Z")
_SECRET_KEYS: Final = {"GitHub": ("OAuthToken",), "AlexaSkillsKit": ("ClientSecret", "RefreshToken")}
_CONNECTION: Final = re.compile(r"arn:[^:]+:(?:codestar-connections|codeconnections):[^:]*:[^:]*:connection/")
_PARTS: Final = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)  # a variable, or a character that is written out
_POLLED: Final = {"S3": "aws.s3", "CodeCommit": "aws.codecommit", "GitHub": ""}


@check("retired-action-provider")
def retired_action_provider(action: Action) -> Iterator[Finding]:
    """GitHub over OAuth (version 1), OpsWorks."""
    node = action.type.get("provider") if action.type else None
    if node is None:
        return
    if action.provider == "GitHub" and action.owner == "ThirdParty":
        yield Finding(
            node.span,
            "GitHub over an OAuth token (version 1) is no longer recommended: its token usually reaches every "
            "repository of the person who made it; connect with `CodeStarSourceConnection` and owner `AWS` (it needs a "
            "`ConnectionArn`)",
        )
    elif action.provider == "OpsWorks" and action.owner == "AWS":
        yield Finding(node.span, "OpsWorks ended in May 2024 and its deployments with it; deploy with `CodeDeploy`")


@check("plaintext-source-token")
def plaintext_source_token(action: Action) -> Iterator[Finding]:
    """A token of a source action that is written out."""
    for key in _SECRET_KEYS.get(action.provider, ()):
        node = action.configuration.get(key)
        text = symbolic(node, action.place.names)
        if node is None or text is None or not is_known(text) or is_intrinsic(node) or MASKED.match(text):
            continue
        yield from _token(node, key, text)


def _token(node: Node, key: str, text: str) -> Iterator[Finding]:
    what = credential(text) or ("a GitHub token" if _OLD_TOKEN.match(text) and len(set(text)) > 8 else None)
    advice = "put it into Secrets Manager and write `{{resolve:secretsmanager:NAME}}`, or use a connection"
    if what:
        message = f"`{key}` holds {what} in plain text; revoke it, then {advice}"
        yield Finding(node.span, message, severity="error", secret=True)
    elif len(text.strip()) >= _SHORTEST and not _PLACEHOLDER.match(text):
        yield Finding(node.span, f"`{key}` is a secret in plain text; revoke it, then {advice}", secret=True)


@check("plaintext-webhook-secret")
def plaintext_webhook_secret(resource: Resource) -> Iterator[Finding]:
    """The secret token of a pipeline's webhook that is written out."""
    if resource.type != "AWS::CodePipeline::Webhook":
        return
    node = resource.property("AuthenticationConfiguration.SecretToken")
    text = symbolic(node, resource.template)
    if node is not None and text and is_known(text) and not is_intrinsic(node):
        yield from _token(node, "SecretToken", text)


@check("token-parameter-visible")
def token_parameter_visible(action: Action) -> Iterator[Finding]:
    """A token that comes from a parameter which everyone can read."""
    template = action.place.names
    if not isinstance(template, Template):
        return
    for key in _SECRET_KEYS.get(action.provider, ()):
        called = intrinsic(action.configuration.get(key))
        name = called.argument.value if called and called.name == "Ref" and isinstance(called.argument, Scalar) else ""
        for parameter in template.parameters:
            if parameter.name == name:
                yield from _visible(parameter, key, action)


def _visible(parameter: Parameter, key: str, action: Action) -> Iterator[Finding]:
    node = action.configuration[key]
    related = (Related(parameter.key.span, "the parameter"),)
    if parameter.type is not None and parameter.type.value.startswith("AWS::SSM::"):
        return
    if parameter.no_echo is None or parameter.no_echo.value.lower() not in ("true", "yes"):
        yield Finding(
            node.span,
            f"the parameter `{parameter.name}` holds the token without `NoEcho`, so everyone who may describe the "
            "stack can read it; set `NoEcho: true` on it, or take the token from Secrets Manager with "
            "`{{resolve:secretsmanager:NAME}}`",
            related=related,
        )


@check("masked-token")
def masked_token(action: Action) -> Iterator[Finding]:
    """`****` where `get-pipeline` hid a token."""
    for name, node in action.configuration.items():
        text = symbolic(node, action.place.names)
        if text and MASKED.match(text.strip()):
            yield Finding(
                node.span,
                f"`{name}` holds what `get-pipeline` shows instead of the token: creating a pipeline or an action with "
                'it is refused (`"****" may be used in secret properties only when updating an existing action`); put '
                "the token in from a secret just before `create-pipeline`, and never into the repository",
            )


@check("get-pipeline-metadata")
def get_pipeline_metadata(pipeline: Pipeline) -> Iterator[Finding]:
    """The `metadata` of `get-pipeline` left in the file."""
    entry = pipeline.envelope.entry("metadata") if pipeline.envelope else None
    if entry is not None:
        yield Finding(
            entry.key.span,
            "`update-pipeline` and `create-pipeline` refuse the `metadata` that `get-pipeline` adds (`Unknown "
            "parameter in input`); delete it before the file is used again",
        )


@check("repository-id")
def repository_id(action: Action) -> Iterator[Finding]:
    """A repository of a connection that is not `owner/name`."""
    node = action.configuration.get("FullRepositoryId")
    text = symbolic(node, action.place.names)
    if node is None or text is None or not is_known(text) or action.provider != "CodeStarSourceConnection":
        return
    bare = re.sub(r"^(?:https?://|ssh://|git@)[^/:]+[/:]|\.git/?$|/$", "", text)
    if bare != text:
        said = f"`FullRepositoryId` is `owner/name`, not an address; write `{bare}`"
        yield Finding(node.span, said, fix=respell(action.text, node, bare))
    elif "/" not in text:
        yield Finding(node.span, f"`FullRepositoryId` is `owner/name`, and `{text}` has no owner")


@check("connection-arn")
def connection_arn(action: Action) -> Iterator[Finding]:
    """A connection's ARN that is another resource's."""
    node = action.configuration.get("ConnectionArn")
    text = symbolic(node, action.place.names)
    if node is None or text is None or action.provider != "CodeStarSourceConnection":
        return
    plain = re.sub(r"\$\{AWS::\w+\}", "x", text)
    if is_known(plain) and re.match(r"arn:[^:<>]+:[a-z]", plain) and not _CONNECTION.match(plain):
        yield Finding(
            node.span,
            f"this is no connection's ARN but one of `{plain.split(':')[2]}`; it has the form "
            "`arn:aws:codeconnections:REGION:ACCOUNT:connection/ID`",
        )


@check("polling-source")
def polling_source(pipeline: Pipeline) -> Iterator[Finding]:
    """A source that is polled, by itself or beside an event that starts the pipeline too."""
    for action in pipeline.actions:
        if action.provider not in _POLLED or action.category != "Source" or not action.configuration_known:
            continue
        node = action.configuration.get("PollForSourceChanges")
        text = symbolic(node, action.place.names)
        if text is not None and (not is_known(text) or text.lower() in ("false", "no")):
            continue
        place = node.span if node is not None else action.place_of_configuration
        said = "is polled" if node is not None else "is polled, since `PollForSourceChanges` is true by default"
        rule = _event_rule(pipeline, action)
        if rule is None and action.provider == "GitHub":
            continue  # that GitHub is polled over a token at all is another rule's
        if rule is not None:
            yield Finding(
                place,
                f"the source {said}, and `{rule.logical_id}` starts the pipeline too: each change starts it twice; set "
                "`PollForSourceChanges: false`",
                severity="warning",
                related=(Related(rule.key.span, "what starts it"),),
                fix=respell(action.text, node, "false") if node is not None else None,
            )
        else:
            yield Finding(
                place,
                f"the source {said}, which starts late and stops after 30 days without a run; set it to `false` and "
                "start the pipeline with an EventBridge rule",
            )


def _event_rule(pipeline: Pipeline, action: Action) -> Resource | None:
    """The event rule of the same template that listens to the source's service and starts this pipeline, or the
    webhook that does."""
    if pipeline.resource is None:
        return None
    own = pipeline.resource.logical_id
    if action.provider == "GitHub":
        webhooks = pipeline.resource.template.of_type("AWS::CodePipeline::Webhook")
        return next((each for each in webhooks if _calls(each, own, action)), None)
    for resource in pipeline.resource.template.of_type("AWS::Events::Rule"):
        pattern, targets = resource.property("EventPattern"), resource.property("Targets")
        if pattern is not None and targets is not None:
            texts = _texts(pattern)
            names = (f"${{{own}}}", f"${{{own}.")
            starts = _POLLED[action.provider] in texts and any(n in t for t in _texts(targets) for n in names)
            if starts and _hears_of(resource, action):
                return resource
    return None


def _calls(webhook: Resource, pipeline: str, action: Action) -> bool:
    """Whether a webhook starts the pipeline of that logical id by this action, or may."""
    target = symbolic(webhook.property("TargetAction"), webhook.template)
    named = target is None or not never_equal(target, action.name)
    return named and symbolic(webhook.property("TargetPipeline")) == f"${{{pipeline}}}"


def _hears_of(rule: Resource, action: Action) -> bool:
    """Whether the resources that an event rule listens to may be the action's repository."""
    arns = [symbolic(each.node, rule.template) or "${}" for each in listed(rule.property("EventPattern.resources"))]
    if not arns or action.provider != "CodeCommit":
        return True
    repository = action.setting("RepositoryName") or ""
    return any(not repository_by_id(rule.template, arn) and not _other_repository(arn, repository) for arn in arns)


def _other_repository(arn: str, name: str) -> bool:
    """Whether the ARN is that of a repository of another name."""
    return is_known(name) and is_known(arn.rsplit(":", 1)[-1]) and arn.rsplit(":", 1)[-1] != name


def never_equal(one: str, other: str) -> bool:
    """Whether two symbolic texts differ in every stack, since they differ only in what is written out."""
    left, right = _without_shared_start(_PARTS.findall(one), _PARTS.findall(other))
    left, right = _without_shared_start(left[::-1], right[::-1])
    return left != right and all(len(part) == 1 for part in left + right) and not {"{", "$"} & {*left, *right}


def _without_shared_start(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return one[shared:], other[shared:]


def _texts(node: Node) -> set[str]:
    found = set()
    for each in walk(node):
        text = symbolic(each)
        if text:
            found.add(text)
    return found


_STARTERS: Final = (
    *("AWS::Scheduler::Schedule", "AWS::Pipes::Pipe", "AWS::Lambda::Function", "AWS::Serverless::Function"),
    *("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"),
)
_OTHER_TARGETS: Final = (
    *("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::CodeBuild::Project"),
    *("AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream", "AWS::Events::EventBus"),
)


@check("source-never-starts")
def source_never_starts(pipeline: Pipeline) -> Iterator[Finding]:
    """A source without polling in a template where nothing starts the pipeline."""
    resource = pipeline.resource
    if resource is None or not resource.template.complete or _may_be_started(pipeline, resource):
        return
    for action in pipeline.actions:
        why = _undetected(action)
        if action.category == "Source" and why is not None:
            node = action.configuration.get("PollForSourceChanges") or action.configuration.get("DetectChanges")
            yield Finding(
                node.span if node is not None else action.place_of_name,
                f"{why}, and nothing in this template starts the pipeline when the source changes; "
                + (
                    f"add `{pipeline.spelled('triggers')}`, or let it detect changes"
                    if action.provider == "CodeStarSourceConnection"
                    else "add an `AWS::Events::Rule` for it, unless one stands elsewhere"
                ),
            )


def _undetected(action: Action) -> str | None:
    """Why a source does not see its changes itself; None where it does or may."""
    if action.provider == "ECR":
        return "an ECR source is never polled"
    if (action.setting("PollForSourceChanges") or "").lower() == "false":
        return "polling is off"
    return "detection is off" if (action.setting("DetectChanges") or "").lower() == "false" else None


def _may_be_started(pipeline: Pipeline, resource: Resource) -> bool:
    """Whether something in the template starts the pipeline, or may."""
    template = resource.template
    if pipeline.get("triggers") is not None or template.of_type(*_STARTERS):
        return True
    webhooks = template.of_type("AWS::CodePipeline::Webhook")
    rules = template.of_type("AWS::Events::Rule")
    return any(_is_about(each.property("TargetPipeline"), resource) for each in webhooks) or any(
        _is_about(target.get("Arn") if isinstance(target, Mapping) else target, resource)
        for each in rules
        for target in (choice.node for choice in listed(each.property("Targets")))
    )


def _is_about(node: Node | None, pipeline: Resource) -> bool:
    """Whether a value names the pipeline, or may: not when it names another resource of the template."""
    text = symbolic(node) or ""
    names = re.findall(r"\$\{([\w:]+)", text)
    others = [found for name in names if (found := pipeline.template.resource(name))]
    if pipeline.logical_id in names or not others:
        return True
    return not all(each.type in (*_OTHER_TARGETS, "AWS::CodePipeline::Pipeline") for each in others)


@check("webhook-unauthenticated")
def webhook_unauthenticated(resource: Resource) -> Iterator[Finding]:
    """A webhook that whoever knows its address may call."""
    node = resource.property("Authentication") if resource.type == "AWS::CodePipeline::Webhook" else None
    if node is not None and symbolic(node, resource.template) == "UNAUTHENTICATED":
        yield Finding(
            node.span,
            "whoever learns the address of this webhook starts the pipeline; set `GITHUB_HMAC` with a secret, or `IP` "
            "with the addresses that may call",
        )


@check("webhook-target-unknown")
def webhook_target_unknown(resource: Resource) -> Iterator[Finding]:
    """A webhook for an action that its pipeline does not have."""
    if resource.type != "AWS::CodePipeline::Webhook":
        return
    node = resource.property("TargetAction")
    name = symbolic(node, resource.template)
    pipeline = _target_pipeline(resource)
    if node is None or name is None or pipeline is None or not pipeline.complete:
        return
    sources = [action.name for action in pipeline.actions if action.category == "Source"]
    if sources and all(never_equal(name, each) for each in sources):
        hint = nearest(name, sources)
        advice = f"did you mean `{hint}`?" if hint else f"its source actions: {words(sources)}"
        yield Finding(node.span, f"the pipeline has no source action `{name}`, so that no call starts it; {advice}")


def _target_pipeline(webhook: Resource) -> Pipeline | None:
    called = intrinsic(webhook.property("TargetPipeline"))
    name = called.argument.value if called and called.name == "Ref" and isinstance(called.argument, Scalar) else ""
    resource = webhook.template.resource(name)
    if resource is None or resource.type != "AWS::CodePipeline::Pipeline":
        return None
    return next((unit.view for unit in of_resource(resource) if isinstance(unit.view, Pipeline)), None)


@check("source-key-override")
def source_key_override(action: Action) -> Iterator[Finding]:
    """An S3 source whose key may be chosen by whoever starts the pipeline."""
    node = action.configuration.get("AllowOverrideForS3ObjectKey")
    if node is not None and (action.setting("AllowOverrideForS3ObjectKey") or "").lower() == "true":
        yield Finding(
            node.span,
            "whoever may start the pipeline chooses what object of the bucket it builds and deploys; leave it `false`",
        )


@check("source-bucket-unversioned")
def source_bucket_unversioned(pipeline: Pipeline) -> Iterator[Finding]:
    """A bucket of the same template that an S3 source reads, and that keeps no versions."""
    if pipeline.resource is None:
        return
    template = pipeline.resource.template
    for action in pipeline.actions:
        node = action.configuration.get("S3Bucket")
        called = intrinsic(node)
        if node is None or action.provider != "S3" or action.category != "Source" or called is None:
            continue
        name = called.argument.value if called.name == "Ref" and isinstance(called.argument, Scalar) else ""
        bucket = template.resource(name)
        if (
            bucket is None
            or bucket.type != "AWS::S3::Bucket"
            or (bucket.properties is None and bucket.get("Properties"))
        ):
            continue
        if bucket.property("VersioningConfiguration") is None:
            yield Finding(
                node.span,
                f"the bucket of an S3 source must keep versions, and `{name}` does not; add `VersioningConfiguration: "
                "{Status: Enabled}` to it",
                related=(Related(bucket.key.span, "the bucket"),),
            )
