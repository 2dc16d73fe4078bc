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
from symbp.ir.nodes import Bracket, Broadcast, Element, Inverse, Node, Padded, Reduce, Where
from symbp.ir.program import Call, Equation, Loop, Program, passes, reads, validate
from symbp.ir.symbols import Constant, Cotangent, Derived, Index, Leading, Size, Tensor

__all__ = [
    "Bracket",
    "Broadcast",
    "Call",
    "Constant",
    "Cotangent",
    "Derived",
    "Element",
    "Equation",
    "Index",
    "Inverse",
    "Leading",
    "Loop",
    "Node",
    "Padded",
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
    "passes",
    "readable",
    "reads",
    "reductions",
    "rename_bound",
    "rewrite_elements",
    "run",
    "stem",
    "validate",
]
