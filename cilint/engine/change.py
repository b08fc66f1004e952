"""What the checked change itself could silence: its configuration, its baseline, its suppressions, what git ignores.

Asked only where a base is known - `--base`, or the variables of a build for a pull request - because it takes git.
"""

from __future__ import annotations

import os
from typing import Final

from cilint.engine.run import Report
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

MAX_NAMED: Final = 5
_SECONDS: Final = 20
_MERGE: Final = lazy(r"refs/pull/\d+/merge")
_HUNK: Final = lazy(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


class ChangeError(ValueError):
    """A base that git does not know; the message says what to do."""


class Change(NamedTuple):
    """The lines that a change adds, by absolute path; a path with none of them was changed all the same."""

    base: str
    added: dict[str, frozenset[int]]


def noticed(report: Report, base: str) -> Report:
    """The report with a line for each thing in the change since `base` that could silence it. Raises ChangeError."""
    watched = [*report.sources, *([report.baseline] if report.baseline else [])]
    marked = [file.path for file in report.files if any(each.place for each in file.suppressions)]
    changed = read_change(base, [*watched, *marked])
    return report._replace(notices=(*report.notices, *_notices(report, changed, watched)))


def _notices(report: Report, change: Change, watched: list[str]) -> list[str]:
    notices = [
        f"this change alters {_shown(path)}, which this run obeys"
        for path in dict.fromkeys(map(os.path.realpath, watched))
        if path in change.added
    ]
    ignoring = [_shown(path) for path in change.added if os.path.basename(path) == ".gitignore"]
    if ignoring:
        notices.append(f"this change alters {_listed(ignoring)}, which says what is not checked")
    new = [
        f"{file.path}:{each.place.line}"
        for file in report.files
        for each in file.suppressions
        if each.place and each.place.line in change.added.get(os.path.realpath(file.path), ())
    ]
    if new:
        what, hide = ("1 suppression", "it hides") if len(new) == 1 else (f"{len(new)} suppressions", "they hide")
        notices.append(f"this change adds {what} ({_listed(new)}); --no-suppressions shows what {hide}")
    return notices


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _shown(path: str) -> str:
    relative = os.path.relpath(path, os.path.realpath("."))
    return path if relative.startswith(os.pardir) else relative.replace(os.sep, "/")


def read_change(base: str, paths: list[str]) -> Change:
    """What git says has changed in some files, and in all `.gitignore` files, since the branch left `base`.

    Raises ChangeError.
    """
    top = _git("rev-parse", "--show-toplevel").strip()
    commit = next(filter(None, map(_commit, (f"origin/{_branch(base)}", base, *_merged_into()))), "")
    if not commit:
        raise ChangeError(f"git knows no {base!r}; fetch it, or name another --base")
    start = _git("merge-base", commit, "HEAD", fails=True).strip() or commit
    inside = [path for path in map(os.path.realpath, paths) if path.startswith(os.path.join(os.path.realpath(top), ""))]
    said = _git(
        *("-c", "core.quotePath=false", "diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv"),
        *("--no-renames", "--no-prefix", start, "--", ":(top,glob)**/.gitignore", *inside),
    )
    return Change(base, _added(said, os.path.realpath(top)))


def _added(diff: str, top: str) -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    path = ""
    for line in diff.split("\n"):
        if line.startswith("+++ "):
            path = os.path.join(top, line[4:].strip('"\t').replace("/", os.sep))
            if line[4:] != "/dev/null":
                lines.setdefault(path, set())
        elif path and (hunk := _HUNK.match(line)):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(path, set()).update(range(first, first + count))
    return {path: frozenset(numbers) for path, numbers in lines.items()}


def _merged_into() -> tuple[str, ...]:
    """Where GitHub has checked out the merge of a pull request, perhaps with nothing before it: what it merges into."""
    return ("HEAD^1",) if _MERGE.fullmatch(os.environ.get("GITHUB_REF", "")) else ()


def _branch(base: str) -> str:
    return base.removeprefix("refs/heads/").removeprefix("origin/")


def _commit(name: str) -> str:
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", fails=True).strip()


def _git(*arguments: str, fails: bool = False) -> str:
    """What git prints; empty where it may fail and does. Raises ChangeError."""
    import subprocess

    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, timeout=_SECONDS, env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChangeError(f"git cannot be asked what has changed: {error}") from error
    if done.returncode and not fails:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise ChangeError(f"git cannot tell what has changed: {said}")
    return "" if done.returncode else done.stdout.decode("utf-8", "surrogateescape")
