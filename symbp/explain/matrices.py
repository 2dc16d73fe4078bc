"""An equation as a product of matrices, where it is one: y[n,o] = Σ_i x[n,i]·W[i,o] + b[o] is y = x·W + 1·bᵀ.

A tensor with two axes is a matrix, one with one axis a column. ``...`` counts as one axis, as in the index form. Axes that all of
an equation's tensors but the shared ones begin with stay outside: the product is one for each of their positions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr, Integer, Mul

from symbp.explain.order import Names, terms
from symbp.ir import Bracket, Element, Equation, Index, Node, Reduce

Place = tuple[Index, ...]


@dataclass(frozen=True)
class Matrix:
    """A tensor, or its transpose; without one, ones: a column, or a row where transposed."""

    element: Element | None  # at the indices of the index form
    transposed: bool = False


@dataclass(frozen=True)
class Product:
    """A number times matrices."""

    number: Expr  # has no tensors and no indices
    matrices: tuple[Matrix, ...]
    negative: bool = False

    @cached_property
    def formula(self) -> Expr:
        """It without its sign, for a printer."""
        factors = [Factor(m.element.head if m.element else Integer(1), Integer(m.transposed)) for m in self.matrices]
        return Mul(self.number, Chain(*factors), evaluate=False) if self.number != 1 else Chain(*factors)


class Chain(Node):
    """Matrices that are multiplied, in this order, for a printer."""


class Factor(Node):
    """A head, or 1 for ones, and whether it is transposed, for a printer."""

    @property
    def name(self) -> str:
        """Of the tensor, "" for ones."""
        return getattr(self.args[0], "name", "")

    @property
    def transposed(self) -> bool:
        return self.args[1] == 1


@dataclass(frozen=True)
class Matrices:
    """A sum of products of matrices; of one matrix alone, it is that."""

    products: tuple[Product, ...]
    entry: Expr  # an element of it, as the products say

    @property
    def name(self) -> str:
        """Of the tensor that it is, where it is one alone."""
        return self.entry.name if isinstance(self.entry, Element) else ""


def matrix_form(equation: Equation, names: Names) -> tuple[Matrices, Matrices] | None:
    """The equation between matrices; None if it is none, or a mere sum of them."""
    place = equation.target.position
    if not all(isinstance(i, Index) for i in place) or len(set(place)) < len(place) or equation.loop:
        return None
    for outside in range(max(len(place) - 2, 0), -1, -1):
        if (found := _at(equation, names, place[:outside], place[outside:])) is not None:
            return found
    return None


def _at(equation: Equation, names: Names, outside: Place, inside: Place) -> tuple[Matrices, Matrices] | None:
    """The equation with the axes ``outside`` left to each position."""
    if not 1 <= len(inside) <= 2 or (outside and len(inside) != 2):
        return None
    found = [_product(negative, term, outside, inside) for negative, term in terms(equation.value, names)]
    products = [_filled(product, inside) for product in found if product is not None]
    if len(products) < len(found) or not any(_is_product(product, inside) for product in products):
        return None
    entry = Add(*(entry_of(product, outside, inside) for product in products))
    name = Product(Integer(1), (Matrix(equation.target),))
    return Matrices((name,), equation.target), Matrices(tuple(products), entry)


def _product(negative: bool, term: Expr, outside: Place, inside: Place) -> Product | None:
    """A number, a sum over what two factors share, elements: the chain of matrices from the row to the column."""
    numbers, others = _parted(Mul.make_args(term))
    bound: Place = ()
    if len(others) == 1 and isinstance(others[0], Reduce) and others[0].op == "sum":
        bound = others[0].indices
        more, others = _parted(Mul.make_args(others[0].body))
        numbers += more
    elements = [other for other in others if isinstance(other, Element)]
    if not elements or len(elements) < len(others) or any(n.has(Node, *bound) for n in numbers):
        return None
    factors = [(element, axes) for element in elements if (axes := _axes(element, outside))]
    chain = _chain(factors, inside, bound) if len(factors) == len(elements) else None
    return Product(Mul(*numbers), chain, negative) if chain else None


def _parted(factors: Iterable[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Those that are numbers, sizes and constants, and the others."""
    found: tuple[list[Expr], list[Expr]] = ([], [])
    for factor in factors:
        found[bool(factor.has(Element, Reduce, Bracket, Index))].append(factor)
    return found


