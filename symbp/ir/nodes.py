"""The nodes of an equation: SymPy is the algebra of scalars, tensors enter it as opaque real atoms.

    Element(T, i, j)         one element of the tensor T; a position is an index, an integer, an affine form of indices with
                             constant coefficients (a window), or an integer element (a gather)
    Padded(element, fill)    the element where its position lies inside the tensor, else fill
    Reduce(op, body, i, j)   a reduction over bound indices; op is one of REDUCTIONS; det and logdet are over the rows and
                             the columns of a matrix
    Inverse(body, i, j)      the element (i, j) of the inverse of the matrix whose elements (i, j) are body
    Bracket(a, b)            Iverson bracket: 1 where the integers a and b are equal, else 0; beside an index, a negative
                             integer counts from the end
    Where(c, a, b)           a where the condition c holds, else b; the branch not taken is not looked at
    Broadcast(index, length) the position along a tensor's own leading axes that NumPy's broadcasting reads at ``index``

The leaves are symbols: Tensor (a head; Cotangent for the gradient of one), Index (carries its size), Size (an axis
length; Derived from others), Leading (the length of all the axes that ``...`` stands for), Constant (a keyword of the layer).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Integer, Symbol
from sympy.core.symbol import Str
from sympy.logic.boolalg import false, true

from symbp.ir.symbols import Index, Leading, Tensor

REDUCTIONS = ("sum", "prod", "max", "min", "argmax", "argmin", "det", "logdet")


class Node(Expr):
    """What the nodes share: commutative, real, and opaque to differentiation (the calculus opens them itself)."""

    is_commutative = True

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Integer(0)


class Element(Node):
    def __new__(cls, head: Tensor, *position: Any) -> Element:
        self = Expr.__new__(cls, head, *map(sympy.sympify, position))
        self._assumptions = head._assumptions  # what is known of the tensor: found out once, not for each element
        return self

    @property
    def head(self) -> Tensor:
        return self.args[0]

    @property
    def position(self) -> tuple[Expr, ...]:
        return self.args[1:]

    @property
    def name(self) -> str:
        return self.head.name

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_is_integer(self) -> bool | None:
        return self.head.is_integer

    def _eval_is_positive(self) -> bool | None:
        return self.head.is_positive

    def _eval_is_nonnegative(self) -> bool | None:
        return self.head.is_nonnegative

    def _sympystr(self, printer: Any) -> str:
        inside = ",".join(printer._print(p) for p in self.position)
        return f"{self.name}[{inside}]" if inside else self.name


class Padded(Node):
    def __new__(cls, element: Element, fill: Any = 0) -> Padded:
        assert isinstance(element, Element), element
        return Expr.__new__(cls, element, sympy.sympify(fill))

    @property
    def element(self) -> Element:
        return self.args[0]

    @property
    def fill(self) -> Expr:
        return self.args[1]

    def _eval_is_finite(self) -> bool | None:
        return self.fill.is_finite

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.element.is_nonnegative and self.fill.is_nonnegative else None

    def _sympystr(self, printer: Any) -> str:
        return f"pad({', '.join(map(printer._print, self.args if self.fill != 0 else self.args[:1]))})"


class Inverse(Node):
    def __new__(cls, body: Expr, row: Index, column: Index) -> Inverse:
        return Expr.__new__(cls, body, row, column)

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def place(self) -> tuple[Index, Index]:
        return self.args[1:]

    def _eval_is_finite(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return f"inv({', '.join(map(printer._print, self.args))})"


class Reduce(Node):
    def __new__(cls, op: str | Str, body: Expr, *indices: Index) -> Reduce:
        assert str(op) in REDUCTIONS and indices, (op, indices)
        return Expr.__new__(cls, Str(str(op)), sympy.sympify(body), *indices)

    @property
    def op(self) -> str:
        return self.args[0].name

    @property
    def body(self) -> Expr:
        return self.args[1]

    @property
    def indices(self) -> tuple[Index, ...]:
        return self.args[2:]

    @property
    def free_symbols(self) -> set[Expr]:
        return self.body.free_symbols - set(self.indices)

    def _eval_is_integer(self) -> bool | None:
        return True if self.op in ("argmax", "argmin") else None if self.op == "logdet" else self.body.is_integer

    def _eval_is_finite(self) -> bool | None:
        return True if self.op in ("argmax", "argmin") else self.body.is_finite or None

    def _eval_is_positive(self) -> bool | None:
        return None if self.op in ("argmax", "argmin", "det", "logdet") else self.body.is_positive or None

    def _eval_is_nonnegative(self) -> bool | None:
        if self.op in ("det", "logdet"):
            return None
        return True if self.op in ("argmax", "argmin") else self.body.is_nonnegative or None

    def _sympystr(self, printer: Any) -> str:
        return f"{self.op}({printer._print(self.body)}, {', '.join(i.name for i in self.indices)})"


class Bracket(Node):
    def __new__(cls, left: Any, right: Any) -> Expr:
        left, right = sympy.sympify(left), sympy.sympify(right)
        if left == right:
            return Integer(1)
        if left.is_Integer and right.is_Integer:
            return Integer(0)
        return Expr.__new__(cls, *sorted((left, right), key=_bracket_order))

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_positive else None

    def _sympystr(self, printer: Any) -> str:
        return f"[{printer._print(self.args[0])} == {printer._print(self.args[1])}]"


def _bracket_order(side: Expr) -> tuple[Any, ...]:
    return (not isinstance(side, Index), sympy.default_sort_key(side))


class Where(Node):
    def __new__(cls, condition: Any, then: Any, otherwise: Any) -> Expr:
        condition, then, otherwise = map(sympy.sympify, (condition, then, otherwise))
        if condition in (true, false):
            return then if condition == true else otherwise
        return then if then == otherwise else Expr.__new__(cls, condition, then, otherwise)

    @property
    def condition(self) -> Any:
        return self.args[0]

    @property
    def branches(self) -> tuple[Expr, Expr]:
        return self.args[1:]

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Where(self.condition, *(branch.diff(symbol) for branch in self.branches))

    def _all_branches(self, fact: str) -> bool | None:
        return all(getattr(branch, fact) for branch in self.branches) or None

    def _eval_is_finite(self) -> bool | None:
        return self._all_branches("is_finite")

    def _eval_is_positive(self) -> bool | None:
        return self._all_branches("is_positive")

    def _eval_is_nonnegative(self) -> bool | None:
        return self._all_branches("is_nonnegative")

    def _sympystr(self, printer: Any) -> str:
        return f"where({', '.join(map(printer._print, self.args))})"


class Broadcast(Node):
    def __new__(cls, index: Index, length: Leading) -> Expr:
        return index if index.size == length else Expr.__new__(cls, index, length)

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return f"broadcast({printer._print(self.args[0])})"
