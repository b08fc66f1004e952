"""What a secret looks like: the forms of real credentials, and the names that people give to variables that hold one.

Facts only; which place may not hold a secret is a check's business. A value is never part of an answer.
"""

from __future__ import annotations

import re
from typing import Final

from cilint.source.pattern import lazy

_FORMS: Final = (
    ("an AWS access key", lazy(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    ("a private key", lazy(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", lazy(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b")),
    ("a GitLab token", lazy(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", lazy(r"\bxox[abposr]-[A-Za-z0-9-]{10,}")),
    ("a Slack webhook", lazy(r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}")),
    ("an npm token", lazy(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a PyPI token", lazy(r"\bpypi-[A-Za-z0-9_-]{50,}")),
    ("a Docker Hub token", lazy(r"\bdckr_pat_[A-Za-z0-9_-]{20,}")),
    ("a Stripe key", lazy(r"\b[sr]k_live_[A-Za-z0-9]{20,}")),
    ("a Google API key", lazy(r"\bAIza[A-Za-z0-9_-]{35}\b")),
)
_EXAMPLE: Final = lazy(r"EXAMPLE|(.)\1{7}", re.IGNORECASE)

_SECRET_NAME: Final = lazy(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PWD|PASS|SECRET|SECRET_?KEY|SECRET_ACCESS_KEY|API_?KEY|APIKEY|AUTH_?TOKEN"
    r"|ACCESS_?TOKEN|OAUTH_?TOKEN|TOKEN|PAT|PRIVATE_?KEY|CREDENTIALS?|CLIENT_?SECRET|ENCRYPTION_?KEY|SIGNING_?KEY)$"
)
_NO_SECRET_VALUE: Final = lazy(
    r"""\s*(?:$
    | arn:aws | \$ | %\w+% | \{\{ | !\w+ | <.*> | \[.*\]$       # a reference, a variable, a placeholder
    | / | \./ | ~ | s3:// | https?://[^:@]*$ | file:            # a path, a parameter's name, an address
    | (?:true|false|yes|no|none|null|nil|enabled?|disabled?|optional|required|plaintext|secretsmanager)$
    | [x*.#-]+$ | \d{1,3}$
    | (?:change[-_]?(?:me|it)|your[-_ ].*|my[-_ ]?(?:password|secret|token)|replace.*|todo|tbd|dummy.*|fake.*|example.*
        |placeholder.*|test(?:ing|pass(?:word)?|[-_].*)?|postgres|root|admin|guest|password|secret|foo|bar)$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_CONSTANT_WORDS: Final = lazy(r"[a-z0-9]+(?:[-_./][a-z0-9]+){2,}$|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")


def credential(text: str) -> str | None:
    """What real credential the text holds (`an AWS access key`), or None. AWS's documented examples are none."""
    found = find_credential(text)
    return found[0] if found else None


def find_credential(text: str) -> tuple[str, int, int] | None:
    """What real credential the text holds, and from where to where it stands in the text; None without one."""
    for name, form in _FORMS:
        found = form.search(text)
        if found and not _EXAMPLE.search(found[0]):
            return name, found.start(), found.end()
    return None


def secret_by_name(name: str, value: str) -> bool:
    """Whether a variable's name says that it holds a secret, and its value does not say that it is none.

    `DB_PASSWORD_ARN`, `SECRET_NAME`, references (`$X`, ARNs), paths and placeholders are no secrets.
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").upper()
    if snake in ("PWD", "OLDPWD") or not _SECRET_NAME.search(snake) or _NO_SECRET_VALUE.match(value):
        return False
    return not _CONSTANT_WORDS.match(value)
