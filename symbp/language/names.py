"""What each name of a layer is: input, constant, target or index, decided by the text alone and checked."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from symbp.language.functions import FUNCTIONS, REDUCTIONS, RENAMED
from symbp.language.syntax import Syntax, base_name, name_error

NUMBERS = ("inf", "pi")


@dataclass(frozen=True)
class Names:
    """The names of one layer by what they are, in the order of the text."""

    data: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: dict[str, ast.expr]  # with their defaults
    targets: tuple[str, ...]
    indices: frozenset[str]
    calls: tuple[str, ...]  # functions and layers
    outputs: tuple[str, ...]  # the last target, and any that nothing reads
    has_axes: bool  # a subscript, a reduction or a size stands somewhere

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.data + self.parameters


@dataclass(frozen=True)
class Mention:
    """One name where it stands in an expression."""

    role: str  # value, subscript, index, call, or axes for brackets and dots
    name: str
    node: ast.expr | ast.keyword
    within: str = ""  # the function whose argument it is, for an index


def names(syntax: Syntax) -> Names:
    """The names of a layer.

    Raises:
        ReadError: a name is unknown, reserved, two things at once, assigned twice, read before it is assigned or never.
    """
    targets = tuple(base_name(equation.target) for equation in syntax.equations)
    mentions = [list(mentioned(equation.value)) for equation in syntax.equations]
    on_left = [replace(m, role="index") for e in syntax.equations for m in axes(e.target) if m.role == "subscript"]
    every = [*on_left, *(mention for group in mentions for mention in group)]
    declared = {argument.name for argument in syntax.arguments or ()} | set(targets)
    indices = frozenset(m.name for m in every if m.role == "index" or (m.role == "subscript" and m.name not in declared))
    if syntax.arguments is None:
        data = _unassigned([m for group in mentions for m in group], {*targets, *indices, *NUMBERS})
        parameters: tuple[str, ...] = ()
        constants: dict[str, ast.expr] = {}
    else:
        data = tuple(a.name for a in syntax.arguments if a.role == "data")
        parameters = tuple(a.name for a in syntax.arguments if a.role == "parameter")
        constants = {a.name: a.default for a in syntax.arguments if a.default}
    calls = tuple(dict.fromkeys(m.name for m in every if m.role == "call"))
    has_axes = any(m.role in ("index", "axes") for m in every) or any(isinstance(e.target, ast.Subscript) for e in syntax.equations)
    read = {m.name for m in every if m.role in ("value", "subscript")}
    outputs = tuple(t for t in targets if t == targets[-1] or t not in read)
    found = Names(data, parameters, constants, targets, indices, calls, outputs, has_axes)
    Check(syntax, found).all(mentions, every)
    return found


def _unassigned(mentions: Iterable[Mention], known: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.name for m in mentions if m.role == "value" and m.name not in known))


def mentioned(node: ast.AST) -> Iterator[Mention]:
    """The names of an expression in the order of the text, each with its role."""
    if isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Subscript):
        yield from mentioned(node.value)
        yield Mention("axes", "", node)
        yield from axes(node)
    elif isinstance(node, ast.Name):
        yield Mention("value", node.id, node)
    elif isinstance(node, ast.Constant) and node.value is ...:
        yield Mention("axes", "...", node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from mentioned(child)


def _call(node: ast.Call) -> Iterator[Mention]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name:
        yield Mention("call", name, node.func)
    else:
        yield from mentioned(node.func)
    plain = {"size": 0}.get(name, 1 if name in REDUCTIONS else len(node.args))
    for place, argument in enumerate(node.args):
        is_index = place >= plain and isinstance(argument, ast.Name)
        yield from [Mention("index", argument.id, argument, name)] if is_index else mentioned(argument)  # type: ignore[attr-defined]
    for keyword in node.keywords:
        if name in REDUCTIONS and keyword.arg:
            yield Mention("index", keyword.arg, keyword)
        yield from mentioned(keyword.value)


def axes(node: ast.expr) -> Iterator[Mention]:
    """The names that stand in the subscripts of a read or a target."""
    if not isinstance(node, ast.Subscript):
        return
    for place in positions(node):
        for mention in mentioned(place):
            inner = mention.role == "value" and not isinstance(place, ast.Subscript | ast.Call)
            yield Mention("subscript", mention.name, mention.node) if inner else mention


def positions(node: ast.Subscript) -> Sequence[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


@dataclass
class Check:
    """The mistakes that the names alone show."""

    syntax: Syntax
    names: Names

    def all(self, mentions: list[list[Mention]], every: list[Mention]) -> None:
        self.signature()
        self.targets()
        for number, group in enumerate(mentions):
            for mention in group:
                self.value(mention, number)
        for mention in every:
            if mention.role in ("index", "subscript"):
                self.index(mention)
        self.cotangents()
        self.never_read({m.name for m in every if m.role in ("value", "subscript")})

    def signature(self) -> None:
        seen: set[str] = set()
        for argument in self.syntax.arguments or ():
            if argument.name in seen:
                self.syntax.fail(argument.node, f"{argument.name} stands twice in the signature")
            self.not_a_function(argument.name, argument.node)
            seen.add(argument.name)

    def targets(self) -> None:
        first: dict[str, int] = {}
        for equation in self.syntax.equations:
            name, node = base_name(equation.target), equation.target
            self.not_a_function(name, node)
            if name in first:
                self.syntax.fail(node, f"{name} is assigned twice, first in line {first[name]}; give each value a name of its own")
            if self.syntax.arguments is not None and name in (*self.names.inputs, *self.names.constants):
                self.syntax.fail(node, f"{name} is an input and cannot be assigned; give the value a name of its own")
            first[name] = node.lineno

    def not_a_function(self, name: str, node: ast.AST) -> None:
        if name in FUNCTIONS or name in REDUCTIONS:
            self.syntax.fail(node, f"{name} is a function of the language; choose another name")

    def value(self, mention: Mention, number: int) -> None:
        name, node, targets = mention.name, mention.node, self.names.targets
        if mention.role not in ("value", "subscript"):
            return
        if name in targets:
            at = targets.index(name)
            if at >= number:
                line = self.syntax.equations[at].target.lineno
                self.syntax.fail(node, f"{name} is read before it is assigned (line {line})")
        elif name not in (*self.names.inputs, *self.names.constants, *self.names.indices, *NUMBERS, *FUNCTIONS, *REDUCTIONS):
            self.syntax.fail(node, self.unknown(name))
        elif name not in NUMBERS and name_error(name):
            self.syntax.fail(node, name_error(name))
        elif name in FUNCTIONS or name in REDUCTIONS:
            self.syntax.fail(node, f"{name} is a function; write {name}(...)")

    def unknown(self, name: str) -> str:
        given = [*self.names.inputs, *self.names.constants]
        nearest = difflib.get_close_matches(name, [*given, *self.names.targets], 1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"the inputs are {', '.join(given)}"
        return f"{name} is not known; {hint}"

    def index(self, mention: Mention) -> None:
        name, node = mention.name, mention.node
        tensors = (*self.names.inputs, *self.names.constants, *self.names.targets)
        if mention.role == "subscript" and name in tensors:
            return
        if name in tensors and mention.within in RENAMED:
            self.syntax.fail(node, f"{mention.within} reduces over an index; of two values write {RENAMED[mention.within]}(a, {name})")
        if name in tensors:
            self.syntax.fail(node, f"{name} is a tensor or constant of the layer and is used as an index here; rename one of them")
        if name_error(name):
            self.syntax.fail(node, name_error(name))
        if name != name.lower():
            self.syntax.fail(node, f"{name} stands as an index, and indices are lower-case names")

    def cotangents(self) -> None:
        """The backward pass needs ``d`` + name for the cotangent of a name."""
        named = {a.name: a.node for a in self.syntax.arguments or ()} | {base_name(e.target): e.target for e in self.syntax.equations}
        tensors = {*self.names.inputs, *self.names.targets}
        for name in (*self.names.inputs, *self.names.constants, *self.names.targets):
            if name.startswith("d") and name[1:] in tensors:
                node = named.get(name) or self.syntax.equations[0].target
                self.syntax.fail(node, f"{name} is reserved for the cotangent of {name[1:]}; choose another name")

    def never_read(self, read: set[str]) -> None:
        for argument in self.syntax.arguments or ():
            if argument.name not in read:
                self.syntax.fail(argument.node, f"{argument.name} is never read; use it in an equation or leave it out")
        if not self.names.inputs:
            self.syntax.fail(self.syntax.equations[0].target, "the layer reads no input; name at least one")
