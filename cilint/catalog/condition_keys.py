"""Condition keys that any policy may use, with their types. A service's own keys are found through `iam_actions`."""

from collections.abc import Iterable

from cilint.source.record import NamedTuple


class ConditionKey(NamedTuple):
    """A condition key in AWS's spelling; a part like `${TagKey}` stands for what the policy's author chooses."""

    name: str
    # String, ARN, Bool, Date, IPAddress, Numeric, one of them after "ArrayOf" when a request holds several values,
    # "Epoch" for what Date and Numeric operators both take, "" when AWS's reference names no type.
    type: str

    @property
    def multivalued(self) -> bool:
        return self.type.startswith("ArrayOf")


# IAM guide, "AWS global condition context keys" (2026).
_GLOBAL = {
    "String": (
        "aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalTag/${TagKey} aws:PrincipalType "
        "aws:userid aws:username aws:FederatedProvider aws:Ec2InstanceSourceVpc aws:SourceIdentity aws:SourceVpc "
        "aws:SourceVpce aws:VpceAccount aws:VpceOrgID aws:ResourceAccount aws:ResourceOrgID aws:ResourceTag/${TagKey} "
        "aws:CalledViaFirst aws:CalledViaLast aws:CalledViaAWSMCP aws:referer aws:RequestedRegion "
        "aws:RequestTag/${TagKey} aws:SourceAccount aws:SourceOrgID aws:UserAgent aws:PrincipalOrgMasterAccountId "
        "glue:RoleAssumedBy glue:CredentialIssuingService identitystore:UserId"
    ),
    "ArrayOfString": (
        "aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:VpceOrgPaths aws:ResourceOrgPaths aws:CalledVia "
        "aws:TagKeys aws:SourceOrgPaths"
    ),
    "ARN": (
        "aws:PrincipalArn aws:SignInSessionArn aws:ChatbotSourceArn aws:SourceVpcArn aws:SourceArn aws:ARN "
        "ec2:SourceInstanceArn codebuild:BuildArn codebuild:ProjectArn lambda:SourceFunctionArn ssm:SourceInstanceArn"
    ),
    "Bool": (
        "aws:PrincipalIsAWSService aws:AssumedRoot aws:MultiFactorAuthPresent aws:ViaAWSService aws:ViaAWSMCPService "
        "aws:SecureTransport aws:IsMcpServiceAction"
    ),
    "Numeric": "aws:MultiFactorAuthAge ec2:RoleDelivery",
    "Date": "aws:TokenIssueTime aws:CurrentTime",
    "Epoch": "aws:EpochTime",
    "IPAddress": "aws:Ec2InstanceSourcePrivateIPv4 aws:SourceIp aws:VpcSourceIp",
}
GLOBAL: dict[str, ConditionKey] = {
    name.lower(): ConditionKey(name, type_) for type_, names in _GLOBAL.items() for name in names.split()
}
# In the policy that SNS gives each new topic, and older than aws:SourceAccount (SNS guide, "Example cases for access
# control"); no list of keys has it.
GLOBAL["aws:sourceowner"] = ConditionKey("aws:SourceOwner", "String")

# Sent only when an AWS service calls for itself, so in an identity policy they never match (IAM guide).
SERVICE_PRINCIPAL_ONLY = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
# Answered still, but AWS says to use another key: lower-case name -> the key to use.
OUTDATED = {"aws:arn": "aws:PrincipalArn", "aws:principalorgmasteraccountid": "aws:PrincipalOrgID"}


def global_key(name: str) -> ConditionKey | None:
    """The global key that `name` spells in any case: for `aws:principaltag/Team` `aws:PrincipalTag/${TagKey}`."""
    return GLOBAL.get(name.lower()) or template_of(name, GLOBAL.values())


def template_of(name: str, keys: Iterable[ConditionKey]) -> ConditionKey | None:
    """The key with a `${...}` part that `name` fills in; the most specific one when several fit."""
    fitting = [key for key in keys if "${" in key.name and _fills(name.lower(), key.name.lower())]
    return max(fitting, key=lambda key: len(_fixed_parts(key.name.lower())[0]), default=None)


def _fills(name: str, template: str) -> bool:
    """Whether each open part of `template` has at least one character in `name`."""
    first, *rest = _fixed_parts(template)
    if not name.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        at = name.find(part, at + 1) + len(part)
        if at < len(part):
            return False
    return name.endswith(rest[-1]) and len(name) - len(rest[-1]) > at


def _fixed_parts(template: str) -> list[str]:
    first, *open_parts = template.split("${")
    return [first, *(part.partition("}")[2] for part in open_parts)]
