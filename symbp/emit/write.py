"""Generated text -> a file, unless someone has edited it."""

from __future__ import annotations

import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path

from symbp.errors import EmitError

MARK = re.compile(r"^# definition [0-9a-f]{16}, text ([0-9a-f]{16})$", re.MULTILINE)


def fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def write(path: Path | str, text: str, force: bool = False) -> Path:
    """The file with the text in it, complete or not there at all.

    Raises:
        EmitError: the file holds something that symbp did not write, or that was edited since.
    """
    path = Path(path)
    if path.exists() and not force:
        _refuse_edited(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def _refuse_edited(path: Path) -> None:
    found = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    mark = MARK.search(found)
    if mark is None:
        raise EmitError(f"{path}: not written by symbp; choose another place, or overwrite it with --force")
    if fingerprint(found[mark.end() + 1 :]) != mark.group(1):
        raise EmitError(f"{path}: edited since symbp wrote it; move your changes into the definition, or overwrite them with --force")
