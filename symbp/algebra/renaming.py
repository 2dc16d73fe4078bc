"""Expressions under names that say no more than their order: what is found for one holds for all that differ in names alone.

A network repeats its blocks, and what the algebra does with an equation does not depend on what its tensors, indices and sizes
are called. So every question to the algebra is asked, and remembered, in the names of this module: the second block costs a
look-up. The order of the names is kept, because SymPy sorts by it: the answer is the one that the user's names would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from sympy import Expr, Symbol

from symbp.algebra.match import index_letter, is_canonical
from symbp.ir import Constant, Derived, Equation, Index, Leading, Loop, Size, Tensor

SIGNS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")


@dataclass(frozen=True)
class Renaming:
    """New names for the symbols of some expressions, and the way back."""

    new: Mapping[Symbol, Symbol]
    seen: dict[Any, Any] = field(default_factory=dict, compare=False)  # expressions under the new names, and under the old

    @classmethod
    def of(cls, expressions: Iterable[Expr]) -> Renaming:
        """The renaming by which expressions that differ in names alone become equal."""
        symbols = symbols_of(expressions)
        sizes = sorted({size for symbol in symbols for size in sizes_of(symbol)}, key=lambda size: size.name)
        indices = [symbol for symbol in symbols if isinstance(symbol, Index) and not is_canonical(symbol)]
        tensors = sorted((symbol for symbol in symbols if isinstance(symbol, Tensor)), key=lambda tensor: tensor.name)
        letters = _numbered("s", (index_letter(size) for size in sizes))
        stems = _numbered("i", (index.name for index in indices))
        new: dict[Symbol, Symbol] = {}
        for size in sizes:
            _rename_size(size, letters, new)
        for index in indices:
            new[index] = _index(stems[index.name], _renamed(index.size, new))
        heads = _numbered("t", (tensor.name for tensor in tensors))
        for tensor in tensors:
            new[tensor] = _tensor(heads[tensor.name], tensor, tuple(_renamed(s, new) for s in tensor.shape))
        return cls(new)

    @cached_property
    def old(self) -> Mapping[Symbol, Symbol]:
        return {new: old for old, new in self.new.items()}

    def hidden(self, expr: Any) -> Any:
        """expr, one of those that the renaming is of, under the new names. Constants keep theirs."""
        hidden = _put(expr, self.new)
        self.seen[hidden] = expr
        return hidden

    def shown(self, expr: Any) -> Any:
        """expr, made of hidden ones, under the old names."""
        if expr not in self.seen:
            self.seen[expr] = _put(expr, self.old)
        return self.seen[expr]

    def hidden_equation(self, equation: Equation) -> Equation:
        """The equation under the new names, without its number and text."""
        loop = equation.loop and Loop(0, self.hidden(equation.loop.index), equation.loop.reverse)
        return Equation(self.hidden(equation.target), self.hidden(equation.value), loop=loop)


def symbols_of(expressions: Iterable[Any]) -> set[Symbol]:
    """The symbols that stand anywhere in the expressions, bound ones too."""
    found: set[Symbol] = set()
    seen: set[Any] = set()
    stack = list(expressions)
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol):
            found.add(node)
        elif node.args and node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return found


def _numbered(kind: str, names: Iterable[str]) -> dict[str, str]:
    """New names, in the order of the old."""
    return {name: f"{kind}{place:03}" for place, name in enumerate(sorted(set(names)))}


@lru_cache(maxsize=65_536)
def sizes_of(symbol: Symbol) -> frozenset[Size]:
    """The sizes that a symbol is made of, itself included."""
    if isinstance(symbol, Leading | Derived):
        inner: tuple[Expr, ...] = symbol.parts if isinstance(symbol, Leading) else symbol.formulas
    else:
        inner = (symbol.size,) if isinstance(symbol, Index) else symbol.shape if isinstance(symbol, Tensor) else ()
    within = frozenset(size for expr in inner for part in expr.atoms(Symbol) for size in sizes_of(part))
    return within | {symbol} if isinstance(symbol, Size) else within


def _put(expr: Any, names: Mapping[Symbol, Symbol]) -> Any:
    """expr under other names."""
    return expr.xreplace({symbol: _named(symbol, names) for symbol in symbols_of([expr]) if not isinstance(symbol, Constant)})


def _named(symbol: Symbol, names: Mapping[Symbol, Symbol]) -> Symbol:
    """The other name; an index that a canonical form has named follows its size."""
    if isinstance(symbol, Index) and is_canonical(symbol):
        size = _renamed(symbol.size, names)
        return _index(index_letter(size) + symbol.name[symbol.name.index("'") :], size)
    return names[symbol]


def _renamed(size: Expr, names: Mapping[Symbol, Symbol]) -> Expr:
    return names.get(size, size) if isinstance(size, Symbol) else size.xreplace(names)


def _rename_size(size: Size, letters: Mapping[str, str], new: dict[Symbol, Symbol]) -> None:
    if size in new:
        return
    for part in sorted(sizes_of(size) - {size}, key=lambda part: part.name):
        _rename_size(part, letters, new)
    letter = letters[index_letter(size)]
    if isinstance(size, Leading):
        new[size] = Leading(letter, tuple(new[part] for part in size.parts))
    elif isinstance(size, Derived):
        new[size] = Derived(letter.upper(), *(_renamed(formula, new) for formula in size.formulas))
    else:
        new[size] = Size(letter.upper())


@lru_cache(maxsize=65_536)
def _index(name: str, size: Expr) -> Index:
    return Index(name, size)


@lru_cache(maxsize=65_536)
def _tensor(name: str, like: Tensor, shape: tuple[Expr, ...]) -> Tensor:
    """A tensor with this name and shape of which as much is known as of another."""
    sign = {fact: True for fact in SIGNS if like.kind == "real" and like.assumptions0.get(fact)}
    return type(like)(name, shape, like.kind, **sign)
