"""Checks of a pipeline across accounts: the ARNs of roles, and whether the other account gets at the artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.intrinsics import is_intrinsic, is_known, symbolic
from cilint.model.intrinsics import listed as items
from cilint.model.pipeline import Action, Pipeline
from cilint.model.policy import RESOURCE, Policy
from cilint.model.spelling import Spelled
from cilint.model.template import Resource
from cilint.source.nodes import Mapping, Node
from cilint.source.text import Span

_ACCOUNT: Final = re.compile(r"arn:[^:]*:iam::(\d{12}|\$\{[^}]+\}):role/")


@check("cross-account-store-key")
def cross_account_store_key(pipeline: Pipeline) -> Iterator[Finding]:
    """An action of another account that cannot read the artifacts: the default key and aliases do not reach it."""
    for store in _stores(pipeline):
        key = store.child("encryptionKey", Spelled)
        text = key.word("id") if key else None
        if store.get("encryptionKey") is not None and not (text and (text.startswith("alias/") or ":alias/" in text)):
            continue
        for action, _account_id in _elsewhere(pipeline):
            node = key.get("id") if key else None
            place = node.span if node is not None else store.place_of(pipeline)
            what = (
                "an alias is not found from another account"
                if node is not None
                else "the default key of S3 stays in it"
            )
            yield Finding(
                place,
                f"`{action.name}` works in another account, and {what}; give the ARN of a customer key, which both "
                "accounts may use",
                related=(Related(action.place_of_name, "the action"),),
            )
            break


def _elsewhere(pipeline: Pipeline) -> Iterator[tuple[Action, str]]:
    """The actions that take or give artifacts with a role of another account, and that account."""
    own = _account(pipeline.word("roleArn")) or "${AWS::AccountId}"
    for action in pipeline.actions:
        account = _account(action.word("roleArn"))
        if account not in (None, own, "${AWS::AccountId}") and (action.inputs or action.outputs):
            yield action, account or ""


class Store(Spelled):
    """An artifact store."""

    def place_of(self, pipeline: Pipeline) -> Span:
        """Where something is missing in it: its first key, or the pipeline's."""
        node = self.get("location")
        return node.span if node is not None else pipeline.place_of_name


def _stores(pipeline: Pipeline) -> Iterator[Store]:
    single = pipeline.child("artifactStore", Store)
    if single is not None:
        yield single
    node = pipeline.get("artifactStores")
    for item in items(node):
        inner = item.node.get("ArtifactStore") if isinstance(item.node, Mapping) else None
        if isinstance(inner, Mapping) and not is_intrinsic(inner):
            yield Store(inner, pipeline.place)
    for entry in node.entries if isinstance(node, Mapping) else ():
        if isinstance(entry.value, Mapping) and not is_intrinsic(entry.value):
            yield Store(entry.value, pipeline.place)


def _account(arn: str | None) -> str | None:
    found = _ACCOUNT.match(arn or "")
    return found[1] if found else None


@check("artifacts-closed-to-account")
def artifacts_closed_to_account(pipeline: Pipeline) -> Iterator[Finding]:
    """A bucket or key of the template that holds the artifacts and does not let an action's account in."""
    if pipeline.resource is None or not pipeline.resource.template.complete:
        return
    for store in _stores(pipeline):
        for action, account in _elsewhere(pipeline):
            for resource, what, policies in _holders(store, pipeline.resource):
                if not any(_lets_in(policy, account, resource) for policy in policies):
                    yield Finding(
                        action.place_of_name,
                        f"this action works with a role of the account {account}, and no policy of the {what} "
                        f"`{resource.logical_id}` lets that account at the artifacts; allow its role there",
                        related=(Related(resource.key.span, f"the {what}"),),
                    )


def _holders(store: Store, own: Resource) -> Iterator[tuple[Resource, str, list[Node | None]]]:
    """The bucket and the key of a store, as far as the template makes them, with what may be their policies."""
    bucket = _referred(store.word("location"), own, "AWS::S3::Bucket")
    if bucket is not None:
        policies = own.template.of_type("AWS::S3::BucketPolicy")
        about = [each for each in policies if _is_about(each.property("Bucket"), bucket)]
        yield bucket, "bucket", [each.property("PolicyDocument") for each in about]
    inner = store.child("encryptionKey", Spelled)
    key = _referred(inner.word("id") if inner else None, own, "AWS::KMS::Key")
    if key is not None:
        yield key, "key", [key.property("KeyPolicy")]