def _axes(element: Element, outside: Place) -> Place | None:
    """The rows and columns of the matrix that the element is of, the axes outside taken off where it begins with them."""
    place = element.position
    if not all(isinstance(i, Index) for i in place) or len(set(place)) < len(place):
        return None
    inside = bool(outside) and place[: len(outside)] == outside
    rest = place[len(outside) :] if inside else place
    return rest if (1 + inside) <= len(rest) <= 2 and not set(rest) & set(outside) else None  # a vector for each place is no column


def _chain(factors: list[tuple[Element, Place]], inside: Place, bound: Place) -> tuple[Matrix, ...] | None:
    """The factors in the order in which each begins with the index that the one before ends with, from the row to the column."""
    found: list[Matrix] = []
    at, wanted, left = inside[0], set(bound), list(factors)
    if not any(at in axes for _, axes in left):  # nothing says which row: a column of ones
        return _column_of_all(left, inside, bound)
    while left:
        here = [factor for factor in left if at in factor[1]]
        if len(here) != 1:
            return None
        [(element, axes)] = here
        left.remove(here[0])
        found.append(Matrix(element, axes[0] != at))
        if len(axes) == 1:
            return _ended(found, left, inside, wanted)
        [at] = [i for i in axes if i != at]
        if at not in wanted:
            return tuple(found) if at == inside[-1] and len(inside) == 2 and not left and not wanted else None
        wanted.remove(at)
    return (*found, Matrix(None)) if len(inside) == 1 and not wanted else None  # summed, and in no other factor: a column of ones


def _ended(found: list[Matrix], left: list[tuple[Element, Place]], inside: Place, wanted: set[Index]) -> tuple[Matrix, ...] | None:
    """A chain that came to a vector: the last of the chain, or a column before a row."""
    if wanted:
        return None
    if not left:
        return tuple(found)
    if len(inside) == 2 and len(left) == 1 and left[0][1] == inside[1:]:
        return (*found, Matrix(left[0][0], transposed=True))
    return None


def _column_of_all(left: list[tuple[Element, Place]], inside: Place, bound: Place) -> tuple[Matrix, ...] | None:
    """1·bᵀ, the row b for every row."""
    if len(inside) == 2 and len(left) == 1 and left[0][1] == inside[1:] and not bound:
        return (Matrix(None), Matrix(left[0][0], transposed=True))
    return None


def _filled(product: Product, inside: Place) -> Product:
    """A vector that stands alone where a matrix is asked for is the same in every column: times a row of ones."""
    [*_, last] = product.matrices
    ends_in_vector = last.element is not None and len(last.element.position) == 1 and not last.transposed
    if len(inside) < 2 or not ends_in_vector:
        return product
    return Product(product.number, (*product.matrices, Matrix(None, True)), product.negative)


def _is_product(product: Product, inside: Place) -> bool:
    """Are two tensors multiplied, or the rows of one summed?"""
    tensors = [matrix for matrix in product.matrices if matrix.element]
    return len(tensors) > 1 or (len(inside) == 1 and len(product.matrices) == 2 and tensors[0].transposed)


def entry_of(product: Product, outside: Place, inside: Place) -> Expr:
    """An element of the product, from the order and the transposes of its matrices alone."""
    at, factors, bound = inside[0], [], []
    for k, matrix in enumerate(product.matrices):
        axes = _axes(matrix.element, outside) if matrix.element else None
        last = k == len(product.matrices) - 1
        if axes is None or len(axes) == 1:  # ones, or a vector: a column ends the chain or begins an outer product, a row ends it
            factors += [_placed(matrix.element, outside, (at,))] if matrix.element else []
            at = inside[-1]
            continue
        shared = axes[0] if matrix.transposed else axes[1]
        ends = last and len(inside) == 2
        after = inside[1] if ends else Index(f"{shared.name}'0{k}", shared.size)
        factors.append(_placed(matrix.element, outside, (after, at) if matrix.transposed else (at, after)))
        bound += [] if ends else [after]
        at = after
    body = Mul(*factors)
    number = -product.number if product.negative else product.number
    return number * (Reduce("sum", body, *bound) if bound else body)


def _placed(element: Element | None, outside: Place, place: Place) -> Expr:
    assert element is not None
    begins = element.position[: len(outside)] == outside and len(element.position) == len(outside) + len(place)
    return Element(element.head, *(outside if begins else ()), *place)
