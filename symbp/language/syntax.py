"""A text as syntax: layers, their signatures and equations, as ``ast`` trees whose positions are those of the text.

layer     ::= [name ["(" arguments ")"] ":"] equation (separator equation)*
equation  ::= name ["[" axes "]"] "=" expression | "pad(" name "[" axes "])" "=" expression | "size(" index ")" "=" length
separator ::= newline | ";"
"""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from symbp.errors import ReadError
from symbp.language.scan import Piece, Source, scan

DEEPEST_TREE = 100
EXPRESSION_WORDS = {"and", "or", "not", "lambda", "if", "else", "for", "in", "is", "True", "False", "None"}
RESERVED = {"np", "self", "residuals", "inf", "pi"}


LEFTS = {
    "": "the left of an equation is one name, or one name with its axes: y or y[n,k]",
    "pad": "pad on the left is of one name with its axes: pad(y[i-1]) = x[i]",
    "size": "the length of one index is said here: size(p) = 3",
}
SIGNATURE = "a signature is written name(inputs, *, parameters, constant=default); no *args, **kwargs or /"
TAKEN_CLASSES = ("None", "True", "False", "NamedTuple", "Residuals", "Gradients")  # what a generated module calls so itself


@dataclass(frozen=True)
class Argument:
    """One name of a signature."""

    name: str
    role: str  # data, parameter or constant
    node: ast.arg
    default: ast.expr | None = None


@dataclass(frozen=True)
class EquationSyntax:
    """``target = value`` as written."""

    target: ast.expr
    value: ast.expr
    text: str
    padded: bool = False  # pad(target): what falls outside is dropped


@dataclass(frozen=True)
class Syntax:
    """One layer as written."""

    source: Source
    name: str
    arguments: tuple[Argument, ...] | None  # None where it has no signature
    equations: tuple[EquationSyntax, ...]
    lengths: tuple[EquationSyntax, ...]  # of indices: size(target) = value
    text: str
    doc: str
    where: tuple[int, int]  # line and column of its first character

    def fail(self, node: ast.AST, message: str) -> NoReturn:
        """Raises the ReadError that points at the node."""
        raise self.source.error(node.lineno, node.col_offset, message, self.name)  # type: ignore[attr-defined]

    def written(self, node: ast.AST) -> str:
        """What the user wrote for a node, on one line."""
        assert isinstance(node, ast.expr | ast.arg)
        first, last = self.source.lines[node.lineno - 1], node.end_lineno or node.lineno
        if last == node.lineno:
            return first[node.col_offset : node.end_col_offset]
        return " ".join((ast.get_source_segment(self.source.text, node) or "").split())


def layers(text: str, file: str | None = None) -> tuple[Syntax, ...]:
    """The layers of a text, in order.

    Raises:
        ReadError: the text is not of the language.
    """
    source, blanked, pieces = scan(text, file)
    if not pieces:
        raise source.error(1, 0, "there is no equation; write one like y = 1/(1 + exp(-x))")
    starts = [k for k, piece in enumerate(pieces) if piece.colon is not None or k == 0]
    found = []
    for first, after in pairwise([*starts, len(pieces)]):
        found.append(Reader(source, blanked).layer(pieces[first:after]))
        if found[-1].name in [layer.name for layer in found[:-1]]:
            raise source.error_at(pieces[first].start, f"there are two layers called {found[-1].name}")
    return tuple(found)


