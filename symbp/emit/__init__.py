"""A plan in, the text of a module out."""

from symbp.emit.kept import kept
from symbp.emit.numpy_module import numpy_module
from symbp.emit.write import write

__all__ = ["kept", "numpy_module", "write"]
