"""Rewriting the statements of a pass: what is live, what is a copy, what is returned, which gradient needs what."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.plan.arrays import Array, Assign, Call, Name, Statement, Update, names, replace, rewrite
from symbp.plan.model import Group
from symbp.plan.share import Namer, is_alias


def read(statements: Iterable[Statement]) -> set[str]:
    return {name for s in statements for node in s.nodes for name in names(node)}


def live(statements: list[Statement], wanted: set[str]) -> list[Statement]:
    """The statements that the wanted names need."""
    needed, kept = set(wanted), []
    for statement in reversed(statements):
        if statement.target in needed:
            kept.append(statement)
            needed |= read([statement])
    return kept[::-1]


def without_copies(ahead: list[Statement], behind: list[Statement], outputs: set[str]) -> tuple[list[Statement], list[Statement]]:
    """Both passes without the forward values that are another one under a second name."""
    updated = {s.target for s in ahead if isinstance(s, Update)}
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


def separate(statements: list[Statement], cotangents: tuple[str, ...], namer: Namer) -> list[Statement]:
    """A gradient that other gradients read gets a second name: asked for alone, the others' lines must not fill its field."""
    if len(cotangents) < 2:
        return statements
    for name in cotangents:
        if any(name in read([s]) - ({s.target} if isinstance(s, Update) else set()) for s in statements if s.target != name):
            other = namer.fresh(f"{name}_shared")
            statements = [*(_renamed(s, name, other) for s in statements), Assign(name, Name(other), _number(statements, name))]
    return statements


def _number(statements: list[Statement], name: str) -> int:
    return next(s.number for s in statements if s.target == name)


def _renamed(statement: Statement, old: str, new: str) -> Statement:
    swap: dict[Array, Array] = {Name(old): Name(new)}
    if isinstance(statement, Assign):
        target = new if statement.target == old else statement.target
        return Assign(target, replace(statement.value, swap), statement.number if target == statement.target else 0)
    place = replace(statement.place, swap)
    assert isinstance(place, Call)
    return Update(place, statement.sign, replace(statement.value, swap), statement.number)


def returned(statements: list[Statement], outputs: set[str]) -> list[Statement]:
    """What is returned, or updated in place, is an array of its own."""
    own = outputs | {s.target for s in statements if isinstance(s, Update)}
    return [_copied(s) if isinstance(s, Assign) and s.target in own and is_alias(s.value) else s for s in statements]


def _copied(statement: Assign) -> Assign:
    return Assign(statement.target, Call("copy", (statement.value,)), statement.number)


def groups(statements: list[Statement], gradients: tuple[str, ...]) -> tuple[Group, ...]:
    """Neighbours that the same gradients need, together."""
    needs: dict[str, set[str]] = {f"d{name}": {name} for name in gradients}
    for statement in reversed(statements):
        own = needs.setdefault(statement.target, set())
        for name in read([statement]):
            needs.setdefault(name, set()).update(own)
    found: list[Group] = []
    for statement in statements:
        key = tuple(name for name in gradients if name in needs[statement.target])
        if found and found[-1].gradients == key:
            found[-1] = Group(key, (*found[-1].statements, statement))
        else:
            found.append(Group(key, (statement,)))
    return tuple(found)
