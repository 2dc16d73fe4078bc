"""The leaves of an equation, which are symbols: tensors by name, running indices, lengths of axes, constants."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol


def _made(cls: Any, name: str, extra: tuple[tuple[str, Any], ...], **known: bool) -> Any:
    """A symbol with these assumptions and attributes; equal ones are one object, so that comparing them is quick."""
    return _kept(cls, name, extra, **known)


@lru_cache(maxsize=65_536)
def _kept(cls: Any, name: str, extra: tuple[tuple[str, Any], ...], **known: bool) -> Any:
    symbol = Symbol.__xnew__(cls, name, **known)
    for attribute, value in extra:
        setattr(symbol, attribute, value)
    return symbol


class Size(Symbol):
    """The length of one axis. Taken as positive by the algebra; the generated code also accepts empty axes."""

    __slots__ = ()

    def __new__(cls, name: str) -> Size:
        return _made(cls, name, (), integer=True, positive=True)


class Leading(Size):
    """The number of elements along the leading axes ``...``; ``parts`` are the lengths it is broadcast from, if any."""

    __slots__ = ("parts",)

    def __new__(cls, name: str = "...", parts: tuple[Leading, ...] = ()) -> Leading:
        return _made(cls, name, (("parts", parts),), integer=True, positive=True)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.parts)


class Derived(Size):
    """A length that follows from others by the formulas, which must all agree: how often a window fits."""

    __slots__ = ("formulas",)

    def __new__(cls, name: str, *formulas: Expr) -> Derived:
        return _made(cls, name, (("formulas", formulas),), integer=True, positive=True)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.formulas)


class Constant(Symbol):
    """A keyword of the layer with a default value; not differentiated."""

    __slots__ = ()

    def __new__(cls, name: str) -> Constant:
        return _made(cls, name, (), real=True)


class Index(Symbol):
    """A running index, 0 .. size-1. An index whose size is a Leading runs over several axes at once."""

    __slots__ = ("size",)

    def __new__(cls, name: str, size: Expr) -> Index:
        return _made(cls, name, (("size", size),), integer=True, nonnegative=True)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.size)


class Tensor(Symbol):
    """The head of a tensor: its name, the sizes of its axes, its kind, and what is known of its sign."""

    __slots__ = ("kind", "shape")

    def __new__(cls, name: str, shape: tuple[Expr, ...] = (), kind: str = "real", **sign: bool) -> Tensor:
        known = {"integer": True, "nonnegative": True} if kind != "real" else {"real": True} | sign
        return _made(cls, name, (("shape", tuple(shape)), ("kind", kind)), **known)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.shape, self.kind)

    def _sympystr(self, printer: Any) -> str:  # SymPy's printer would take it for its own class of this name
        return self.name


class Cotangent(Tensor):
    """The head of the derivative of the loss by a tensor."""

    __slots__ = ()
