"""The environment variables that CodeBuild sets for a build, and who decides what is in them.

Facts of the user guide's page on environment variables in build environments; a name that is missing here may be newer.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

from typing import Final

DATE: Final = "2026-04"
"""When the list was read."""

FIXED: Final = "fixed"  # numbers, commit ids, names that the owner of the project chose
STRUCTURED: Final = "structured"  # somebody else chooses within a grammar: branch and tag names
ARBITRARY: Final = "arbitrary"  # somebody else's text: commit messages, file names, labels

# Git refuses blanks and ~ ^ : ? * [ \ in names of branches and tags, and takes $ ( ) ; & | ' " < > and backticks
# (git check-ref-format). Who may open a pull request from a fork chooses the name of its branch.
VARIABLES: Final[dict[str, str]] = {
    "CODEBUILD_BATCH_BUILD_IDENTIFIER": FIXED,
    "CODEBUILD_BUILD_ARN": FIXED,
    "CODEBUILD_BUILD_ID": FIXED,
    "CODEBUILD_BUILD_IMAGE": FIXED,
    "CODEBUILD_BUILD_NUMBER": FIXED,
    "CODEBUILD_BUILD_SUCCEEDING": FIXED,
    "CODEBUILD_BUILD_URL": FIXED,
    "CODEBUILD_CURRENT_SHARD_FILES": ARBITRARY,
    "CODEBUILD_EXECUTION_ROLE_BUILD": FIXED,
    "CODEBUILD_INITIATOR": FIXED,
    "CODEBUILD_KMS_KEY_ID": FIXED,
    "CODEBUILD_LAST_EXIT": FIXED,
    "CODEBUILD_LOG_PATH": FIXED,
    "CODEBUILD_PROJECT_ARN": FIXED,
    "CODEBUILD_PROJECT_UUID": FIXED,
    "CODEBUILD_PUBLIC_BUILD_URL": FIXED,
    "CODEBUILD_RESOLVED_SOURCE_VERSION": FIXED,
    "CODEBUILD_RUNNER_OWNER": FIXED,
    "CODEBUILD_RUNNER_REPO": FIXED,
    "CODEBUILD_RUNNER_REPO_DOMAIN": FIXED,
    "CODEBUILD_RUNNER_WITH_BUILDSPEC": FIXED,
    "CODEBUILD_SOURCE_REPO_URL": FIXED,
    "CODEBUILD_SOURCE_VERSION": STRUCTURED,
    "CODEBUILD_SRC_DIR": FIXED,
    "CODEBUILD_START_TIME": FIXED,
    "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID": FIXED,
    "CODEBUILD_WEBHOOK_BASE_REF": STRUCTURED,
    "CODEBUILD_WEBHOOK_EVENT": FIXED,
    "CODEBUILD_WEBHOOK_HEAD_REF": STRUCTURED,
    "CODEBUILD_WEBHOOK_JOB_ID": FIXED,
    "CODEBUILD_WEBHOOK_LABEL": ARBITRARY,
    "CODEBUILD_WEBHOOK_MERGE_COMMIT": FIXED,
    "CODEBUILD_WEBHOOK_PREV_COMMIT": FIXED,
    "CODEBUILD_WEBHOOK_RUN_ID": FIXED,
    "CODEBUILD_WEBHOOK_TRIGGER": STRUCTURED,
    "CODEBUILD_WEBHOOK_WORKFLOW_NAME": ARBITRARY,
}

# A source's identifier, or an input artifact's name, is appended to these.
PER_SOURCE: Final = ("CODEBUILD_SRC_DIR_", "CODEBUILD_SOURCE_VERSION_", "CODEBUILD_SOURCE_REPO_URL_")

# Names that users, or CodeBuild's own images, set.
OTHERS: Final = ("CODEBUILD_CONFIG_", "CODEBUILD_FE_", "CODEBUILD_AGENT_", "CODEBUILD_GIT_", "CODEBUILD_AUTH_")


def is_known(name: str) -> bool:
    """Whether CodeBuild is known to set the variable, or to leave the name to the user."""
    return name in VARIABLES or name.startswith((*PER_SOURCE, *OTHERS))


def who_decides(name: str) -> str:
    """FIXED, STRUCTURED or ARBITRARY: what somebody who may trigger a build can put into the variable."""
    if name.startswith("CODEBUILD_SOURCE_VERSION_"):
        return STRUCTURED
    return VARIABLES.get(name, FIXED)
