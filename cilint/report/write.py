"""Writing a report to a file: whole or not at all. What is in it is the formats' work."""

from __future__ import annotations

import os
import stat
import tempfile

_NEW_FILE = 0o666


def obstacle(path: str) -> str:
    """Why a report cannot be written to `path`; empty when it can. Leaves no trace."""
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    if os.path.isdir(target):
        return "it is a directory"
    if not os.path.isdir(directory):
        return f"there is no directory {os.path.dirname(path) or directory}"
    if os.path.exists(target) and not os.access(target, os.W_OK):
        return "it is not writable"
    try:
        if not _special(target):
            tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def write(path: str, content: str | bytes) -> None:
    """Put `content`, a text as UTF-8, at `path` in one step; a reader sees the old file or the new one.

    An existing file keeps its mode, a symbolic link stays one. Raises OSError; then the old file is as it was and
    nothing is left beside it. A device or pipe such as `/dev/stdout` is written to as it is.
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if _special(path):
        with open(path, "wb") as special:
            special.write(data)
        return
    target = os.path.realpath(path)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _special(path: str) -> bool:
    return os.path.exists(path) and not os.path.isfile(path)


def _mode(path: str) -> int:
    """The mode of the file at `path`, or that of a new file under the process's umask."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return _NEW_FILE & ~mask
