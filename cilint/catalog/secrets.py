"""What a secret looks like: the forms of real credentials, and the names that people give to variables that hold one.

Facts only; which place may not hold a secret is a check's business. A value is never part of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cilint.source.pattern import lazy

# What it is, a part that each such text has, the form; the secret itself is the last group, or all of it.
_FORMS: Final = (
    ("an AWS access key", ("AKIA", "ASIA"), lazy(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    (
        "an AWS secret key",
        ("SECRET_ACCESS_KEY", "secret_access_key", "SecretAccessKey"),
        lazy(r"(?i:SECRET_?ACCESS_?KEY)[\"'\s:=]{1,5}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"),
    ),
    ("a private key", ("PRIVATE KEY-----",), lazy(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", ("gh", "github_pat_"), lazy(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b")),
    ("a GitLab token", ("gl",), lazy(r"\bgl(?:pat|ptt|rt|dt|cbt|soat|oas)-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", ("xox", "xapp-"), lazy(r"\b(?:xox[abeposr]|xapp)-[A-Za-z0-9-]{10,}")),
    (
        "a Slack webhook",
        ("hooks.slack.com",),
        lazy(r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}"),
    ),
    ("an npm token", ("npm_",), lazy(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a PyPI token", ("pypi-",), lazy(r"\bpypi-[A-Za-z0-9_-]{50,}")),
    ("a Docker Hub token", ("dckr_pat_",), lazy(r"\bdckr_pat_[A-Za-z0-9_-]{20,}")),
    ("a Stripe key", ("k_live_",), lazy(r"\b[sr]k_live_[A-Za-z0-9]{20,}")),
    ("a Google API key", ("AIza",), lazy(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("a JSON web token", ("eyJ",), lazy(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    (
        "a password in a URL",
        ("://",),
        # Of a host with a dot: `db:5432` and `localhost` are databases of tests.
        lazy(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"$<>{}()%]*:([^\s:/@'\"$<>{}()%*]{3,})@(?=[\w-]+\.[\w.-]*[a-z])"),
    ),
)
# AWS's documented keys, the token of jwt.io, one character many times over.
_EXAMPLE: Final = lazy(r"EXAMPLE|eyJzdWIiOiIxMjM0NTY3ODkwIi|(.)\1{7}", re.IGNORECASE)

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
    return next(_credentials(text), None)


def _credentials(text: str) -> Iterator[tuple[str, int, int]]:
    for name, hints, form in _FORMS:
        if not any(hint in text for hint in hints):
            continue
        for found in form.finditer(text):
            group = form.groups
            if _EXAMPLE.search(found[0]) or (name.endswith("URL") and _is_placeholder(found[1])):
                continue
            yield name, *found.span(group)


def _is_placeholder(value: str) -> bool:
    return bool(_NO_SECRET_VALUE.match(value)) or value.lower() in ("pass", "pw", "passwd", "user", "pwd")


def secret_by_name(name: str, value: str) -> bool:
    """Whether a variable's name says that it holds a secret, and its value does not say that it is none.

    `DB_PASSWORD_ARN`, `SECRET_NAME`, references (`$X`, ARNs), paths and placeholders are no secrets.
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").upper()
    if snake in ("PWD", "OLDPWD") or not _SECRET_NAME.search(snake) or _NO_SECRET_VALUE.match(value):
        return False
    return not _CONSTANT_WORDS.match(value)


# To be shown

_NAMED: Final = lazy(
    r"""([A-Za-z_][\w.-]*)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;&|)}\]]+))""",
)
_REFERENCE: Final = lazy(r"[\w.-]+(?:/[\w.-]+)+(?::[\w.-]*){0,3}|[\w.-]+(?::[\w.-]*){1,3}")  # `prod/db:password`
_NAMES: Final = ("pass", "pwd", "secret", "key", "token", "pat", "credential")
_KEPT: Final = 4


def conceal_credentials(text: str) -> str:
    """A text without the real credentials in it: of each, the first four characters stay, which tell its kind."""
    for name, start, end in list(_credentials(text)):
        if name != "a private key":  # what is found of it is its first line
            text = starred(text, min(start + _KEPT, end), end)
    return text


def conceal(line: str) -> str:
    """A line without the secrets in it, by form and by name. Each character is a star, all else stays in its column."""
    line = conceal_credentials(line)
    if "PRIVATE KEY-----" in line and (begin := line.find("-----BEGIN ")) >= 0:
        start = line.find("KEY-----", begin) + len("KEY-----")
        stop = line.find("-----END ", start)
        line = starred(line, start, stop if stop >= 0 else len(line))
    lower = line.lower()
    return _conceal_named(line) if any(name in lower for name in _NAMES) else line


def _conceal_named(line: str) -> str:
    for found in list(_NAMED.finditer(line)):
        group = next(n for n in (2, 3, 4) if found[n] is not None)
        if secret_by_name(found[1], found[group]) and not _REFERENCE.fullmatch(found[group]):
            line = starred(line, *found.span(group))
    return line


def conceal_lines(lines: Iterable[str]) -> list[str]:
    """Lines that follow each other, as `conceal` shows them; of a private key the whole body is gone."""
    shown = []
    inside = False
    for line in lines:
        ends = "-----END " in line
        shown.append(starred(line, 0, len(line)) if inside and not ends else conceal(line))
        inside = (inside and not ends) or ("-----BEGIN " in line and "PRIVATE KEY-----" in line and not ends)
    return shown


def starred(text: str, start: int, end: int) -> str:
    """The text with a star for each visible ASCII character from `start` to `end`: its width and bytes stay."""
    hidden = "".join("*" if "!" <= char <= "~" else char for char in text[start:end])
    return text[:start] + hidden + text[end:]
