"""The catalog as NumPy modules: written by ``symbp generate --all``, committed to be read.

``from symbp.generated import affine, Sigmoid`` imports the one module of each name, and no other.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

_MODULES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))
_CLASSES = {"".join(word.capitalize() for word in name.split("_")): name for name in _MODULES}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _CLASSES:
        return getattr(import_module(f"{__name__}.{_CLASSES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}: no layer of the catalog")


def __dir__() -> list[str]:
    return sorted([*_MODULES, *_CLASSES])
