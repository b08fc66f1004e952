"""Checks of `Principal`: can the principals be, and who gets in by them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_federation import REACHES_FOR_OTHERS
from cilint.catalog.iam_principals import BUILT_IN_PROVIDERS, nearest_service_principal, well_formed
from cilint.core.context import Context
from cilint.core.finding import Finding, Fix, Related
from cilint.core.nearest import listed
from cilint.core.rewrite import changed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.iam.patterns import wild
from cilint.iam.verdict import Verdict
from cilint.model.policy import RCP, RESOURCE, TRUST, Statement, StatementWithPrincipal, Test
from cilint.model.values import HOLE, Value
from cilint.source.nodes import Mapping, Scalar

_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN: Final = re.compile(
    r"arn:[a-z-]+:(?:iam::(?:\d{12}|cloudfront|aws):(?:root|user/.+|role/.+)"
    r"|sts::\d{12}:(?:assumed-role/.+|federated-user/.+|self))"
)
_ID: Final = re.compile(r"(AROA|AIDA)[A-Z0-9]{13,}")
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com)")
_VIA: Final = re.compile(r"[a-z0-9*?-]+\.[a-z0-9*?-]+\.amazonaws\.com(\.cn)?")
_SESSION: Final = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):(?:role/(?:.*/)?|assumed-role/)([^/]+)(?:/.*)?")
_WHO: Final = (
    # Keys that say who calls or from where: a statement for everybody that tests one is not for everybody.
    ("aws:principal", "aws:source", "aws:vpc", "aws:userid", "aws:calledvia", "sts:externalid", "s3:dataaccesspoint")
    + ("kms:calleraccount", "kms:viaservice", "lambda:", "aws:federatedprovider", "saml:", "sns:endpoint")
)
# What services ask before they write: it tells nobody anything of the content.
_ASKING: Final = frozenset(["kms:describekey", "s3:getbucketacl", "s3:getbucketlocation", "s3:listbucket"])
_SERVICE_KEYS: Final = frozenset(["iam:passedtoservice", "iam:awsservicename"])


@check("invalid-principal")
def invalid_principal(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A principal that cannot be: IAM refuses it, or it never matches."""
    for value in statement.principals("AWS"):
        verdict = _aws(value.text)
        if verdict:
            yield Finding(value.node.span, *verdict)
    for value in statement.principals("Federated"):
        verdict = _federated(value.text)
        if statement.policy.role == RESOURCE and value.whole:
            verdict = Verdict("a federated principal stands only in a role's trust policy", "warning")
        if verdict:
            yield Finding(value.node.span, *verdict)


@lru_cache(maxsize=1024)
def _aws(text: str) -> Verdict | None:
    if text == "*" or _ACCOUNT.fullmatch(text) or (_ARN.fullmatch(text) and not wild(text)):
        return None
    name = shown(text.replace(HOLE, "..."))
    identifier = _ID.fullmatch(text)
    if identifier:
        what = "role" if identifier[1] == "AROA" else "user"
        return Verdict(f"`{name}` is the id of a {what} that was deleted; write the ARN of the present one", "warning")
    if "*" in text or ("?" in text and HOLE not in text):
        return Verdict(
            f"`{name}`: a principal takes no wildcard in it; name it, or name the account and test `aws:PrincipalArn`"
        )
    if _DOMAIN.fullmatch(text):
        return Verdict(f"`{name}` is a service, and stands under `Service`")
    if ":group/" in text:
        return Verdict("a group is no principal; name its users, or a role")
    if HOLE in text or not text:
        return None
    if text.isdigit():
        return Verdict(f"the account `{name}` does not have 12 digits")
    if text.startswith("arn:") and re.match(r"arn:[a-z-]+:(iam|sts)::[^:]*[A-Za-z_]", text):
        return None  # a word in the place of an account's number: somebody puts it in later
    return Verdict(f"`{name}` is neither an account's 12 digits nor the ARN of a role or user", "warning")


