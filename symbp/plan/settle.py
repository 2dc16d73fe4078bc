"""Loops as they are written: what only one step needs is a name, and parts of parts are one part."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sympy import Integer

from symbp.plan import arrays
from symbp.plan.arrays import Array, Assign, Call, Line, Loop, Name, Number, Statement, Update, every_line, names

SLOT = Call("slot", ())  # the part of an array that belongs to the step

# ---------------------------------------------------------------- values of one step


def narrowed(statements: list[Statement], wanted: set[str]) -> list[Statement]:
    """Arrays that nothing reads but the step that fills them, as names of that step."""
    for loop in [s for s in statements if isinstance(s, Loop)]:
        others = wanted | {name for s in statements if s is not loop for node in s.nodes for name in names(node)}
        local = {name: slot for name, slot in _slots(loop).items() if name not in others and _is_local(loop, name, slot)}
        short = replace(loop, body=tuple(_narrowed(line, local) for line in loop.body))
        kept = (s for s in statements if not (isinstance(s, Assign) and s.target in local))
        statements = [short if s is loop else s for s in kept]
    return statements


def _slots(loop: Loop) -> dict[str, Call]:
    """The part of each array that the step sets as a whole."""
    return {line.target: line.place for line in loop.body if isinstance(line, Update) and isinstance(line.place.args[0], Name)}


def _is_local(loop: Loop, name: str, slot: Call) -> bool:
    """Whether the step sets its part of the array first, and then nothing else of it is read or written."""
    first = next(line for line in loop.body if line.target == name)
    if not isinstance(first, Update) or (first.place, first.sign) != (slot, 0):
        return False
    nodes = (node for line in loop.body for node in ((line.place, line.value) if isinstance(line, Update) else (line.value,)))
    return not any(name in names(arrays.replace(node, {slot: SLOT})) for node in nodes)


def _narrowed(line: Line, local: dict[str, Call]) -> Line:
    swap: dict[Array, Array] = {slot: Name(name) for name, slot in local.items()}
    value = arrays.replace(line.nodes[-1], swap)
    if isinstance(line, Assign):
        return Assign(line.target, value, line.number)
    place = arrays.replace(line.place, swap)
    return Update(place, line.sign, value, line.number) if isinstance(place, Call) else Assign(line.target, value, line.number)


# ---------------------------------------------------------------- parts


def settled(statements: list[Statement]) -> list[Statement]:
    """Parts of parts as one, and nothing spread that is spread anyhow where it is put into a part of an array."""
    return [arrays.by_line(s, partial(_settled, index=s.index)) if isinstance(s, Loop) else s for s in statements]


def _settled(line: Line, index: str) -> Line:
    (line,) = every_line([arrays.rewrite(line, lambda node: _joined(_counted(node, index)))])
    if isinstance(line, Assign):
        return line
    place, value = _joined(line.place), line.value
    assert isinstance(place, Call)
    if isinstance(value, Call) and value.function in ("zeros", "full", "broadcast"):
        value = Number(Integer(0)) if value.function == "zeros" else value.args[value.function == "full"]
    return Update(place, line.sign, value, line.number)


def _counted(node: Array, index: str) -> Array:
    """t + 1, not 1 + t."""
    if not isinstance(node, Call):
        return node
    args = tuple(_counted(arg, index) for arg in node.args)
    turned = node.function == "add" and isinstance(args[0], Number) and args[1] == Name(index)
    return Call(node.function, args[::-1] if turned else args, node.options)


def _joined(node: Array) -> Array:
    """A[t][:, 0] as A[t, :, 0]."""
    if not isinstance(node, Call):
        return node
    node = Call(node.function, tuple(map(_joined, node.args)), node.options)
    inner = node.args[0] if node.args and node.function == "item" else None
    if not isinstance(inner, Call) or inner.function != "item" or not _is_simple(node) or not _is_simple(inner):
        return node
    array, inside = inner.args[0], _slotted(inner)
    outside = iter(_slotted(node))
    pairs = [next(outside, pair) if pair[0] == ":" else pair for pair in inside] + list(outside)
    return Call("item", (array, *(place for _, place in pairs if place)), tuple(slot for slot, _ in pairs))


def _slotted(item: Call) -> list[tuple[object, Array | None]]:
    """The slots, each with the number that stands in it if it is computed."""
    places = iter(item.args[1:])
    return [(slot, next(places) if slot == "#" else None) for slot in item.options]


def _is_simple(item: Call) -> bool:
    """Whether each slot is a number or a whole axis."""
    slices = any(isinstance(arg, Call) and arg.function == "slice" for arg in item.args[1:])
    return not slices and all(slot in (":", "#") or isinstance(slot, int) for slot in item.options)
