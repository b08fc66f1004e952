"""Each rule about CodeDeploy in templates stands in a row of docs/traps/appspec.md, or is said here to be no trap."""

from __future__ import annotations

from tests.appspec.test_traps import PAGES, TRAPS

# What was found on the way: keys of another platform, incomplete structures, and what SAM, Lambda and ECS say.
BEYOND = {
    "alias-update-incomplete",
    "arn-for-name",
    "blue-green-incomplete",
    "deployment-config-unknown-key",
    "deployment-config-wrong-value",
    "deployment-group-quota",
    "deployment-group-unknown-key",
    "deployment-group-wrong-value",
    "group-key-of-other-platform",
    "hook-function-name",
    "preference-without-alias",
    "preference-without-type",
}
OF_APPSPECS = {"test-traffic-hook-without-listener"}
WITHOUT_A_RULE = {"CD-22", "CD-23"}


def test_each_rule_about_codedeploy_stands_in_a_row() -> None:
    named = {name for trap in TRAPS if trap.number.startswith("CD-") for name in trap.rules} - OF_APPSPECS
    rules = {name for name, page in PAGES.items() if page.data["id"].startswith("CD")}
    assert named | BEYOND == rules
    assert not named & BEYOND


def test_the_traps_without_a_rule_say_why() -> None:
    left = {trap.number: trap.reason for trap in TRAPS if trap.number.startswith("CD-") and not trap.rules}
    assert set(left) == WITHOUT_A_RULE
    assert all(left.values())
