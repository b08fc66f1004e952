"""Real templates: what these rules say of them was read, and stays as it was judged."""

from __future__ import annotations

from pathlib import Path

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze
from cilint.model.kinds import recognise
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.text import decode

DEVSECOPS = "projects/aws-samples__aws-codepipeline-devsecops-amazoneks/cf_templates/build_deployment.yaml"
READ = {
    ("files/naja3111__app-pipeline-python/code-pipeline.json", "public-repository-policy"),
    (DEVSECOPS, "retired-service"),
    ("projects/aws-samples__aws-codebuild-lambda-deploy/resources.yaml", "event-resource-no-arn"),
}
"""Findings above a note that were read and are right."""


def templates(corpus: Path) -> list[tuple[str, bytes]]:
    found = []
    for path in sorted(corpus.rglob("*")):
        if path.suffix in (".yml", ".yaml", ".json", ".template") and path.is_file():
            data = path.read_bytes()
            if b"AWS::Events::Rule" in data or b"NotificationRule" in data or b"AWS::ECR" in data or b"AWS::S3" in data:
                found.append((path.relative_to(corpus).as_posix(), data))
    return found


def test_what_is_said_of_real_templates(corpus: Path) -> None:
    rules = [rule for rule in index.load().rules if rule.id.startswith("AR") and rule.audience == "regular"]
    said = set()
    for name, data in templates(corpus):
        said |= {(name, each.rule) for each in analyze(name, data, rules, EmptyTree()).diagnostics}
    assert said == READ


def test_real_event_patterns_are_met(corpus: Path) -> None:
    """With the case of every detail type changed, each pattern with a known one is found out."""
    rule = [rule for rule in index.load().rules if rule.name == "event-detail-type-unknown"]
    patterns, found = 0, 0
    for name, data in templates(corpus):
        document = read(decode(data), name)
        kind = recognise(document, name)
        if kind is None or kind.kind != "template":
            continue
        patterns += sum(unit.kind == "event-pattern" for unit in units(document, "template", name, False))
        changed = data.replace(b"State Change", b"State change")
        found += len(analyze(name, changed, rule, EmptyTree()).diagnostics)
    assert patterns >= 20
    assert found >= 20