@lru_cache(maxsize=1024)
def _federated(text: str) -> Verdict | None:
    if HOLE in text or text in BUILT_IN_PROVIDERS or re.search(r":iam::[^:]+:(oidc|saml)-provider/.", text):
        return None
    what = f"`{shown(text)}` is neither the ARN of an OIDC or SAML provider nor one of IAM's own names"
    if "." in text and ":" not in text:
        return Verdict(f"{what}; write `arn:aws:iam::ACCOUNT:oidc-provider/{text}`", "warning")
    return Verdict(what, "warning")


@check("invalid-service-principal")
def invalid_service_principal(statement: Statement) -> Iterator[Finding]:
    """A service that is misspelt or not in the form of a service principal."""
    for value in statement.principals("Service"):
        verdict = _service(value.text)
        if verdict:
            yield Finding(value.node.span, *verdict, fix=_well_formed(value))
    for test in statement.tests:
        if test.name in _SERVICE_KEYS:
            for value in test.values:
                verdict = None if wild(value.text) else _service(value.text)
                if verdict:
                    yield Finding(value.node.span, verdict.message, "warning", verdict.confidence)
        if test.name == "kms:viaservice" and test.base.startswith("String"):
            yield from _via_service(test)


def _well_formed(value: Value) -> Fix | None:
    """A service's name in the form that IAM takes: it refuses the policy as it is."""
    right = value.text.lower() if "." in value.text else f"{value.text.lower()}.amazonaws.com"
    if right == value.text or not well_formed(right) or HOLE in right or _service(right):
        return None
    return changed(value.node, value.text, right, f"Write `{right}`", "safe")


@lru_cache(maxsize=1024)
def _service(text: str) -> Verdict | None:
    if HOLE in text or not text:
        return None
    if text == "*":
        return Verdict('`"Service": "*"` is no principal; name the services', "warning")
    if "*" in text or "?" in text:
        return Verdict(f"`{shown(text)}`: a service principal takes no wildcard; name the service")
    if "." not in text:
        return Verdict(f"`{shown(text)}` is no service principal; write `{text.lower()}.amazonaws.com`")
    if text != text.lower() and well_formed(text.lower()):
        return Verdict(f"a service principal is written in lower case: `{text.lower()}`")
    if not well_formed(text):
        return Verdict(f"`{shown(text)}` is no service principal: they end in `.amazonaws.com`", "warning")
    hint = None if iam_actions.service(text.partition(".")[0]) else nearest_service_principal(text)
    return Verdict(f"no service is known as `{text}`; did you mean `{hint}`?", "warning", "medium") if hint else None


def _via_service(test: Test) -> Iterator[Finding]:
    for value in test.values:
        if value.whole and value.text.strip("*") and not _VIA.fullmatch(value.text):
            yield Finding(
                value.node.span,
                f"`kms:ViaService` holds `SERVICE.REGION.amazonaws.com`, which `{shown(value.text)}` is not",
                "warning",
            )


