"""A derivation as data: the two Programs, and every step that led from one to the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr

from symbp.ir.expressions import readable
from symbp.ir.nodes import Element
from symbp.ir.program import Equation, Program
from symbp.ir.symbols import Tensor

RULES = (
    "upstream",  # the cotangent handed to backward
    "local derivative",  # of the target by the operand: elements and reductions as plain variables, differentiated by SymPy
    "chain rule",  # the operand's cotangent: that of the target times the local derivative, summed over what the operand lacks
    "accumulate",  # a value used several times: its cotangents add up
    "zero",  # the outputs do not depend on it
    "substitute",  # a name replaced by its definition
    "output form",  # a forward value in place of the expression that it equals
    "simplify",  # the same value with less work
    "no output form",  # why backward reads more than the output: a proof that no algebraic formula in the output alone will do
    "as derived",  # left in the form that it had: the search for one with less work ended at its budget
    "stable form",  # the same value in a form that neither overflows nor cancels
    "result",  # the equation that the generated code computes
)


@dataclass(frozen=True)
class Phrase:
    """Words by their key in a table of messages, and what they are about: expressions, names, numbers or further phrases."""

    key: str
    about: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Fact:
    """``left == right``, by a forward equation."""

    left: Expr
    right: Expr
    number: int = 0  # of that equation, 0 where it is the one at hand
    given: tuple[Any, ...] = ()  # the conditions under which it holds: those of one branch of that equation


@dataclass(frozen=True)
class Candidate:
    """A form that was tried, and why it was taken or not."""

    form: Expr
    cost: float  # how much work it is; only a comparison means anything
    by: str = ""  # what led to it, in words
    facts: tuple[Fact, ...] = ()  # the one that led to it, if one did
    refused: str = ""  # why it was not taken, "" if it was


@dataclass(frozen=True)
class Step:
    """One line of a derivation.

    ``equal`` says whether before == after holds as an identity of the forward equations (a simplification);
    a definition, a local derivative or a choice is not such an identity.
    """

    rule: str  # one of RULES
    target: Element  # the value or cotangent that the line is about
    after: Expr
    before: Expr | None = None
    reason: tuple[Phrase, ...] = ()  # where the rule alone does not say it
    operand: Element | None = None  # what is differentiated by, for a local derivative
    number: int = 0  # of the equation that the line states, 0 if none
    equal: bool = True
    facts: tuple[Fact, ...] = ()  # what the rewrite rests on
    proof: str = ""  # how it was proved: "exact" or "numerical"
    tried: tuple[Candidate, ...] = ()  # the forms that the search went through, in order, for a rewrite or a result

    def readable(self) -> Step:
        """The step with bound indices called as the user called them."""
        return replace(self, after=readable(self.after), before=None if self.before is None else readable(self.before))


@dataclass(frozen=True)
class Kept:
    """A forward value that the generated backward pass uses: saved for it, or computed there once more."""

    name: str
    gradients: tuple[str, ...]  # the inputs whose gradients need it
    shape: tuple[Expr, ...] | None = None  # None where it is not known
    code: str = ""  # what computes it, where it is no value of the equations
    of: tuple[str, ...] = ()  # the values of the equations that this reads
    saved: bool = True  # else it is computed again


@dataclass(frozen=True)
class Printed:
    """The backward pass as a book or a paper prints it, proved equal to the one that was derived."""

    source: str
    equations: tuple[Equation, ...]  # in the names of the derivation; with definitions of its own where it has some
    identical: bool  # equation by equation what was derived


@dataclass(frozen=True)
class Derivation:
    """What symbp derives of one layer."""

    forward: Program  # the equations as written, numbered from 1; saved positions of maxima are equations of their own
    backward: Program  # inputs: upstream cotangents, then the forward values it reads; outputs: a cotangent per differentiated input
    steps: tuple[Step, ...]  # equation by equation
    nodes: Program  # the same layer split into primitive nodes
    node_steps: tuple[Step, ...] = ()  # node by node, in the order of the backward pass, ending in the results
    node_backward: Program | None = None  # the cotangent of every node and input, in node names
    stable: tuple[Program, Program] | None = None  # forward and backward in the forms that code computes
    kept: tuple[Kept, ...] = ()  # what the generated module keeps, for a derivation that is told
    printed: Printed | None = None  # a textbook's form, if there is one to compare with

    @property
    def upstream(self) -> tuple[Tensor, ...]:
        """The cotangents that backward is given, one for each real output."""
        return tuple(t for t in self.backward.inputs if t.name not in self.forward.tensors)
