"""What is a deploy spec of CodePipeline's EC2 action, and what only looks like one."""

from __future__ import annotations

import pytest

from cilint.engine.sniff import may_be_ours
from cilint.model.kinds import recognise
from cilint.source.read import read
from cilint.source.text import decode

OWN_FORM = "version: 0.1\nscripts:\n  AfterDeploy:\n    - location: start.sh\n"
COPIES_ONLY = "version: 0.1\nfiles:\n  - source: /\n    destination: /srv/app\n"
APPSPEC_HOOKS = "hooks:\n  AfterInstall:\n    - location: start.sh\n"
BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands: [kubectl apply -f k8s/]\n"
OTHER = "version: 1\napp_type: web\nbuild: {dockerfile: Dockerfile}\n"


def kind(path: str, text: str) -> str | None:
    found = recognise(read(decode(text.encode()), path), path)
    return found.kind if found and may_be_ours(path, text.encode()) else None


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("deploy/ec2.yaml", OWN_FORM, "deploy-spec"),
        ("deployspec.yml", OWN_FORM, "deploy-spec"),
        ("deployspec.yaml", COPIES_ONLY, "deploy-spec"),
        ("infra/deploy-spec.yml", "version: 1.0\n" + APPSPEC_HOOKS, "deploy-spec"),
        ("deployspec.yml", "version: 0.0\n" + APPSPEC_HOOKS, "deploy-spec"),
        ("appspec.yml", "version: 0.0\nos: linux\n" + APPSPEC_HOOKS, "appspec-ec2"),
        ("deployspec.yml", BUILDSPEC, "buildspec"),
        ("deployspec.yaml", OTHER, None),
        ("copy.yaml", COPIES_ONLY, None),
    ],
)
def test_a_deploy_spec_is_told_by_its_events_or_its_name(path: str, text: str, expected: str | None) -> None:
    assert kind(path, text) == expected
