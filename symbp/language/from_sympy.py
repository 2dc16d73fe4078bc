"""SymPy expressions -> the text of a layer, which is then read like any other.

A Symbol is an input, whole or rank 0; an ``Indexed`` is an element, a ``Sum`` or ``Product`` over ``(i, 0, n - 1)`` a reduction,
and n is then ``size(i)``. The name of an earlier target reads it.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import sympy
from sympy import Basic, Expr, Symbol
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter
from sympy.tensor.indexed import Indexed, IndexedBase

from symbp.errors import ReadError
from symbp.language.functions import FUNCTIONS

NAMES = {"Abs": "abs", "Max": "maximum", "Min": "minimum", "loggamma": "gammaln"}
SAME = {name for name, form in FUNCTIONS.items() if form.most == 1 and name != "size"} | {"maximum", "minimum"}
COMPARE = {"Equality": "==", "Unequality": "!=", "StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">="}

PRINTED = (
    *(sympy.Add, sympy.Mul, sympy.Pow, sympy.Max, sympy.Min, sympy.Rational, sympy.Float),
    *(type(sympy.pi), type(sympy.E), type(sympy.oo), type(-sympy.oo)),
    *(Symbol, sympy.Idx, Indexed, sympy.Sum, sympy.Product, sympy.Piecewise, ExprCondPair, sympy.KroneckerDelta),
    *(Relational, sympy.And, sympy.Or, sympy.Not),
)


def from_sympy(name: str, **targets: Expr) -> str:
    """The text of a layer with an equation for each target, in the order given; its inputs are sorted by name.

    The axes of a target are its free indices, sorted; ``Eq(y[n, k], value)`` in place of the value gives them in another order.

    Raises:
        ReadError: something in an expression has no meaning in the language; names it.
    """
    if not targets:
        raise ReadError(f"{name}: no expression is given; write from_sympy(name, y=expression)")
    values = {target: sympy.sympify(value) if isinstance(value, int | float | Basic) else value for target, value in targets.items()}
    for target, value in values.items():
        if not isinstance(value, Expr | sympy.Eq):
            raise ReadError(f"{name}: {target} is {type(value).__name__}, not a SymPy expression")
    printer = Text(name, values)
    equations = [f"{printer.left(target, value)} = {printer.doprint(right(value))}" for target, value in values.items()]
    return f"{name}({', '.join(inputs(printer, values))}):\n" + "".join(f"    {equation}\n" for equation in equations)


def right(value: Any) -> Expr:
    return value.rhs if isinstance(value, sympy.Eq) else value


def inputs(printer: Text, values: dict[str, Any]) -> list[str]:
    """The names that are read and never assigned."""
    bases = {base for value in values.values() for base in right(value).atoms(IndexedBase)}
    symbols = {symbol for value in values.values() for symbol in right(value).atoms(Symbol)}
    symbols -= {base.label for base in bases} | printer.indices | set(printer.sizes)
    return sorted({printer.checked(str(found)) for found in (*bases, *symbols)} - set(values))


class Text(StrPrinter):
    """Prints an expression as the language writes it."""

    def __init__(self, layer: str, values: dict[str, Any]) -> None:
        super().__init__()
        self.layer = layer
        self.indices: set[Basic] = set()
        self.sizes: dict[Basic, str] = {}
        for value in values.values():
            self.look_for_indices(right(value))
            if isinstance(value, sympy.Eq) and isinstance(value.lhs, Indexed):
                self.indices |= {place for place in value.lhs.indices if isinstance(place, Symbol | sympy.Idx)}
        self.indices -= self.sizes.keys()

    def look_for_indices(self, value: Expr) -> None:
        limits = [limit for node in value.atoms(sympy.Sum, sympy.Product) for limit in node.limits]
        places = [place for read in value.atoms(Indexed) for place in read.indices]
        self.indices |= {place for place in places if isinstance(place, Symbol | sympy.Idx)}
        self.indices |= {part for place in places for part in place.free_symbols if part.is_integer and not place.has(Indexed)}
        self.indices |= {limit[0] for limit in limits}
        self.indices |= {index.label for index in self.indices if isinstance(index, sympy.Idx)}
        spans = [(limit[0], limit[2] + 1) for limit in limits if len(limit) == 3]
        spans += [(i, i.upper + 1) for i in self.indices if isinstance(i, sympy.Idx) and i.upper is not None]
        self.sizes |= {length: str(index) for index, length in sorted(spans, key=str) if isinstance(length, Symbol)}

    def left(self, target: str, value: Any) -> str:
        if isinstance(value, sympy.Eq):
            if not isinstance(value.lhs, Indexed) or str(value.lhs.base) != target:
                self.refuse(f"the left of {value} is not {target} with its axes")
            return self._print(value.lhs)
        axes = sorted({str(symbol) for symbol in value.free_symbols & self.indices})
        return f"{self.checked(target)}[{','.join(axes)}]" if axes else self.checked(target)

    def refuse(self, message: str) -> NoReturn:
        raise ReadError(f"{self.layer}: {message}")

    def checked(self, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            self.refuse(f"{name!r} is no name of the language; names are ASCII letters, digits and _")
        return name

    def _print(self, expr: Any, **options: Any) -> str:
        if isinstance(expr, Indexed):  # whose own way of printing would come first
            return f"{self.checked(str(expr.base))}[{self.stringify(expr.indices, ',')}]"
        if isinstance(expr, sympy.Function) and not isinstance(expr, PRINTED):
            return self._print_Function(expr)
        if isinstance(expr, Basic) and not isinstance(expr, PRINTED):
            self.refuse(f"{expr if expr.is_Atom else type(expr).__name__} has no meaning in the language")
        return super()._print(expr, **options)

    def _print_Function(self, expr: Any) -> str:
        name = type(expr).__name__
        if name == "polygamma" and expr.args[0] == 0:
            return f"digamma({self._print(expr.args[1])})"
        if NAMES.get(name, name) not in SAME:
            reason = "has no derivative rule" if name in ("floor", "ceiling", "frac") else "is not a function of the language"
            self.refuse(f"{name} {reason}")
        return f"{NAMES.get(name, name)}({self.stringify(expr.args, ', ')})"

    _print_Max = _print_Min = _print_Function

    def _print_Symbol(self, expr: Any) -> str:
        return f"size({self.sizes[expr]})" if expr in self.sizes else self.checked(expr.name)

    def _print_Idx(self, expr: Any) -> str:
        return self._print(expr.label)

    def _print_Sum(self, expr: Any) -> str:
        name = "sum" if isinstance(expr, sympy.Sum) else "prod"
        return f"{name}({self._print(expr.function)}, {', '.join(map(self.limit, expr.limits))})"

    _print_Product = _print_Sum

    def limit(self, limit: Any) -> str:
        index = self._print(limit[0])
        if len(limit) == 1:
            return index
        if len(limit) != 3 or limit[1] != 0:
            self.refuse(f"{index} does not run from 0; an index does")
        length = limit[2] + 1
        if not length.is_Integer and length not in self.sizes:
            self.refuse(f"{index} runs up to {limit[2]}; the last place is a number, or n - 1")
        return f"{index}={length}" if length.is_Integer else index

    def _print_Piecewise(self, expr: Any) -> str:
        *pairs, (last, always) = expr.args
        if always != sympy.true:
            self.refuse("a Piecewise needs a last branch (value, True)")
        text = self._print(last)
        for value, condition in reversed(pairs):
            text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return text

    def _print_Relational(self, expr: Any) -> str:
        sides = (self.parenthesize(side, PRECEDENCE["Relational"]) for side in expr.args)
        return f" {COMPARE[type(expr).__name__]} ".join(sides)

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return f"where({self._print(expr.args[0])} == {self._print(expr.args[1])}, 1, 0)"

    def _print_And(self, expr: Any) -> str:
        word = " and " if isinstance(expr, sympy.And) else " or "
        return word.join(f"({text})" for text in sorted(map(self._print, expr.args)))

    _print_Or = _print_And

    def _print_Not(self, expr: Any) -> str:
        return f"not ({self._print(expr.args[0])})"

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"

    def _print_Infinity(self, expr: Any) -> str:
        return "inf"

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "-inf"
