"""The mistakes in a layer that its names alone show."""

from __future__ import annotations

import ast
import difflib

from symbp.language.functions import RENAMED, WORDS
from symbp.language.names import NUMBERS, READ, Mention, Names
from symbp.language.syntax import Syntax, base_name, name_error
from symbp.language.targets import shifted_axes


def checked(syntax: Syntax, names: Names) -> Names:
    """The names themselves.

    Raises:
        ReadError: one is unknown, reserved, two things at once, assigned twice, read before it is assigned or never.
    """
    Check(syntax, names).all()
    return names


class Check:
    def __init__(self, syntax: Syntax, names: Names) -> None:
        self.syntax, self.names = syntax, names
        self.tensors = {*names.inputs, *names.targets}
        self.assigned = self.last_equations()

    def last_equations(self) -> dict[str, int]:
        """Where each target has been assigned: its last equation, starts apart."""
        starts = {id(e) for one in self.names.assignments.values() for e in one.starts}
        return {base_name(e.target): number for number, e in enumerate(self.syntax.equations) if id(e) not in starts}

    def all(self) -> None:
        every = [mention for group in self.names.mentions for mention in group]
        self.signature()
        self.targets()
        for number, group in enumerate(self.names.mentions):
            for mention in group:
                self.value(mention, number)
        for mention in every:
            if mention.role in ("index", "subscript"):
                self.index(mention)
        self.lengths({m.name for m in every if m.role in ("index", "subscript")})
        self.cotangents()
        in_lengths = {node.id for e in self.syntax.lengths for node in ast.walk(e.value) if isinstance(node, ast.Name)}
        self.never_read({m.name for m in every if m.role in READ} | in_lengths)

    def signature(self) -> None:
        seen: set[str] = set()
        for argument in self.syntax.arguments or ():
            if argument.name in seen:
                self.syntax.fail(argument.node, f"{argument.name} stands twice in the signature")
            self.not_a_function(argument.name, argument.node)
            seen.add(argument.name)

    def targets(self) -> None:
        for equation in self.syntax.equations:
            name, node = base_name(equation.target), equation.target
            self.not_a_function(name, node)
            if self.syntax.arguments is not None and name in (*self.names.inputs, *self.names.constants):
                self.syntax.fail(node, f"{name} is an input and cannot be assigned; give the value a name of its own")

    def not_a_function(self, name: str, node: ast.AST) -> None:
        if name in WORDS:
            self.syntax.fail(node, f"{name} is a function of the language; choose another name")

    def value(self, mention: Mention, number: int) -> None:
        name, node = mention.name, mention.node
        if mention.role not in READ:
            return
        if name in self.assigned:
            if self.assigned[name] >= number and not self.ahead(mention):
                line = self.names.assignments[name].equations[-1].target.lineno
                self.syntax.fail(node, f"{name} is read before it is assigned (line {line}){self.hint(name, mention)}")
        elif name in WORDS and name not in self.names.indices and name not in self.tensors:
            self.syntax.fail(node, f"{name} is a function; write {name}(...)")
        elif name not in (self.tensors | self.names.constants.keys() | self.names.indices) and name not in NUMBERS:
            self.syntax.fail(node, self.unknown(name))
        elif name not in NUMBERS and name_error(name):
            self.syntax.fail(node, name_error(name))

    def ahead(self, mention: Mention) -> bool:
        """Whether a step that is not assigned yet is read at another step, as in a recurrence."""
        steps = self.names.recurrences.get(mention.name)
        return bool(steps and mention.read and shifted_axes(mention.read)) and not self.names.assignments[mention.name].scattered

    def hint(self, name: str, mention: Mention) -> str:
        steps = mention.read and not self.names.assignments[name].scattered
        return f"; a recurrence is written {name}[t] = ... {name}[t-1]" if steps else ""

    def unknown(self, name: str) -> str:
        given = [*self.names.inputs, *self.names.constants]
        nearest = difflib.get_close_matches(name, [*given, *self.names.targets], 1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"the inputs are {', '.join(given)}"
        return f"{name} is not known; {hint}"

    def index(self, mention: Mention) -> None:
        name, node = mention.name, mention.node
        known = name in self.tensors or name in self.names.constants
        if mention.role == "subscript" and known:
            return
        if known and mention.within in RENAMED:
            self.syntax.fail(node, f"{mention.within} reduces over an index; of two values write {RENAMED[mention.within]}(a, {name})")
        if known:
            self.syntax.fail(node, f"{name} is a tensor or constant of the layer and is used as an index here; rename one of them")
        if name_error(name):
            self.syntax.fail(node, name_error(name))
        if name != name.lower():
            self.syntax.fail(node, f"{name} stands as an index, and indices are lower-case names")

    def lengths(self, used: set[str]) -> None:
        """What the layer says of the lengths of its indices."""
        seen: set[str] = set()
        for equation in self.syntax.lengths:
            name = base_name(equation.target)
            self.index(Mention("index", name, equation.target))
            if name in seen:
                self.syntax.fail(equation.target, f"the length of {name} is said twice")
            if name not in used:
                self.syntax.fail(equation.target, f"index {name} is never used")
            seen.add(name)

    def cotangents(self) -> None:
        """The backward pass needs ``d`` + name for the cotangent of a name."""
        named = {a.name: a.node for a in self.syntax.arguments or ()} | {base_name(e.target): e.target for e in self.syntax.equations}
        for name in (*self.names.inputs, *self.names.constants, *self.names.targets):
            if name.startswith("d") and name[1:] in self.tensors:
                node = named.get(name) or self.syntax.equations[0].target
                self.syntax.fail(node, f"{name} is reserved for the cotangent of {name[1:]}; choose another name")

    def never_read(self, read: set[str]) -> None:
        for argument in self.syntax.arguments or ():
            if argument.name not in read:
                self.syntax.fail(argument.node, f"{argument.name} is never read; use it in an equation or leave it out")
        if not self.names.inputs:
            self.syntax.fail(self.syntax.equations[0].target, "the layer reads no input; name at least one")
