"""What each name of a layer is: input, constant, target or index, decided by the text alone and checked."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from symbp.language.functions import REDUCTIONS
from symbp.language.syntax import Syntax, base_name
from symbp.language.targets import Assignment, Recurrence, assignments, places, recurrence, shifted_axes

NUMBERS = ("inf", "pi")
READ = ("value", "subscript")  # the roles of what is read


@dataclass(frozen=True)
class Mention:
    """One name where it stands in an expression."""

    role: str  # value, subscript, index, call, or axes for brackets and dots
    name: str
    node: ast.expr | ast.keyword
    within: str = ""  # the function whose argument it is, for an index
    read: ast.Subscript | None = None  # the brackets that stand after it


@dataclass(frozen=True)
class Names:
    """The names of one layer by what they are, in the order of the text."""

    data: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: dict[str, ast.expr]  # with their defaults
    assignments: Mapping[str, Assignment]
    recurrences: Mapping[str, Recurrence]
    indices: frozenset[str]
    calls: tuple[str, ...]  # functions and layers
    outputs: tuple[str, ...]  # the last target, and any that nothing else reads
    has_axes: bool  # a subscript, a reduction or a size stands somewhere
    mentions: tuple[tuple[Mention, ...], ...] = field(repr=False)  # of each equation, in the order of the text

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.data + self.parameters

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.assignments)


def names(syntax: Syntax) -> Names:
    """The names of a layer.

    Raises:
        ReadError: equations that cannot be of one name.
    """
    mentions = tuple((*on_left(e.target), *mentioned(e.value)) for e in syntax.equations)
    lengths = [m for e in syntax.lengths for m in (Mention("index", base_name(e.target), e.target), *mentioned(e.value))]
    every = [*(mention for group in mentions for mention in group), *lengths]
    ahead = read_ahead(syntax, mentions)
    found = assignments(syntax, frozenset(ahead))
    steps = {name: recurrence(syntax, one, ahead.get(name, ())) for name, one in found.items() if not one.scattered}
    arguments = syntax.arguments or ()
    declared = {argument.name for argument in arguments} | set(found)
    indices = frozenset(m.name for m in every if m.role == "index" or (m.role == "subscript" and m.name not in declared))
    by_role = {role: tuple(a.name for a in arguments if a.role == role) for role in ("data", "parameter")}
    return Names(
        by_role["data"] if syntax.arguments is not None else unassigned(every, {*found, *indices, *NUMBERS}),
        by_role["parameter"],
        {a.name: a.default for a in arguments if a.default},
        found,
        {name: one for name, one in steps.items() if one},
        indices,
        tuple(dict.fromkeys(m.name for m in every if m.role == "call")),
        outputs(syntax, mentions, found),
        any(m.role in ("index", "axes") for m in every) or any(isinstance(e.target, ast.Subscript) for e in syntax.equations),
        mentions,
    )


def unassigned(mentions: Iterable[Mention], known: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.name for m in mentions if m.role == "value" and m.name not in known))


def read_ahead(syntax: Syntax, mentions: Iterable[Iterable[Mention]]) -> dict[str, list[ast.Subscript]]:
    """The names that are read at another step before, or where, they are assigned; with those reads."""
    last = {base_name(equation.target): number for number, equation in enumerate(syntax.equations)}
    found: dict[str, list[ast.Subscript]] = {}
    for number, group in enumerate(mentions):
        for mention in group:
            if mention.role == "value" and mention.read and last.get(mention.name, -1) >= number and shifted_axes(mention.read):
                found.setdefault(mention.name, []).append(mention.read)
    return found


def outputs(syntax: Syntax, mentions: Iterable[Iterable[Mention]], found: Mapping[str, Assignment]) -> tuple[str, ...]:
    """The target of the last equation, and those that no equation of another name reads."""
    assigned = [base_name(equation.target) for equation in syntax.equations]
    last = next(name for name, e in zip(reversed(assigned), reversed(syntax.equations), strict=True) if e not in found[name].starts)
    read = {m.name for name, group in zip(assigned, mentions, strict=True) for m in group if m.role in READ and m.name != name}
    return tuple(target for target in found if target == last or target not in read)


def on_left(target: ast.expr) -> Iterator[Mention]:
    """The names in the brackets of a target: one that stands alone is an index."""
    for place in places(target):
        if isinstance(place, ast.Name):
            yield Mention("index", place.id, place)
        else:
            yield from in_brackets(place)


def mentioned(node: ast.AST) -> Iterator[Mention]:
    """The names of an expression in the order of the text, each with its role."""
    if isinstance(node, ast.Call):
        yield from in_call(node)
    elif isinstance(node, ast.Subscript):
        base = node.value
        yield from [Mention("value", base.id, base, read=node)] if isinstance(base, ast.Name) else mentioned(base)
        yield Mention("axes", "", node)
        for place in places(node):
            yield from in_brackets(place)
    elif isinstance(node, ast.Name):
        yield Mention("value", node.id, node)
    elif isinstance(node, ast.Constant) and node.value is ...:
        yield Mention("axes", "...", node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from mentioned(child)


def in_call(node: ast.Call) -> Iterator[Mention]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name:
        yield Mention("call", name, node.func)
    else:
        yield from mentioned(node.func)
    plain = {"size": 0}.get(name, 1 if name in REDUCTIONS else len(node.args))
    for place, argument in enumerate(node.args):
        if place >= plain and isinstance(argument, ast.Name):
            yield Mention("index", argument.id, argument, name)
        else:
            yield from mentioned(argument)
    for keyword in node.keywords:
        if name in REDUCTIONS and keyword.arg:
            yield Mention("index", keyword.arg, keyword)
        yield from mentioned(keyword.value)


def in_brackets(place: ast.expr) -> Iterator[Mention]:
    """The names of one subscript: those that stand in it itself are indices, constants or scalar tensors."""
    for mention in mentioned(place):
        own = mention.role == "value" and not mention.read and not isinstance(place, ast.Subscript | ast.Call)
        yield Mention("subscript", mention.name, mention.node) if own else mention


def index_name(node: ast.expr) -> str:
    """The name of an index, ``...`` included; "" if the node is something else."""
    if isinstance(node, ast.Constant) and node.value is ...:
        return "..."
    return node.id if isinstance(node, ast.Name) else ""
