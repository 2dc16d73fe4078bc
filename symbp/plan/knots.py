"""Which equations of a recurrence need its loop: those that need each other, and those for which all steps at once are too much."""

from __future__ import annotations

from sympy import Expr, Mul

from symbp.ir import Equation, Reduce, elements, free_indices, reads, reductions


def knots(equations: list[Equation]) -> list[tuple[bool, list[Equation]]]:
    """The equations in groups, each after those that it reads, and whether a group needs a loop: what reads no earlier step
    of its own does not."""
    reached = _reached(equations)
    homes = {e.name: frozenset({e.name, *(name for name in reached[e.name] if e.name in reached[name])}) for e in equations}
    looped = {home for home in homes.values() if any(name in reached[name] for name in home)}
    for e in equations:
        read = [home for home in looped if home & reads([e.value])]
        if homes[e.name] not in looped and _is_wide(e, reached) and len(read) == 1:
            homes[e.name] = read[0]
    waiting, done, found = list(dict.fromkeys(homes.values())), set[str](), []
    while waiting:
        home = next(h for h in waiting if all(reached[e.name] <= done | _members(homes, h) for e in equations if homes[e.name] == h))
        waiting.remove(home)
        found.append((home in looped, [e for e in equations if homes[e.name] == home]))
        done |= _members(homes, home)
    return found


def _members(homes: dict[str, frozenset[str]], home: frozenset[str]) -> set[str]:
    return {name for name, own in homes.items() if own == home}


def _reached(equations: list[Equation]) -> dict[str, set[str]]:
    """The targets among these that each equation needs, at its own step or another."""
    reached = {e.name: reads([e.value]) & {other.name for other in equations} for e in equations}
    for middle in reached:
        for own in reached.values():
            own |= reached[middle] if middle in own else set()
    return reached


def _is_wide(equation: Equation, reached: dict[str, set[str]]) -> bool:
    """Whether it reduces values of the loop over more axes than any of the arrays that it reads has."""
    changing = [r for r in reductions(equation.value) if reads([r]) & reached.keys()]
    return any(_spreads(factor) for r in changing for factor in Mul.make_args(r.body))


def _spreads(factor: Expr) -> bool:
    axes = set(free_indices(factor))
    inside = [*elements(factor), *(r for r in reductions(factor))]
    return not any(axes <= set(free_indices(node)) for node in inside if not isinstance(node, Reduce) or node != factor)
