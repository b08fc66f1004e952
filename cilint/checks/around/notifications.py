"""Checks of notification rules and of the topics that notifications and events go to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog import events
from cilint.catalog.nearest import nearest
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.around import NOTIFICATION_RULE, NotificationRule
from cilint.model.intrinsics import intrinsic, is_known, listed, symbolic
from cilint.model.policy import RESOURCE, Policy
from cilint.model.template import Resource, Template
from cilint.source.nodes import Mapping, Node, Scalar

_TARGET_TYPES: Final = ("SNS", "AWSChatbotSlack", "AWSChatbotMicrosoftTeams")
_SERVICE: Final = re.compile(r"arn:[^:]*:([a-z0-9-]+):")
_PUBLISHERS: Final = {
    NOTIFICATION_RULE: "codestar-notifications.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
}
_TOPIC_POLICIES: Final = ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")


@check("notification-event-unknown")
def notification_event_unknown(rule: NotificationRule) -> Iterator[Finding]:
    """The id of an event that there is not."""
    known = [each for ids in events.notifications().values() for each in ids]
    for word in rule.event_ids:
        if word.value in known:
            continue
        near = nearest(word.value, known) or _of_same_words(word.value, known)
        if near is not None:
            yield Finding(word.span, f"there is no event `{shown(word.value)}`; write `{near}`")
        else:
            yield Finding(
                word.span,
                f"`{shown(word.value)}` is not known to be an event of notification rules (as of {events.date()})",
                severity="note",
                confidence="low",
            )


def _of_same_words(text: str, known: list[str]) -> str | None:
    """The one id that differs in the ends of its words, or says one twice: `failure` for `failed`."""
    found = [each for each in known if _stems(each) == _stems(text)]
    return found[0] if len(found) == 1 else None


def _stems(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word[:4] for word in re.split(r"[-_]", text.lower())))


@check("notification-event-of-other-resource")
def notification_event_of_other_resource(rule: NotificationRule) -> Iterator[Finding]:
    """An event that the watched resource does not have, since it is another service's."""
    watched = _watched(rule)
    if watched is None:
        return
    for word in rule.event_ids:
        service = next((name for name, ids in events.notifications().items() if word.value in ids), watched)
        if service != watched:
            yield Finding(
                word.span,
                f"the rule watches a resource of `{watched}`, which has no event of `{service}`; a rule watches one "
                "resource, so make another for this one",
            )


def _watched(rule: NotificationRule) -> str | None:
    """The service of the resource that the rule watches, where that can be told."""
    node = rule.get("Resource")
    text = symbolic(node) or ""
    found = _SERVICE.match(text)
    if found:
        return found[1] if found[1] in events.notifications() else None
    called = intrinsic(node)
    if rule.resource is None or called is None or called.name not in ("GetAtt", "Ref"):
        return None
    target = rule.resource.template.resource(text.strip("${}").split(".")[0])
    return events.notifying_types().get(target.type) if target else None


@check("notification-target-type")
def notification_target_type(rule: NotificationRule) -> Iterator[Finding]:
    """A kind of target that there is not, or that is not its address's."""
    for choice in listed(rule.get("Targets")):
        target = choice.node
        type_ = target.get("TargetType") if isinstance(target, Mapping) else None
        text = symbolic(type_)
        if not isinstance(target, Mapping) or type_ is None or text is None or not is_known(text):
            continue
        address = _SERVICE.match(symbolic(target.get("TargetAddress")) or "")
        fits = "sns" if text == "SNS" else "chatbot"
        if text not in _TARGET_TYPES:
            near = nearest(text, _TARGET_TYPES)
            if near is not None:
                yield Finding(type_.span, f"there is no kind of target `{shown(text)}`; write `{near}`")
        elif address and address[1] in ("sns", "chatbot") and address[1] != fits:
            meant = "SNS" if address[1] == "sns" else "AWSChatbotSlack"
            yield Finding(
                type_.span, f"the address is one of `{address[1]}`, and `{text}` wants another; write `{meant}`"
            )


@check("topic-refuses-events")
def topic_refuses_events(resource: Resource) -> Iterator[Finding]:
    """A topic of the template that does not let the service publish which is to."""
    service = _PUBLISHERS.get(resource.type)
    template = resource.template
    if service is None or not template.complete or template.connected:
        return
    field = "TargetAddress" if resource.type == NOTIFICATION_RULE else "Arn"
    for choice in listed(resource.property("Targets")):
        if not isinstance(choice.node, Mapping) or choice.node.get("RoleArn") is not None:
            continue
        node = choice.node.get(field)
        topic = _topic(node, template)
        if node is not None and topic is not None and not _lets_publish(topic, service, template):
            yield Finding(
                node.span,
                f"`{topic.logical_id}` does not let `{service}` publish, and nothing arrives; add an "
                "`AWS::SNS::TopicPolicy` that allows it `sns:Publish`",
                related=(Related(topic.key.span, "the topic"),),
            )


def _topic(node: Node | None, template: Template) -> Resource | None:
    called = intrinsic(node)
    if called is None or called.name not in ("Ref", "GetAtt"):
        return None
    found = template.resource((symbolic(node) or "").strip("${}").split(".")[0])
    return found if found is not None and found.type == "AWS::SNS::Topic" else None


def _lets_publish(topic: Resource, service: str, template: Template) -> bool:
    """Whether a policy of the template lets the service in, or one that cannot be read may."""
    for policy in template.of_type(*_TOPIC_POLICIES):
        targets = policy.property("Topics") or policy.property("TopicArn")
        about = [*map(symbolic, (each.node for each in listed(targets))), symbolic(targets)]
        names = {(text or "").strip("${}").split(".")[0] for text in about if text}
        unknown = targets is None or not names or any(template.resource(name) is None for name in names)
        if (topic.logical_id in names or unknown) and _opens(policy.property("PolicyDocument"), policy, service):
            return True
    return False


def _opens(node: Node | None, resource: Resource, service: str) -> bool:
    if not isinstance(node, Mapping) or intrinsic(node) is not None:
        return True
    for statement in Policy(node, resource.text, RESOURCE).statements:
        principal = statement.principal
        if not isinstance(principal, Scalar | Mapping) or intrinsic(principal) is not None:
            return True
        named = [value for value in statement.principals("Service") if value.text == service or not value.whole]
        aws = [value.text for value in statement.principals("AWS")]
        everybody = "*" in aws or (isinstance(principal, Scalar) and principal.value == "*")
        # The default policy's condition: only users of the own account, and a service is none.
        own_only = any(test.name == "aws:sourceowner" for test in statement.tests)
        if statement.allows and (named or (everybody and not own_only)):
            return True
    return False
