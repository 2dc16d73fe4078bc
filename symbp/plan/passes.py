"""Rewriting the statements of a pass: what is live, what is a copy, what is returned, which gradient needs what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from symbp.plan.arrays import (
    Array,
    Assign,
    Call,
    Line,
    Loop,
    Name,
    Statement,
    Update,
    by_line,
    every_line,
    names,
    replace,
    rewrite,
    targets,
)
from symbp.plan.model import Group
from symbp.plan.share import Namer, is_alias


def read(statements: Iterable[Statement]) -> set[str]:
    """The names that they read; those that a loop gives to the values of one step are its own."""
    found: set[str] = set()
    for statement in statements:
        own = statement.private if isinstance(statement, Loop) else frozenset()
        found |= {name for node in statement.nodes for name in names(node)} - own
    return found


def live(statements: Iterable[Statement], wanted: set[str]) -> list[Statement]:
    """The statements that the wanted names need."""
    needed, kept = set(wanted), []
    for statement in reversed(list(statements)):
        if isinstance(statement, Loop):
            statement = Loop(statement.index, statement.length, statement.reverse, _live_body(statement, needed))
        if targets(statement) & needed:
            kept.append(statement)
            needed |= read([statement])
    return kept[::-1]


def _live_body(loop: Loop, wanted: set[str]) -> tuple[Line, ...]:
    """What the wanted names need of a step, of the steps after it too."""
    needed, size = set(wanted), 0
    while len(needed) > size:
        size = len(needed)
        for line in reversed(loop.body):
            if line.target in needed:
                needed |= read([line])
    return tuple(line for line in loop.body if line.target in needed)


def without_copies(ahead: list[Statement], behind: list[Statement], outputs: set[str]) -> tuple[list[Statement], list[Statement]]:
    """Both passes without the forward values that are another one under a second name."""
    updated = changed(ahead)
    seen: dict[Array, Name] = {}
    copies: dict[Array, Array] = {}
    kept: list[Statement] = []
    for statement in ahead:
        statement = rewrite(statement, lambda node: replace(node, copies))
        if isinstance(statement, Assign) and statement.target not in updated:
            known = statement.value if isinstance(statement.value, Name) else seen.setdefault(statement.value, Name(statement.target))
            if known.text != statement.target and statement.target not in outputs and known.text not in updated:
                copies[Name(statement.target)] = known
                continue
        kept.append(statement)
    return kept, [rewrite(s, lambda node: replace(node, copies)) for s in behind]


def changed(statements: Iterable[Statement]) -> frozenset[str]:
    """The arrays that are changed after they were assigned."""
    return frozenset(line.target for line in every_line(statements) if isinstance(line, Update))


def separate(statements: list[Statement], cotangents: tuple[str, ...], namer: Namer) -> list[Statement]:
    """A gradient that other gradients read gets a second name: asked for alone, the others' lines must not fill its field."""
    if len(cotangents) < 2:
        return statements
    shared = {name for statement in statements for name in _serving_others(statement)}
    for name in cotangents:
        if name in shared:
            other = namer.fresh(f"{name}_shared")
            renamed = [by_line(s, partial(_renamed, old=name, new=other)) for s in statements]
            statements = [*renamed, Assign(name, Name(other), _number(statements, name))]
    return statements


def _serving_others(statement: Statement) -> set[str]:
    """The arrays that it has to do with and something else than they need it."""
    found = read([statement]) - targets(statement)
    if isinstance(statement, Loop):
        lasting = statement.targets - statement.private
        found |= {name for name in statement.targets if lasting - {name}}
    return found


def _number(statements: list[Statement], name: str) -> int:
    return max(line.number for line in every_line(statements) if line.target == name)


def _renamed(line: Line, old: str, new: str) -> Line:
    swap: dict[Array, Array] = {Name(old): Name(new)}
    if isinstance(line, Assign):
        target = new if line.target == old else line.target
        return Assign(target, replace(line.value, swap), line.number if target == line.target else 0)
    place = replace(line.place, swap)
    assert isinstance(place, Call)
    return Update(place, line.sign, replace(line.value, swap), line.number)


def returned(statements: list[Statement], outputs: set[str], spare: frozenset[str] = frozenset()) -> list[Statement]:
    """What is returned, or updated in place, is an array of its own; of the spare ones each may be that of one output."""
    updated = changed(statements)
    own = updated | outputs

    def owning(line: Line) -> Line:
        given = isinstance(line.nodes[-1], Name) and line.nodes[-1].text in spare and line.target not in updated
        if isinstance(line, Assign) and line.target in own and is_alias(line.value) and not given:
            return Assign(line.target, _copied(line.value), line.number)
        return line

    return [by_line(statement, owning) for statement in statements]


def _copied(value: Array) -> Array:
    """A new array; of a choice, whichever branch is none is made one."""
    if isinstance(value, Call) and value.function == "choose":
        condition, *branches = value.args
        return Call("choose", (condition, *(_copied(b) if is_alias(b) else b for b in branches)), value.options)
    return Call("copy", (value,))


def spare(statements: list[Statement], outputs: set[str]) -> frozenset[str]:
    """The arrays made here that are no output, and have one as their other name."""
    made = {s.target for s in statements if isinstance(s, Assign) and not is_alias(s.value)} - outputs
    renamed = Counter(s.value.text for s in statements if isinstance(s, Assign) and isinstance(s.value, Name) and s.target in outputs)
    return frozenset(name for name, count in renamed.items() if count == 1 and name in made)


def groups(statements: list[Statement], gradients: tuple[str, ...]) -> tuple[Group, ...]:
    """Neighbours that the same gradients need, together."""
    needs: dict[str, set[str]] = {f"d{name}": {name} for name in gradients}
    served: list[set[str]] = []  # by each statement, from the last
    for statement in reversed(statements):
        served.append(set().union(*(needs.get(target, set()) for target in targets(statement))))
        for name in {*read([statement]), *targets(statement)}:
            needs.setdefault(name, set()).update(served[-1])
    found: list[Group] = []
    for statement, own in zip(statements, reversed(served), strict=True):
        key = tuple(filter(own.__contains__, gradients))
        if found and found[-1].gradients == key:
            found[-1] = Group(key, (*found[-1].statements, statement))
        else:
            found.append(Group(key, (statement,)))
    return tuple(found)
