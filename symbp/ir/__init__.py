"""The hub of symbp: the nodes of an equation, the Program, and the exact interpreter."""

from symbp.ir.expressions import (
    elements,
    free_indices,
    fresh,
    leaves,
    numbering,
    readable,
    reductions,
    rename_bound,
    rewrite_elements,
    stem,
)
from symbp.ir.functions import expand_stable
from symbp.ir.interpret import axis_lengths, run
from symbp.ir.nodes import Bracket, Broadcast, Constant, Cotangent, Element, Index, Leading, Reduce, Size, Tensor, Where
from symbp.ir.program import Equation, Program, reads, validate

__all__ = [
    "Bracket",
    "Broadcast",
    "Constant",
    "Cotangent",
    "Element",
    "Equation",
    "Index",
    "Leading",
    "Program",
    "Reduce",
    "Size",
    "Tensor",
    "Where",
    "axis_lengths",
    "elements",
    "expand_stable",
    "free_indices",
    "fresh",
    "leaves",
    "numbering",
    "readable",
    "reads",
    "reductions",
    "rename_bound",
    "rewrite_elements",
    "run",
    "stem",
    "validate",
]
