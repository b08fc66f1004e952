"""Real pipelines, nearly all right: every error was read by hand, and there is no other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze

# A draft that was never created: no store, and no artifact of any action.
READ = {
    "projects/ramanjulreddykotlo__aws-devops-project/codepipeline.json": Counter(
        {"pipeline-missing-key": 1, "artifact-count": 3}
    )
}


def test_every_error_about_a_pipeline_is_a_true_one(corpus: Path) -> None:
    rules = rule_index.load().rules
    found: dict[str, Counter[str]] = {}
    pipelines = 0
    for path in sorted(corpus.rglob("*")):
        if path.suffix not in (".json", ".yml", ".yaml", ".template") or not path.is_file():
            continue
        data = path.read_bytes()
        if b"ctionTypeId" not in data:
            continue
        pipelines += 1
        result = analyze(path.name, data, rules, EmptyTree())
        errors = [each.rule for each in result.diagnostics if each.severity == "error" and each.id.startswith("CP")]
        if errors:
            found[path.relative_to(corpus).as_posix()] = Counter(errors)
    assert pipelines > 60
    assert found == READ
