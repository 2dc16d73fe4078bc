"""Where the lengths of axes come from: the shapes of the arrays at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy

from symbp.ir import Leading, Tensor
from symbp.plan.arrays import Array, Assign, Call, Length, Name, Statement, replace, rewrite, walk
from symbp.plan.share import Namer


@dataclass
class Lengths:
    """The lengths that one function needs: what each is in the code, the lines before, and what no array at hand tells."""

    arrays: tuple[Tensor, ...]
    labels: dict[Length, str]
    formulas: Mapping[sympy.Expr, tuple[Array, ...]] = field(default_factory=dict)  # of lengths that follow from others
    values: dict[Array, Array] = field(default_factory=dict)
    lines: list[Assign] = field(default_factory=list)
    missing: list[Length] = field(default_factory=list)

    def find(self, needed: Iterable[Length]) -> Lengths:
        every = self._with_their_parts(set(needed)) - set(self.values)
        wanted = sorted(every, key=lambda n: (n.form == "count", str(n.size)))
        for length in wanted:
            if isinstance(length.size, Leading):
                self._lead(length)
        follow = [n for n in wanted if self._follows(n)]
        self._axes([n for n in wanted if not isinstance(n.size, Leading) and n not in follow])
        for length in follow:
            self._derive(length)
        return self

    def _follows(self, length: Length) -> bool:
        """Whether it is computed: it follows from other lengths, and no array at hand tells it."""
        return length.size in self.formulas and not any(length.size in t.shape for t in self.arrays)

    def _with_their_parts(self, lengths: set[Length]) -> set[Length]:
        """The lengths, and those that they follow from."""
        parts = {part for n in lengths if self._follows(n) for part in needed(self.formulas[n.size])}
        return lengths if parts <= lengths else self._with_their_parts(lengths | parts)

    def _derive(self, length: Length) -> None:
        """A line for it, after those of the lengths that it follows from."""
        if length in self.values:
            return
        formulas = self.formulas[length.size]
        for part in sorted(needed(formulas), key=str):
            if self._follows(part):
                self._derive(part)
        value = Call("fitting", tuple(replace(f, self.values) for f in formulas), (str(length.size).lower(),))
        self._name(length, value)

    def _lead(self, length: Length) -> None:
        source = next((t for t in self.arrays if t.shape and t.shape[0] == length.size), None)
        if source is None:
            self._joint(length)
        elif len(source.shape) == 1:
            self.values[length] = Call("shape" if length.form == "shape" else "size", (Name(source.name),))
        else:
            lead = Call("lead", (Name(source.name),), (len(source.shape) - 1,))
            known = self.values.get(Length(length.size, "shape"), lead)
            self._name(length, lead if length.form == "shape" else Call("prod_of", (known,)))

    def _joint(self, length: Length) -> None:
        """The shape that several are broadcast to."""
        parts = [next((t for t in self.arrays if t.shape == (part,)), None) for part in length.size.parts]
        if not parts or None in parts:
            self.missing.append(length)
            self.values[length] = Name(self.labels[length])
            return
        joint = Call("broadcast_shapes", tuple(Call("shape", (Name(t.name),)) for t in parts if t))
        self._name(length, joint if length.form == "shape" else Call("prod_of", (joint,)))

    def _name(self, length: Length, value: Array) -> None:
        self.values[length] = Name(self.labels[length])
        self.lines.append(Assign(self.labels[length], value))

    def _axes(self, wanted: list[Length]) -> None:
        """As few lines as possible: the array that tells most first."""
        while wanted:
            told = [(t, [n for n in wanted if n.size in t.shape]) for t in self.arrays]
            best = max(told, key=lambda pair: len(pair[1]), default=None)
            if best is None or not best[1]:
                break
            self._unpack(*best)
            wanted = [n for n in wanted if n not in best[1]]
        for length in wanted:
            self.missing.append(length)
            self.values[length] = Name(self.labels[length])

    def _unpack(self, tensor: Tensor, found: list[Length]) -> None:
        shape = Call("shape", (Name(tensor.name),))
        for length in found:
            self.values[length] = Name(self.labels[length])
        leading = isinstance(tensor.shape[0], Leading)
        if leading or (len(found) == 1 and len(tensor.shape) > 1):
            for length in sorted(found, key=lambda n: tensor.shape.index(n.size)):
                place = tensor.shape.index(length.size) - len(tensor.shape) * leading
                self.lines.append(Assign(self.labels[length], Call("item", (shape,), (place,))))
            return
        sizes = {n.size: self.labels[n] for n in found}
        parts = [sizes.pop(size, "_") for size in tensor.shape]
        self.lines.append(Assign(", ".join(parts) if len(parts) > 1 else f"({parts[0]},)", shape))

    def resolve(self, statements: list[Statement]) -> list[Statement]:
        return [rewrite(s, lambda node: replace(node, self.values)) for s in statements]


def needed(nodes: Iterable[Array]) -> set[Length]:
    return {part for node in nodes for part in walk(node) if isinstance(part, Length)}


def labels(sizes: set[sympy.Expr], namer: Namer, whole: bool) -> dict[Length, str]:
    """What each length is called: N; rows and lead (or shape, if they are all) of leading axes; x_shape of a broadcast tensor."""
    found: dict[Length, str] = {}
    for size in sorted(sizes, key=lambda s: (not isinstance(s, Leading), str(s))):
        if isinstance(size, Leading):
            own = size.name.removeprefix("...").lstrip("0123456789")  # a second ... is called ...2
            found[Length(size, "shape")] = namer.fresh(f"{own}_shape" if own else "shape" if whole else "lead")
            found[Length(size)] = namer.fresh(f"{own}_count" if own else "rows")
        else:
            found[Length(size)] = namer.fresh(size.name if size.name not in namer.taken else f"{size.name}_size")
    return found
