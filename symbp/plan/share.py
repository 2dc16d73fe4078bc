"""Values that are needed twice: named once, in forward and saved where both passes need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from symbp.plan.arrays import HEAVY, LEAN, VIEWS, Array, Assign, Call, Name, Statement, Update, names, rewrite, walk

STEMS = {
    "exp": "e", "max": "m", "min": "m", "sum": "s", "mean": "mean", "sqrt": "root", "log": "log", "matmul": "product", "einsum": "product",
    "square": "square", "subtract": "diff", "tanh": "tanh", "where": "kept", "greater": "mask", "greater_equal": "mask", "less": "mask",
    "less_equal": "mask", "equal": "mask", "and": "mask", "or": "mask", "not": "mask", "argmax": "at", "argmin": "at", "item": "picked",
    "erf": "erf_x", "erfc": "erfc_x", "gammaln": "gammaln_x", "digamma": "digamma_x", "polygamma": "polygamma_x", "multiply": "scaled",
    "divide": "ratio", "add": "total", "abs": "size", "maximum": "top", "minimum": "low", "cast": "kept",
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
    known: dict[Array, Name]
    namer: Namer
    homes: dict[Array, Assign] = field(default_factory=dict)  # equations whose whole value occurs elsewhere too
    done: list[Statement] = field(default_factory=list)

    def run(self, statements: Iterable[Statement]) -> list[Statement]:
        for statement in statements:
            if isinstance(statement, Assign) and statement.value in self.homes and self.homes[statement.value] is statement:
                if statement.value not in self.known:
                    self._home(statement)
                continue
            self.done.append(rewrite(statement, self.visit))
        return self.done

    def _home(self, statement: Assign) -> Name:
        self.done.append(Assign(statement.target, self._inside(statement.value), statement.number))
        self.known[statement.value] = Name(statement.target)
        return self.known[statement.value]

    def visit(self, node: Array) -> Array:
        if node in self.known:
            return self.known[node]
        if node in self.homes:
            return self._home(self.homes[node])
        new = self._inside(node)
        if node in self.chosen:
            assert isinstance(node, Call)
            name = Name(self.namer.fresh(STEMS.get(node.function, node.function)))
            self.done.append(Assign(name.text, new))
            self.known[node] = name
            return name
        return new

    def _inside(self, node: Array) -> Array:
        return Call(node.function, tuple(map(self.visit, node.args)), node.options) if isinstance(node, Call) else node


def share(
    forward: list[Statement], backward: list[Statement], constants: set[str], gradients: tuple[str, ...], namer: Namer
) -> tuple[list[Statement], list[Statement]]:
    """Both passes, with common values named."""
    saved = _saved(forward, backward, constants)
    ahead, behind = Namer(set(namer.taken)), Namer(set(namer.taken))  # the temporaries of one pass are no concern of the other
    first = Sharing(_repeated(forward, constants) | saved, {}, ahead, _homes(forward, ()))
    forward = first.run(forward)
    kept = {node: first.known[node] for node in saved}
    behind.taken |= {name.text for name in kept.values()}
    own = gradients if len(gradients) > 1 else ()
    second = Sharing(_repeated(backward, constants), kept, behind, _homes(backward, own))
    backward = second.run(backward)
    namer.taken |= ahead.taken | behind.taken
    return forward, backward


def _homes(statements: list[Statement], exclude: tuple[str, ...]) -> dict[Array, Assign]:
    """The equations that are the place of their value: those that no update changes afterwards."""
    updated = {s.target for s in statements if isinstance(s, Update)}
    homes: dict[Array, Assign] = {}
    for s in statements:
        if isinstance(s, Assign) and s.target not in {*updated, *exclude} and isinstance(s.value, Call) and s.value.function not in LEAN:
            homes.setdefault(s.value, s)
    return homes


def _repeated(statements: list[Statement], constants: set[str]) -> set[Array]:
    """Nodes that are used at more than one place, and are worth a line of their own."""
    uses: Counter[Array] = Counter()

    def visit(node: Array) -> None:
        uses[node] += 1
        if uses[node] == 1 and isinstance(node, Call):
            for arg in node.args:
                visit(arg)

    for statement in statements:
        for node in statement.nodes:
            visit(node)
    return {node for node, count in uses.items() if count > 1 and _worth_a_name(node, constants)}


def _worth_a_name(node: Array, constants: set[str]) -> bool:
    if not isinstance(node, Call) or node.function in LEAN:
        return False
    if node.function == "cast" and isinstance(node.args[0], Call) and node.args[0].function in LEAN:
        return False
    return bool(names(node) - constants)


def _saved(forward: list[Statement], backward: list[Statement], constants: set[str]) -> set[Array]:
    """The largest parts of backward that forward computes too, and that are more work than a pass over memory."""
    available = {part for statement in forward for node in statement.nodes for part in walk(node)}
    found: set[Array] = set()

    def visit(node: Array) -> None:
        if node in available and _worth_a_name(node, constants) and _is_heavy(node):
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
    if node.function == "broadcast":
        return True  # a view that cannot be written
    if node.function == "item" and any(slot in ("@", "*@") for slot in node.options):
        return False
    return node.function in VIEWS | {"unbroadcast", "moveaxis"} and is_alias(node.args[0])
