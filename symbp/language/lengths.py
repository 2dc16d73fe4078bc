"""The length of every axis of a layer: given by an input or by the text, or as far as affine reads stay inside their arrays."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy import Add, Expr, Integer, Min

from symbp.ir import Constant, Derived, Leading, Size
from symbp.language.axes import Axis, Space, resolve
from symbp.language.footprint import check_apart, extent
from symbp.language.frames import Fail, Session, Unsized, Use
from symbp.language.spans import Span, at_least, number, overhang
from symbp.language.trees import Length, inside


def lengths(session: Session, names: dict[Space, Expr], given: Iterable[Space]) -> dict[Space, Expr]:
    """The length of every axis in ``names``, which has a Size of its own for each axis that the text gives no length; ``given``
    are the axes of the inputs.

    Raises:
        ReadError: nothing gives an index a length, two lengths cannot agree, or equations of a scatter may meet.
    """
    finding = Lengths(session, names, given)
    finding.check_starts()
    finding.of_scatters()
    finding.of_indices()
    finding.settle()
    finding.check_known()
    finding.call()
    return {space: finding.final(size) for space, size in names.items()}


class Lengths:
    def __init__(self, session: Session, names: dict[Space, Expr], given: Iterable[Space]) -> None:
        self.session, self.names = session, names
        self.given = {root for root in given if isinstance(root, Axis)}
        self.known = self.given | {root for root in names if isinstance(root, Axis) and root.length is not None}
        self.formulas: list[tuple[bool, int, Axis, Expr, Fail]] = []  # of axes of inputs last, else in the order of the text
        self.settled: dict[Expr, list[Expr]] = {names[root]: [length] for root, length in said(names)}
        self.order = {size: number for number, size in enumerate(names.values())}
        self.bases = {names[root] for root in self.given}
        self.counts: dict[tuple[Use, Space], Expr | None] = {}
        self.plain: dict[tuple[Expr, bool], Expr] = {}  # the settled ones, written out
        self.called: dict[Expr, Expr] = {}
        self.finals: dict[Expr, Expr] = {}

    def size(self, space: Space) -> Expr:
        return sympy.Mul(*(self.names[root] for root in resolve((space,))))

    # ------------------------------------------------------------ what says a length

    def check_starts(self) -> None:
        """No read begins before the first place."""
        for use in self.session.uses:
            least = sympy.expand(Span.of(use.form, self.size).smallest)
            if not use.padded and not use.guarded and at_least(-least, 1):
                outside = f"{use.written} begins before the first place, at {least}"
                use.fail(f"{outside}; pad({use.written}) is 0 there")

    def of_scatters(self) -> None:
        for targets in self.session.scatters:
            check_apart(targets, self.size)
            for target in targets:
                length = None if target.whole else extent(target, self.size)
                if length is not None:
                    self.say(target.run.space, length, target.fails[-1], target.order)
        for crop in self.session.crops:
            length = self.size(crop.whole.space) - 2 * number(crop.border, self.size)
            self.say(crop.run.space, sympy.expand(length), crop.fail, crop.order)

    def of_indices(self) -> None:
        """One index of each read runs as far as the read stays inside: the one that nothing else gives a length."""
        spent: set[Use] = set()
        sure = [one for one in self.session.unsized if not speaks_of_itself(one)]
        unsure = [one for one in self.session.unsized if speaks_of_itself(one)]
        while sure or unsure:
            found = next((one for one in sure if self.ready(one, spent)), None)
            told = None if found else next((one for one in (*unsure, *sure) if self.root(one.space) in self.known), None)
            found = found or (None if told else next((one for one in unsure if self.ready(one, spent)), None))
            if found:
                self.run_out(found, spent)
            elif told is None:
                worst = min((*sure, *unsure), key=lambda one: not one.bound)
                worst.uses[0].fail(worst.complaint)
            for waiting in (sure, unsure):
                waiting[:] = [one for one in waiting if one is not (found or told)]

    def run_out(self, one: Unsized, spent: set[Use]) -> None:
        """The index runs as far as the shortest of its reads goes."""
        uses = [use for use in one.uses if use not in spent]
        counts = [count for use in uses if (count := self.count(use, one.space)) is not None]
        spent.update(uses)
        self.say(one.space, Min(*counts), uses[0].fail, one.order)

    def ready(self, one: Unsized, spent: set[Use]) -> bool:
        """Whether the reads at an index say how far it runs: all other indices of theirs have lengths."""
        uses = [use for use in one.uses if use not in spent]
        others = [run.space for use in uses for run in use.form.free if run.space is not one.space]
        known = all(isinstance(space, Axis) and self.root(space) in self.known for space in others)
        return known and any(self.count(use, one.space) is not None for use in uses)

    def root(self, space: Space) -> Axis:
        assert isinstance(space, Axis)
        return space.root

    def say(self, space: Space, length: Expr, fail: Fail, order: int) -> None:
        self.formulas.append((self.root(space) in self.given, order, self.root(space), length, fail))
        self.known.add(self.root(space))

    def count(self, use: Use, space: Space) -> Expr | None:
        if (use, space) not in self.counts:
            self.counts[use, space] = self.counted(use, space)
        return self.counts[use, space]

    def counted(self, use: Use, space: Space) -> Expr | None:
        """How many places of an index a read stays inside its array for; None where it says nothing of that."""
        span, own = Span.of(use.form, self.size), self.size(space)
        run = next(run for run in use.form.free if run.space is space)
        step, rest = next((c for c, other in span.terms if other is run), Integer(0)), span.without(run)
        least, most = of_length(rest.smallest, own), of_length(rest.largest, own)
        if step == 0 or least is None or most is None:
            return None
        if at_least(-step, 0):  # it runs down: counted from its last place it runs up
            step, least, most = -step, (least[0] + step, least[1] - step), (most[0] + step, most[1] - step)
        every = sympy.expand(step + most[0])  # what one place more needs
        before = overhang(least[0] * own + least[1]) if use.padded else Integer(0)
        if not at_least(step, 0) or every == 0 or not at_least(every, 0) or before.has(own):
            return None
        room = sympy.expand(self.size(use.axis) - 1 + before - most[1])
        more = sympy.expand(room + step)
        shorter = every == step and len(Add.make_args(room)) <= len(Add.make_args(more))
        return whole_part(room, every) + 1 if shorter else whole_part(more, every)

    # ------------------------------------------------------------ lengths that agree

    def settle(self) -> None:
        """Every formula defines the length of its axis, or is a condition on others where that follows from it already."""
        for _, _, root, formula, fail in sorted(self.formulas, key=lambda formula: formula[:2]):
            self.accept(self.names[root], formula, fail)

    def accept(self, size: Expr, formula: Expr, fail: Fail) -> None:
        if formula.is_Integer and formula < 0:
            fail(f"the length of this axis would have to be {formula}")
        if size not in self.reached(formula):
            self.settled.setdefault(size, []).append(formula)
            self.plain.clear()
            return
        difference = sympy.expand(self.written_out(formula) - size)
        if difference == 0 or not (size in self.settled or size in self.bases):
            return
        if difference.is_number:
            fail(f"the length of this axis would have to be {self.written_out(formula)} and {size} at once")
        found = self.solved(difference, size) or self.conditions(formula, size)
        if not found:
            fail(f"the length of this axis, {size}, would follow from itself: {size} = {formula}")
        for other, length in found:
            self.accept(other, length, fail)

    def reached(self, formula: Expr) -> set[Expr]:
        """The sizes that a formula depends on."""
        found: set[Expr] = set()
        stack = [formula]
        while stack:
            for symbol in stack.pop().free_symbols - found:
                found.add(symbol)
                stack += self.settled.get(symbol, [])
        return found

    def written_out(self, formula: Expr, everything: bool = True) -> Expr:
        """The formula in lengths that no formula says; or, not everything, those that are sums of others written out alone."""
        inner = {}
        for symbol in formula.free_symbols & self.settled.keys():
            if (symbol, everything) not in self.plain:
                said = self.settled[symbol][0]
                known = everything or said.is_polynomial()
                self.plain[symbol, everything] = self.written_out(said, everything) if known else symbol
            inner[symbol] = self.plain[symbol, everything]
        return formula.xreplace(inner) if inner else formula

    def solved(self, difference: Expr, size: Expr) -> list[tuple[Expr, Expr]]:
        """A length of an input for which the difference is 0: a residual connection says how long its filters are."""
        if size in difference.free_symbols or not difference.is_polynomial():
            return []
        free = difference.free_symbols & self.bases - self.settled.keys()
        for other in sorted(free, key=self.order.__getitem__):
            factor = difference.coeff(other)
            if factor in (1, -1):
                return [(other, sympy.expand(other - difference * factor))]
        return []

    def conditions(self, formula: Expr, size: Expr) -> list[tuple[Expr, Expr]]:
        """What else a length has to be, for the formula to be the size: what is halved and doubled again has an even length."""
        for other in sorted(formula.free_symbols & self.settled.keys(), key=self.order.__getitem__):
            parts = of_length(formula, other)
            if parts and other not in self.reached(size - parts[1]) and at_least(parts[0], 1):
                rest = sympy.expand(size - parts[1])
                return [(other, whole_part(rest, parts[0])), (other, -whole_part(-rest, parts[0]))]
        return []

    def check_known(self) -> None:
        """Every axis has a length."""
        known = self.given | {root for root, size in self.names.items() if not is_open(size) or size in self.settled}
        for targets in self.session.scatters:
            for target in targets:
                if not target.whole and self.root(target.run.space) not in known:
                    needed = f"read {target.variable} together with a tensor that has one"
                    target.fails[-1](f"nothing gives axis {target.number} of {target.variable} a length; {needed}")
        for space, fail in self.session.spaces:
            for root in resolve((space,)):
                if isinstance(root, Axis) and root not in known:
                    fail()

    def call(self) -> None:
        """An axis as long as another goes by the name of whichever comes first."""
        for size, formulas in self.settled.items():
            found = {self.sum_of_known(formula): formula for formula in reversed(formulas)}
            formulas[:] = reversed(found.values())
            same = next(iter(found))
            if len(found) > 1 or same not in self.order:
                continue
            formulas[:] = [same]
            if self.order[size] < self.order[self.called.get(same, same)]:
                self.called[same] = size

    def sum_of_known(self, formula: Expr) -> Expr:
        return sympy.expand(self.written_out(formula, everything=False)) if formula.is_polynomial() else formula

    def final(self, size: Expr) -> Expr:
        """The length itself where it is that of another axis or a number, else a Derived of its formulas."""
        if size not in self.settled:
            return self.called.get(size, size)
        if size not in self.finals:
            inner = {symbol: self.final(symbol) for formula in self.settled[size] for symbol in formula.free_symbols}
            inner = {symbol: length for symbol, length in inner.items() if symbol != length}
            found = tuple(dict.fromkeys(formula.xreplace(inner) if inner else formula for formula in self.settled[size]))
            alone = len(found) == 1 and isinstance(found[0], Size | Constant | Integer)
            self.finals[size] = found[0] if alone else Derived(size.name, *found)
        return self.finals[size]


def said(names: dict[Space, Expr]) -> list[tuple[Axis, Expr]]:
    """The axes that have a length by the text, and one by formulas perhaps."""
    axes = [(axis, size) for axis, size in names.items() if isinstance(axis, Axis)]
    return [(axis, axis.length) for axis, size in axes if axis.length is not None and size != axis.length]


def speaks_of_itself(one: Unsized) -> bool:
    """Whether every read at the index names its length, as in x[k + size(k)]: one that another equation may give."""
    lengths = ((tree for tree in inside(use.form) if isinstance(tree, Length)) for use in one.uses)
    return all(any(tree.space is one.space for tree in found) for found in lengths)


def is_open(size: Expr) -> bool:
    return isinstance(size, Size) and not isinstance(size, Leading)


def of_length(value: Expr, own: Expr) -> tuple[Expr, Expr] | None:
    """The factor of a length in a value, and the rest; None where it is in it otherwise."""
    value = sympy.expand(value)
    factor = value.coeff(own)
    rest = sympy.expand(value - factor * own)
    return None if rest.has(own) or factor.has(own) else (factor, rest)


def whole_part(value: Expr, by: Expr) -> Expr:
    """value // by."""
    return value if by == 1 else sympy.floor(value / by if by.is_Integer else sympy.cancel(value / by))
