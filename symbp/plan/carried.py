"""Values that get a name because a recurrence computes them step by step: what one step hands to the next, and what forward
computes in a loop and backward needs too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import sympy
from sympy import Expr, Function, Mul
from sympy.core.relational import Relational

from symbp.algebra.match import canonical, match, rewrite
from symbp.calculus import placed
from symbp.calculus.places import compared
from symbp.ir import Element, Equation, Index, Padded, Program, Reduce, Tensor, Where, elements, free_indices, reads
from symbp.plan.share import Namer


def named(forward: Program, backward: Program, taken: frozenset[str]) -> tuple[Program, Program]:
    """Both passes with these values as equations of their own."""
    if not any(e.loop for e in forward.equations):
        return forward, backward
    namer = Namer({*taken, *forward.tensors, *backward.tensors, *(constant.name for constant, _ in forward.constants)})
    forward, backward = kept(forward, backward, namer)
    return forward, handed_on(backward, namer)


# ---------------------------------------------------------------- what one step hands to the next


def handed_on(program: Program, namer: Namer) -> Program:
    """Of a product that is read at another step, d[t + 1]*(1 - h[t + 1]**2), the value at the step itself, d[t]*(1 - h[t]**2),
    is computed once, when d[t] is, and has a name."""
    for name in [e.name for e in program.equations if e.loop]:
        seen: set[Expr] = set()
        while left := sorted(program.definitions[name].value.atoms(Mul) - seen, key=sympy.default_sort_key):
            seen.add(left[0])
            made = _at_its_step(program, program.definitions[name], left[0], namer)
            program = _read_everywhere(program, made) if made else program
    return program


def _at_its_step(program: Program, equation: Equation, product: Mul, namer: Namer) -> Equation | None:
    """The equation for those factors of the product that are padded as a value of the loop is."""
    assert equation.loop
    index = equation.loop.index
    own = {e.name: e.target for e in program.equations if e.loop == equation.loop}
    for factor in product.args:
        if not isinstance(factor, Padded) or factor.fill != 0 or factor.element.name not in own:
            continue
        target = own[factor.element.name]
        opened = [new for old in product.args if (new := _opened(old, factor)) != old]
        moved = dict(zip(factor.element.position, target.position, strict=True))
        shifts = [position - index for position in moved if position.has(index)]
        if len(opened) > 1 and len(shifts) == 1 and shifts[0].is_Integer:
            places = {i: i - shifts[0] if i == index else moved[i] for i in free_indices(factor.element)}
            value = Mul(*opened).xreplace(places)
            if _is_of_one_step(value, target, index):
                head = Tensor(namer.fresh(f"{factor.element.name.removesuffix('_total')}_sent"), target.head.shape)
                return Equation(Element(head, *target.position), value, loop=equation.loop)
    return None


def _opened(expr: Expr, like: Padded) -> Expr:
    """expr where what is padded as ``like`` is lies inside its array."""
    outside = _outside(like)
    return expr.replace(lambda node: isinstance(node, Padded) and _outside(node) == outside, lambda node: node.element)


def _outside(node: Padded) -> frozenset[tuple[Expr, Expr]]:
    """The positions that may lie outside their axes."""
    pairs = zip(node.element.position, node.element.head.shape, strict=True)
    return frozenset((p, size) for p, size in pairs if not isinstance(p, Index) or p.size != size)


def _is_of_one_step(value: Expr, target: Element, index: Index) -> bool:
    """Whether it has no other indices than the target, and reads arrays over the whole of the loop at the step alone."""
    pairs = [pair for e in elements(value) for pair in zip(e.position, e.head.shape, strict=True) if pair[0].has(index)]
    plain = all(pair == (index, index.size) for pair in pairs) and not value.has(Padded, Where, Reduce)
    return plain and set(free_indices(value)) <= set(target.position)


def _read_everywhere(program: Program, made: Equation) -> Program:
    """The program with the equation, which is read wherever its product stands."""
    changed = [replace(e, value=_with_product(e.value, made)) for e in program.equations]
    if all(new.value == old.value for new, old in zip(changed, program.equations, strict=True)):
        return program
    last = max(k for k, e in enumerate(changed) if e.name in reads([made.value]) and e.loop == made.loop)
    outputs = {tensor.name for tensor in program.outputs}
    names = {e.target.head for e in changed if e.value == Element(made.target.head, *e.target.position)}
    same = {head: made.target.head for head in names if head.name not in outputs and head.shape == made.target.head.shape}
    made = replace(made, number=max((e.number for e in changed if e.target.head in same), default=0))
    equations = (*changed[: last + 1], made, *changed[last + 1 :])
    return replace(program, equations=tuple(replace(e, value=e.value.xreplace(same)) for e in equations if e.target.head not in same))


def _with_product(value: Expr, made: Equation) -> Expr:
    wanted = list(made.value.args)
    (key,) = [f for f in wanted if isinstance(f, Element) and f.position == made.target.position][:1]

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Mul):
            return None
        for factor in node.args:
            element = factor.element if isinstance(factor, Padded) and factor.fill == 0 else factor
            if not isinstance(element, Element) or element.head != key.head:
                continue
            places = dict(zip(made.target.position, element.position, strict=True))
            opened = [_opened(f, factor) if isinstance(factor, Padded) else f for f in node.args]
            parts = [part.xreplace(places) for part in wanted]
            if all(part in opened for part in parts):
                found = Element(made.target.head, *element.position)
                rest = [_with_product(old, made) for old, new in zip(node.args, opened, strict=True) if new not in parts]
                return Mul(found if element is factor else Padded(found, 0), *rest)
        return None

    return rewrite(value, change)


# ---------------------------------------------------------------- what both passes compute


def kept(forward: Program, backward: Program, namer: Namer) -> tuple[Program, Program]:
    """Forward with an equation for each function that a loop computes and backward computes again; both read that."""
    for name in [e.name for e in forward.equations if e.loop]:
        seen: set[Expr] = set()
        while left := sorted(forward.definitions[name].value.atoms(Function) - seen, key=_size):  # what is inside another first
            seen.add(left[0])
            made = _function_of_a_step(forward, forward.definitions[name], left[0])
            changed = _reading(backward, made) if made else backward
            if made and changed != backward:
                made = _called(made, namer)
                backward = _reading(backward, made)
                place = next(k for k, e in enumerate(forward.equations) if e.name == name)
                before, after = forward.equations[:place], _reading(replace(forward, equations=forward.equations[place:]), made).equations
                forward = replace(forward, equations=(*before, made, *after))
    return forward, backward


def _size(expr: Expr) -> tuple[int, object]:
    return len(list(sympy.preorder_traversal(expr))), sympy.default_sort_key(expr)


def _function_of_a_step(forward: Program, equation: Equation, function: Expr) -> Equation | None:
    """The equation for a function of what the loop computes."""
    assert equation.loop
    own = {e.name for e in forward.equations if e.loop == equation.loop}
    axes = tuple(i for i in equation.target.position if i in free_indices(function))
    if equation.loop.index not in axes or set(axes) != set(free_indices(function)) or not reads([function]) & own:
        return None
    return Equation(Element(Tensor("", tuple(i.size for i in axes)), *axes), function, loop=equation.loop)


def _called(made: Equation, namer: Namer) -> Equation:
    (inner, *more), function = elements(made.value), made.value
    label = function.func.__name__
    label = label if more or function.args != (inner,) else f"{label}_{inner.name}"
    head = Tensor(namer.fresh(label), made.target.head.shape)
    return replace(made, target=Element(head, *made.target.position))


def _reading(program: Program, made: Equation) -> Program:
    """The program with the target of the equation made wherever its value stands, at the same step or at another."""
    pattern = canonical(made.value)

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Mul):
            return _shifted(node, made, change)
        places = match(pattern, canonical(node)) if isinstance(node, type(made.value)) else None
        return None if places is None else made.target.xreplace(places)

    return replace(program, equations=tuple(replace(e, value=rewrite(e.value, change)) for e in program.equations))


def _shifted(product: Mul, made: Equation, change: Callable[[Expr], Expr | None]) -> Expr | None:
    """The product with the value of another step read, where the product is 0 if there is no such step."""
    assert made.loop
    index = made.loop.index
    for factor in product.args:
        spots = [p - index for p in factor.element.position if p != index and p.has(index)] if isinstance(factor, Padded) else []
        if len(spots) == 1 and spots[0].is_Integer and factor.fill == 0:
            found = Mul(*(rewrite(f, partial(_at_another, made=made, steps=spots[0], like=factor)) for f in product.args))
            if found != product:
                return Mul(*(rewrite(f, change) for f in Mul.make_args(found)))
    return None


def _at_another(node: Expr, made: Equation, steps: Expr, like: Padded) -> Expr | None:
    """The value so many steps later, padded, if the node is that."""
    if not isinstance(node, type(made.value)) or not made.loop:
        return None
    elsewhere = {made.loop.index: made.loop.index + steps}
    places = match(canonical(_opened(_decided(placed(made.value, elsewhere)), like)), canonical(_opened(node, like)))
    if places is None or places.get(made.loop.index, made.loop.index) != made.loop.index:
        return None
    return Padded(made.target.xreplace(elsewhere).xreplace(places), 0)


def _decided(expr: Expr) -> Expr:
    """expr without the starts that no step comes to."""
    return expr.replace(
        lambda node: isinstance(node, Where) and isinstance(node.condition, Relational),
        lambda node: Where(compared(node.condition, node.condition.args), *node.branches),
    )