class Reader:
    """Reads the pieces of one layer."""

    def __init__(self, source: Source, blanked: str) -> None:
        self.source, self.blanked = source, blanked
        self.layer_name = ""

    def layer(self, pieces: list[Piece]) -> Syntax:
        first, arguments = pieces[0], None
        rest = list(pieces)
        if first.colon is not None:
            arguments = self.header(first.start, first.colon)
            start = first.colon + 1 + len(re.match(r"\s*", self.blanked[first.colon + 1 : first.end])[0])  # type: ignore[index]
            rest[:1] = [Piece(start, first.end)] if start < first.end else []
            if not rest:
                raise self.source.error_at(first.colon, "no equation follows the colon", self.layer_name)
        read = [(self.called_left(self.blanked[piece.start : piece.end]), piece) for piece in rest]
        equations = tuple(self.equation(piece.start, piece.end, left) for left, piece in read if left != "size")
        if not equations:
            raise self.source.error_at(rest[0].start, "no equation follows this length", self.layer_name)
        lengths = tuple(self.equation(piece.start, piece.end, left) for left, piece in read if left == "size")
        name = self.layer_name or base_name(equations[-1].target)
        where = self.source.place(first.start)
        return Syntax(self.source, name, arguments, equations, lengths, self.own_text(pieces), self.doc(first.start), where)

    def header(self, start: int, colon: int) -> tuple[Argument, ...] | None:
        """The arguments of ``name(arguments)``, None for a bare ``name``."""
        written = self.blanked[start:colon]
        match = re.fullmatch(r"([A-Za-z_]\w*)\s*(\(.*\))?\s*", written, re.DOTALL)
        if not match:
            raise self.source.error_at(start, "a header is written name(inputs, *, parameters, constant=default): or name:")
        self.check_name(match[1], *self.source.place(start))
        self.layer_name = match[1]
        if class_name(match[1]) in TAKEN_CLASSES:
            raise self.source.error_at(start, f"{match[1]} cannot name a layer: its class would be {class_name(match[1])}", self.layer_name)
        if match[2] is None:
            return None
        return tuple(self.arguments(start + match.start(2) + 1, start + match.end(2) - 1))

    def arguments(self, start: int, end: int) -> Iterator[Argument]:
        """Names, after a bare ``*`` those of parameters; a default makes a constant wherever it stands."""
        role = "data"
        for at, text in self.between_commas(start, end):
            if text == "*" and role == "data":
                role = "parameter"
            elif text.startswith("*") or text == "/":
                raise self.source.error_at(at + len(text) - len(text.lstrip("*")), SIGNATURE, self.layer_name)
            elif text or at < end:
                yield self.argument(at, text, role)

    def argument(self, at: int, text: str, role: str) -> Argument:
        match = re.fullmatch(r"([^\s=:]+)\s*(?::(.*?))?(?:=(.*))?", text, re.DOTALL)
        name, annotation, default = match.groups() if match else (text, None, None)
        line, column = self.source.place(at)
        self.check_name(name, line, column)
        if annotation is not None:
            place = at + text.index(":") + 1 + len(annotation) - len(annotation.lstrip())
            raise self.source.error_at(place, "a signature has names and defaults, no annotations", self.layer_name)
        if not name.isidentifier():
            raise self.source.error_at(at, SIGNATURE, self.layer_name)
        node = ast.arg(name, lineno=line, col_offset=column, end_lineno=line, end_col_offset=column + len(name))
        if default is None:
            return Argument(name, role, node)
        return Argument(name, "constant", node, self.default(at + text.index("="), default))

    def default(self, equals: int, text: str) -> ast.expr:
        start = equals + 1 + len(text) - len(text.lstrip())
        statements = self.parse(text.strip(), start) if text.strip() else []
        if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
            raise self.source.error_at(equals, "the default of a constant is a number", self.layer_name)
        return statements[0].value

    def between_commas(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """What stands between the commas that no bracket holds, and where."""
        depth, begin = 0, start
        for at in range(start, end + 1):
            letter = self.blanked[at] if at < end else ","
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and not depth:
                text = self.blanked[begin:at]
                yield begin + len(text) - len(text.lstrip()), text.strip()
                begin = at + 1

    def called_left(self, text: str) -> str:
        """``pad`` or ``size`` where the left side is a call of it, which Python's grammar has no place for; else ""."""
        match = re.match(r"(pad|size)\s*\(", text)
        depth = 0
        for at in range(match.end() - 1, len(text)) if match else ():
            depth += (text[at] in "([{") - (text[at] in ")]}")
            if not depth:
                return match[1] if match and re.match(r"\s*=(?!=)", text[at + 1 :]) else ""
        return ""

    def equation(self, start: int, end: int, left: str) -> EquationSyntax:
        """An equation, whose left side is in parentheses after the word ``left`` if there is one."""
        statements = self.parse(self.blanked[start + len(left) : end], start + len(left))
        statement = statements[0]
        if isinstance(statement, ast.AugAssign):
            raise self.error(statement, "an equation is written target = expression, each name assigned once")
        if not isinstance(statement, ast.Assign) or len(statements) > 1:
            raise self.error(statement, "= is missing; an equation is written target = expression")
        if len(statement.targets) > 1:
            raise self.error(statement.targets[1], "one equation has one =; write the second in a line of its own")
        [target] = statement.targets
        if not base_name(target) or not isinstance(target, {"pad": ast.Subscript, "size": ast.Name}.get(left, ast.expr)):
            raise self.error(target, LEFTS[left])
        self.check_name(base_name(target), target.lineno, target.col_offset)
        return EquationSyntax(target, statement.value, " ".join(self.blanked[start:end].split()), left == "pad")

    def parse(self, text: str, start: int, shift: int = 0) -> list[ast.stmt]:
        """The statements of a text that stands at ``start``, with the positions of the whole text."""
        line, column = self.source.place(start)
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            at_line, at_column = error.lineno or 1, (error.offset or 1) - 1
            offset = column - shift if at_line == 1 else 0
            raise self.syntax_error(text[shift:], line, column, (line + at_line - 1, max(0, at_column + offset), error.msg)) from None
        except (ValueError, MemoryError, RecursionError):
            raise self.source.error(line, column, "too deeply nested; give a part a name of its own", self.layer_name) from None
        self.place(tree, line, column - shift)
        return tree.body

    def syntax_error(self, text: str, line: int, column: int, found: tuple[int, int, str]) -> ReadError:
        for word in re.finditer(r"[A-Za-z_]\w*", text):
            if (keyword.iskeyword(word[0]) and word[0] not in EXPRESSION_WORDS) or (word[0] in EXPRESSION_WORDS and word.start() == 0):
                inner = text.count("\n", 0, word.start())
                at = word.start() + column if not inner else word.start() - text.rfind("\n", 0, word.start()) - 1
                return self.source.error(line + inner, at, f"{word[0]} is reserved; choose another name", self.layer_name)
        at_line, at_column, message = found
        at_line = min(at_line, len(self.source.lines))
        at_column = min(at_column, len(self.source.lines[at_line - 1]))
        return self.source.error(at_line, at_column, f"this cannot be read: {message}", self.layer_name)

    def place(self, tree: ast.AST, line: int, column: int) -> None:
        """Moves every position to that of the whole text; refuses a tree too deep."""
        stack: list[tuple[ast.AST, int]] = [(tree, 0)]
        while stack:
            node, depth = stack.pop()
            if hasattr(node, "lineno"):
                node.col_offset += column if node.lineno == 1 else 0  # type: ignore[attr-defined]
                node.end_col_offset += column if node.end_lineno == 1 else 0  # type: ignore[attr-defined]
                node.lineno, node.end_lineno = node.lineno + line - 1, node.end_lineno + line - 1  # type: ignore[attr-defined]
                if depth > DEEPEST_TREE:
                    raise self.error(node, f"nested more than {DEEPEST_TREE} deep; give a part a name of its own")
            stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))

    def check_name(self, name: str, line: int, column: int) -> None:
        reason = name_error(name)
        if reason:
            raise self.source.error(line, column, reason, self.layer_name)

    def error(self, node: ast.AST, message: str) -> ReadError:
        return self.source.error(node.lineno, node.col_offset, message, self.layer_name)  # type: ignore[attr-defined]

    def own_text(self, pieces: list[Piece]) -> str:
        """From the header to the end of the last equation's line, dedented, comments kept."""
        text, start, end = self.source.text, pieces[0].start, pieces[-1].end
        before = text.rfind("\n", 0, start) + 1
        start = before if not text[before:start].strip() else start
        comment = re.match(r"[ \t]*#[^\n]*", text[end:])
        return textwrap.dedent(text[start : end + (len(comment[0]) if comment else 0)])

    def doc(self, start: int) -> str:
        """The comment lines directly above the layer, at its own indentation."""
        line, column = self.source.place(start)
        lines: list[str] = []
        for above in reversed(self.source.lines[: line - 1]):
            if not above.startswith(" " * column + "#"):
                break
            lines.insert(0, above.strip().lstrip("#").strip())
        return "\n".join(lines)


def base_name(target: ast.expr) -> str:
    """The name that a target assigns, "" if it is no target."""
    base = target.value if isinstance(target, ast.Subscript) else target
    return base.id if isinstance(base, ast.Name) else ""


def class_name(layer: str) -> str:
    """The name of a layer's class: cross_entropy -> CrossEntropy."""
    return "".join(word.capitalize() for word in layer.split("_"))


def name_error(name: str) -> str:
    """Why a name cannot be used for a tensor, an index or a layer; "" if it can."""
    if name in RESERVED or keyword.iskeyword(name):
        return f"{name} is reserved; choose another name"
    return f"{name} begins with an underscore; choose another name" if name.startswith("_") else ""