def _referred(text: str | None, own: Resource, type_: str) -> Resource | None:
    name = (text or "").removeprefix("${").removesuffix("}").removesuffix(".Arn")
    found = own.template.resource(name) if text and text.startswith("${") else None
    return found if found is not None and found.type == type_ else None


def _is_about(node: Node | None, bucket: Resource) -> bool:
    """Whether a bucket policy is the bucket's, or may be."""
    text = symbolic(node, bucket.template) or "${}"
    named = bucket.property("BucketName")
    return text == f"${{{bucket.logical_id}}}" or (
        _referred(text, bucket, "AWS::S3::Bucket") is None and text == (symbolic(named) or text)
    )


def _lets_in(document: Node | None, account: str, resource: Resource) -> bool:
    """Whether a policy lets an account in, or may: what cannot be read, or allows somebody who is not told, counts."""
    if not isinstance(document, Mapping) or is_intrinsic(document):
        return document is not None
    for statement in Policy(document, resource.text, RESOURCE).statements:
        if statement.allows and not isinstance(statement.principal, Mapping):
            return True
        texts = [symbolic(value.node, resource.template) or "${}" for value in statement.principals("AWS")]
        if statement.allows and any(account in text or _may_be_any(text, resource) for text in texts):
            return True
    return False


def _may_be_any(principal: str, resource: Resource) -> bool:
    """Whether a principal is everybody, or nothing in the template says whose it is."""
    if principal == "*" or "${" not in principal:
        return principal == "*"
    named = re.findall(r"\$\{([^}.]*)[^}]*\}", principal)
    return not any(name.startswith("AWS::AccountId") or resource.template.resource(name) for name in named)


_ROLE_ARN: Final = re.compile(r"arn:aws(?:-\w+)*:iam::\d{12}:role/.+")
_FILLED_IN_LATER: Final = re.compile(
    r"[<>{}%$*]|__|[A-Z]{2,}_|(?i:account|x{4}|your|replace|example|^rolearn)|:iam::(?:(\d)\1*|1234\d*)?:"
)
_PSEUDO: Final = (("${AWS::Partition}", "aws"), ("${AWS::AccountId}", "1" * 12))


@check("role-arn")
def role_arn(pipeline: Pipeline) -> Iterator[Finding]:
    """A role that is written out and is no role's ARN."""
    roles: list[tuple[Node | None, str | None]] = [(pipeline.get("roleArn"), pipeline.word("roleArn"))]
    for action in pipeline.actions:
        roles.append((action.get("roleArn"), action.word("roleArn")))
        if action.provider == "CloudFormation":
            roles.append((action.configuration.get("RoleArn"), action.setting("RoleArn")))
    for node, text in roles:
        for written, stands in _PSEUDO:
            text = text.replace(written, stands) if text else text
        if node is None or not text or not is_known(text) or (is_intrinsic(node) and "#{" in text):
            continue
        if not _ROLE_ARN.fullmatch(text) and not _FILLED_IN_LATER.search(text):
            kind = "a user's" if ":user/" in text else "a policy's" if ":policy/" in text else "not"
            said = "no role's ARN" if kind == "not" else f"{kind} ARN, not a role's"
            yield Finding(node.span, f"this is {said}; a role's has the form `arn:aws:iam::111122223333:role/NAME`")


@check("role-of-foreign-action")
def role_of_foreign_action(action: Action) -> Iterator[Finding]:
    """A role on an action that does not run with one: a custom or third-party action."""
    if action.owner in ("Custom", "ThirdParty") and action.get("roleArn") is not None:
        yield Finding(
            action.key_span("roleArn"),
            f"actions of owner {action.owner} run with no role of AWS's; drop `{action.spelled('roleArn')}`, and give "
            "what does the work its own permissions",
        )
