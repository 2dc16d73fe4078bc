"""The language: a text of equations in index notation -> Definition, its layers as Programs."""

from symbp.language.definition import Definition, read
from symbp.language.from_sympy import from_sympy

__all__ = ["Definition", "from_sympy", "read"]
