"""Generated modules, imported: from a text, through a file of the cache folder, or from a file of the user's."""

from __future__ import annotations

import os
import sys
import tempfile
from functools import cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from symbp.files import write_whole


def load_text(name: str, text: str) -> ModuleType:
    """The module with this text, in a real file, so that tracebacks and debuggers show its lines; imported once per process."""
    key = sha256(text.encode()).hexdigest()[:16]
    qualified = f"symbp_{name}_{key}"
    return sys.modules.get(qualified) or load_file(_kept(f"{name}_{key}.py", text), qualified)


def load_file(path: Path, qualified: str) -> ModuleType:
    """The file as a module of this name, under which pickle finds its classes."""
    spec = spec_from_file_location(qualified, path)
    assert spec is not None and spec.loader is not None, path
    module = module_from_spec(spec)
    sys.modules[qualified] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[qualified]
        raise
    return module


def _kept(name: str, text: str) -> Path:
    """The path of a file of the cache with this text; processes may share it."""
    path = _folder() / name
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)
    return path


@cache
def _folder() -> Path:
    """The user's cache folder, or one for this process alone where that cannot be written."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "symbp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="symbp-"))