@check("anyone-may-assume-role")
def anyone_may_assume_role(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A trust policy for every AWS account."""
    if statement.policy.role != TRUST or not statement.allows:
        return
    everybody = _everybody(statement)
    if everybody is not None and not says_who(statement):
        yield Finding(
            everybody.span,
            "anyone with an AWS account may assume this role; name the accounts, roles or services that need it",
        )


@check("public-resource-policy")
def public_resource_policy(statement: StatementWithPrincipal, context: Context) -> Iterator[Finding]:
    """A resource policy that lets everybody in. That of a VPC endpoint is for who is in the VPC already."""
    if statement.policy.role != RESOURCE or not statement.allows or "endpoint" in context.path.lower():
        return
    everybody = _everybody(statement)
    named = [value.text for value in statement.resource_values if value.text.strip("*")]
    if everybody is None or not named or says_who(statement):
        return
    what = (
        listed([value.text for value in statement.action_values], 4).replace(" or ", " and ")
        or "all but what `NotAction` lists"
    )
    where = "".join(f", in stacks where `{name}` is {'true' if yes else 'false'}" for name, yes in statement.when[-1:])
    website = {value.text.lower() for value in statement.action_values} == {"s3:getobject"}
    yield Finding(
        everybody.span,
        f"anyone can call {what} without credentials{where}; {_narrower(statement)}",
        severity="note" if website or where else None,
    )


def _narrower(statement: Statement) -> str:
    """The logs of a load balancer are written by a service, or by AWS's own account of the region (Elastic Load
    Balancing guide, "Enable access logs")."""
    if {value.text.lower() for value in statement.action_values} == {"s3:putobject"} and all(
        "/AWSLogs/" in value.text for value in statement.resource_values
    ):
        return (
            "for the logs of a load balancer name the service `logdelivery.elasticloadbalancing.amazonaws.com`, or the "
            "region's account of Elastic Load Balancing"
        )
    return "name the accounts or roles, or limit it by a condition such as `aws:PrincipalOrgID`"


def _everybody(statement: Statement) -> Scalar | None:
    principal = statement.principal
    if isinstance(principal, Scalar) and principal.value == "*":
        return principal
    node = principal.get("AWS") if isinstance(principal, Mapping) else None
    if isinstance(node, Scalar):
        return node if node.value == "*" else None
    stars = (value.node for value in statement.principals("AWS") if value.text == "*")
    return next((star for star in stars if isinstance(star, Scalar)), None)


def says_who(statement: Statement) -> bool:
    """Whether a test that cannot pass without its key says who may call or from where."""
    return any(
        test.positive and test.name.startswith(_WHO) and not any(value.text == "*" for value in test.values)
        for test in statement.tests
    )


@check("service-principal-unrestricted")
def service_principal_unrestricted(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A resource policy that lets a service in, for whichever account has it act."""
    if statement.policy.role != RESOURCE or not statement.allows:
        return
    for value in statement.principals("Service"):
        if value.text not in REACHES_FOR_OTHERS:
            continue
        sources = [test for test in statement.tests if test.name.startswith("aws:source")]
        if any(test.name != "aws:sourceip" for test in sources) or _takes_no_condition(value.text, statement):
            continue
        once = next((test for test in statement.tests if test.name == "aws:referer" and test.positive), None)
        if once is not None and value.text == "ses.amazonaws.com":
            yield Finding(
                once.key.span, "SES documents `aws:SourceAccount` and `aws:SourceArn` now; test one of them", "note"
            )
            continue
        yield Finding(
            value.node.span,
            f"this lets `{value.text}` act here on behalf of any AWS account (confused deputy); add a condition on "
            "`aws:SourceAccount` or `aws:SourceArn`",
            severity="note" if _reads_only(statement) else None,
            related=tuple(
                Related(test.key.span, "this condition does not limit the source account")
                for test in statement.tests[:1]
            ),
        )


def _reads_only(statement: Statement) -> bool:
    """Whether all that the service may do is to ask how something is set up."""
    return bool(statement.action_values) and all(value.text.lower() in _ASKING for value in statement.action_values)


def _takes_no_condition(service: str, statement: Statement) -> bool:
    """EventBridge's rules publish to no topic whose policy sets conditions for them (EventBridge guide, "Using
    resource-based policies")."""
    return service == "events.amazonaws.com" and all(
        value.text.lower() == "sns:publish" for value in statement.action_values
    )


@check("redundant-principal")
def redundant_principal(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A session of a role that is a principal itself."""
    if statement.policy.role in (RCP,):
        return
    principals = statement.principals("AWS")
    roles = {text: value for value in principals if (text := _role_of(value)) and ":role/" in value.text}
    for value in principals:
        if ":assumed-role/" in value.text and (role := _role_of(value)) in roles:
            yield Finding(
                value.node.span,
                "the role itself is a principal already; remove its session",
                related=(Related(roles[role].node.span, "the role"),),
            )


def _role_of(value: Value) -> str | None:
    match = _SESSION.fullmatch(value.text)
    return f"{match[1]}/{match[2]}" if match else None
