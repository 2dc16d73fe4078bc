"""Values that are needed twice: named once, in forward and saved where both passes need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from symbp.plan.arrays import (
    HEAVY,
    LEAN,
    VIEWS,
    Array,
    Assign,
    Call,
    Loop,
    Name,
    Statement,
    Update,
    every_line,
    has_windows,
    names,
    replace,
    rewrite,
)

STEMS = {
    "exp": "e", "max": "m", "min": "m", "sum": "s", "mean": "mean", "sqrt": "root", "log": "log", "matmul": "product", "einsum": "product",
    "square": "square", "subtract": "diff", "tanh": "tanh", "where": "kept", "greater": "mask", "greater_equal": "mask", "less": "mask",
    "less_equal": "mask", "equal": "mask", "and": "mask", "or": "mask", "not": "mask", "argmax": "at", "argmin": "at", "item": "picked",
    "erf": "erf_x", "erfc": "erfc_x", "gammaln": "gammaln_x", "digamma": "digamma_x", "polygamma": "polygamma_x", "multiply": "scaled",
    "divide": "ratio", "fold": "folded", "add_at": "added", "floor_divide": "quotient", "concatenate": "shifted", "add": "total",
    "abs": "size", "maximum": "top", "minimum": "low", "cast": "kept",
}  # fmt: skip


@dataclass
class Namer:
    """Names that are not taken yet."""

    taken: set[str]

    def fresh(self, stem: str) -> str:
        name, k = stem, 2
        while name in self.taken:
            name, k = f"{stem}{k}", k + 1
        self.taken.add(name)
        return name


@dataclass
class Sharing:
    """One pass being rewritten: what has a name already, and which of its nodes get one."""

    chosen: set[Array]
    known: dict[Array, Array]
    namer: Namer
    constants: set[str]
    homes: dict[Array, Assign] = field(default_factory=dict)  # equations whose whole value occurs elsewhere too
    done: list[Statement] = field(default_factory=list)

    def run(self, statements: Iterable[Statement]) -> list[Statement]:
        for statement in statements:
            if isinstance(statement, Loop):
                self.done.append(self._loop(statement))
            elif isinstance(statement, Assign) and self.homes.get(statement.value) is statement:
                if statement.value not in self.known:
                    self._home(statement)
            else:
                self.done.append(rewrite(statement, self.visit))
        return self.done

    def _home(self, statement: Assign) -> Array:
        self.done.append(Assign(statement.target, self._inside(statement.value), statement.number))
        self.known[statement.value] = Name(statement.target)
        return self.known[statement.value]

    def visit(self, node: Array) -> Array:
        if node in self.known:
            return self.known[node]
        if node in self.homes:
            return self._home(self.homes[node])
        return self._named(node) if node in self.chosen else self._inside(node)

    def _named(self, node: Array) -> Name:
        new = self._inside(node)
        assert isinstance(node, Call)
        name = Name(self.namer.fresh(_stem(node)))
        self.done.append(Assign(name.text, new))
        self.known[node] = name
        return name

    def _inside(self, node: Array) -> Array:
        if not isinstance(node, Call):
            return node
        if node.function == "choose":  # of what one branch computes, nothing may be computed for the other
            return Call("choose", (self.visit(node.args[0]), *(replace(arg, self.known) for arg in node.args[1:])), node.options)
        return Call(node.function, tuple(map(self.visit, node.args)), node.options)

    def _loop(self, loop: Loop) -> Loop:
        """What no step changes is computed before the loop; what a step needs twice, once in it."""
        changing = loop.targets | {loop.index}
        body = [rewrite(line, lambda node: self._steady(node, changing)) for line in loop.body]
        fixed = self.constants | {loop.index}
        chosen = _repeated(body, fixed) | _apart(body)
        step = Sharing(chosen, {}, self.namer, fixed, _homes(body, ()))
        return Loop(loop.index, self.visit(loop.length), loop.reverse, tuple(every_line(step.run(body))))

    def _steady(self, node: Array, changing: frozenset[str]) -> Array:
        if not names(node) & changing:
            if node in self.known or node in self.homes or not isinstance(node, Call):
                return self.visit(node)
            if _worth_a_name(node, self.constants) or _gathers(node):
                return self._named(node)
        if not isinstance(node, Call):
            return node
        return Call(node.function, tuple(self._steady(arg, changing) for arg in node.args), node.options)


def share(
    forward: list[Statement], backward: list[Statement], constants: set[str], gradients: tuple[str, ...], namer: Namer
) -> tuple[list[Statement], list[Statement]]:
    """Both passes, with common values named."""
    saved = _saved(forward, backward, constants)
    ahead, behind = Namer(set(namer.taken)), Namer(set(namer.taken))  # the temporaries of one pass are no concern of the other
    first = Sharing(_repeated(forward, constants) | _apart(forward) | saved, {}, ahead, constants, _homes(forward, ()))
    forward = first.run(forward)
    kept = {node: first.known[node] for node in saved}
    behind.taken |= {name for node in kept.values() for name in names(node)}
    own = gradients if len(gradients) > 1 else ()
    second = Sharing(_repeated(backward, constants) | _apart(backward), kept, behind, constants, _homes(backward, own))
    backward = second.run(backward)
    namer.taken |= ahead.taken | behind.taken
    return forward, backward


def _stem(node: Call) -> str:
    if node.function == "windows" and isinstance(node.args[0], Name):
        return f"{node.args[0].text}_windows"
    if node.function == "running":
        return {"add": "s", "multiply": "product"}.get(str(node.options[0]), "m")
    return str(node.options[0]) if node.function == "choose" else STEMS.get(node.function, node.function)


def _homes(statements: Iterable[Statement], exclude: tuple[str, ...]) -> dict[Array, Assign]:
    """The equations that are the place of their value: those that no update changes afterwards."""
    updated = {line.target for line in every_line(statements) if isinstance(line, Update)}
    homes: dict[Array, Assign] = {}
    for s in statements:
        if isinstance(s, Assign) and s.target not in {*updated, *exclude} and isinstance(s.value, Call) and s.value.function not in LEAN:
            homes.setdefault(s.value, s)
    return homes


def _repeated(statements: Iterable[Statement], constants: set[str]) -> set[Array]:
    """Nodes that are worth a line of their own: those that are used at more than one place, and windows."""
    uses: Counter[Array] = Counter()

    def visit(node: Array) -> None:
        uses[node] += 1
        if uses[node] == 1 and isinstance(node, Call):
            for arg in node.args[:1] if node.function == "choose" else node.args:
                visit(arg)

    for statement in statements:
        for node in _fixed(statement):
            visit(node)
    return {node for node, count in uses.items() if (count > 1 or _is_window(node)) and _worth_a_name(node, constants)}


def _is_window(node: Array) -> bool:
    return isinstance(node, Call) and node.function == "windows"


def _fixed(statement: Statement) -> Iterator[Array]:
    """The arrays of a statement; of a loop, the largest that no step changes."""
    if not isinstance(statement, Loop):
        yield from statement.nodes
        return
    changing = statement.targets | {statement.index}

    def visit(node: Array) -> Iterator[Array]:
        if not names(node) & changing:
            yield node
        elif isinstance(node, Call):
            for arg in node.args:
                yield from visit(arg)

    for node in statement.nodes:
        yield from visit(node)


def _always(node: Array) -> Iterator[Array]:
    """The node and what is inside it, but for the branches of a choice, of which one is not computed."""
    yield node
    if isinstance(node, Call):
        for arg in node.args[:1] if node.function == "choose" else node.args:
            yield from _always(arg)


def _apart(statements: Iterable[Statement]) -> set[Array]:
    """The choices by a number known to Python: each has a line of its own, unless it is one."""

    def visit(node: Array) -> Iterator[Array]:
        if isinstance(node, Call) and node.function == "choose":
            yield node
        elif isinstance(node, Call):
            for arg in node.args:
                yield from visit(arg)

    nodes = [node for statement in statements if not isinstance(statement, Loop) for node in statement.nodes]
    return {found for whole in nodes for found in visit(whole) if found != whole}


def _worth_a_name(node: Array, constants: set[str]) -> bool:
    if not isinstance(node, Call) or node.function in LEAN:
        return False
    if node.function == "cast" and isinstance(node.args[0], Call) and node.args[0].function in LEAN:
        return False
    return bool(names(node) - constants)


def _gathers(node: Array) -> bool:
    """Whether it copies what integer arrays name: nothing to do again at every step."""
    return isinstance(node, Call) and node.function == "item" and any(slot in ("@", "*@") for slot in node.options)


def _saved(forward: list[Statement], backward: list[Statement], constants: set[str]) -> set[Array]:
    """The largest parts of backward that forward computes too, and that are more work than a pass over memory; not windows, of
    which there is much more than of the array that they are of."""
    available = {part for statement in forward for node in _fixed(statement) for part in _always(node)}
    found: set[Array] = set()

    def visit(node: Array) -> None:
        if node in available and _worth_a_name(node, constants) and _is_heavy(node) and not has_windows(node):
            found.add(node)
        elif isinstance(node, Call):
            for arg in node.args:
                visit(arg)

    for statement in backward:
        for node in statement.nodes:
            visit(node)
    return found


def _is_heavy(node: Array) -> bool:
    """Whether computing the node again costs more than elementwise arithmetic; what is narrower than it is saved on its own."""
    if not isinstance(node, Call) or node.function == "expand" or "scalar" in node.options:
        return False
    return node.function in HEAVY or any(map(_is_heavy, node.args))


def is_alias(node: Array) -> bool:
    """Whether the array may be, or look into, one that has a name: what is returned must be a new one."""
    if isinstance(node, Name):
        return True
    if not isinstance(node, Call):
        return False
    if node.function in ("broadcast", "windows"):
        return True  # a view that cannot be written
    if node.function == "choose":
        return any(map(is_alias, node.args[1:]))
    if _gathers(node):
        return False
    return node.function in VIEWS | {"unbroadcast", "moveaxis"} and is_alias(node.args[0])
