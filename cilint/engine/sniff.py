"""Whether a file's bytes can be of a kind that cilint knows, told before it is parsed. A no is certain, a yes is not.

`cilint.model.kinds` decides what a file is; a kind that it learns needs the words here that no such file lacks.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from cilint.source.pattern import lazy

FIRST_BLOCK: Final = 8000
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

_WORDS: Final[tuple[tuple[bytes, ...], ...]] = (
    (b"phases",),  # buildspec
    (b"Statement", b"Effect"),  # policy
    (b"AWSTemplateFormatVersion",),
    (b"Resources", b"Type", b":"),  # template, appspec of ECS and Lambda
    (b"actionTypeId",),  # pipeline
    (b"Name", b"Actions"),  # stages of a pipeline, shown alone
    (b"Type", b"AWS::"),  # resources of a template, shown alone
    (b"Type", b"Custom::"),
    (b"containerDefinitions",),
    (b"imageUri",),
    (b"ImageURI",),
    (b"source", b"environment", b"artifacts"),  # CodeBuild project
    (b"source", b"environment", b"projects"),
    (b"source", b"detail-type"),  # event pattern
    (b"EventTypeIds",),  # notification rule
    (b"pre_build", b"commands"),  # a buildspec that lost its `phases`
    (b"post_build", b"commands"),
    (b"runtime-versions",),
    (b"BeforeInstall",),  # an appspec that lost its `version`
    (b"AfterInstall",),
    (b"ApplicationStart",),
    (b"BeforeDeploy",),  # deploy spec
    (b"AfterDeploy",),
)
"""A file of ours holds all words of at least one row, or a version of ours."""

_VERSION: Final = lazy(rb"""version["']? \s* : \s* (?:[!&]\S*\s+)* ["']? 0 (?:\.[012]0*)? (?![\w.])""", re.VERBOSE)
_DEPLOY_SPEC: Final = lazy(r"deploy[-_]?spec")
_VERSIONED: Final = (b"os", b"files", b"hooks", b"Resources", b"resources", b"batch", b"env", b"artifacts")
_ESCAPED: Final = (b"\\u00", b"\\U0000", b"\\x")  # a word may be written with escapes, and AWS reads it all the same


def is_binary(data: bytes) -> bool:
    """Whether a file is no text: NUL in its first block, and no byte order mark that explains it."""
    return b"\0" in data[:FIRST_BLOCK] and not data.startswith(_WIDE)


def may_be_ours(path: str, data: bytes) -> bool:
    """Whether parsing is worth it. `path` counts where a kind is also told by name."""
    if is_binary(data):
        return False
    name = path.rpartition("/")[2].lower()
    if "buildspec" in name or "appspec" in name or _DEPLOY_SPEC.search(name) or data.startswith(_WIDE):
        return True
    if any(all(word in data for word in row) for row in _WORDS):
        return True
    if any(word in data for word in _VERSIONED) and _VERSION.search(data):
        return True
    return any(escape in data for escape in _ESCAPED)
