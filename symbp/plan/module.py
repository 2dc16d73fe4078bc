"""A derivation -> a ModulePlan: what to compute, in which order, and what to save between the passes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy import Expr

from symbp.errors import EmitError
from symbp.ir import Bracket, Element, Index, Inverse, Leading, Reduce, Size, Tensor, Where, elements, reads
from symbp.plan import carried, checks, extents, lengths, loops, passes, settle
from symbp.plan.arrays import REAL, Array, Assign, Call, Length, Name, Statement, dims, names, replace, rewrite, targets
from symbp.plan.lower import Lowering
from symbp.plan.model import Argument, Field, Keyword, ModulePlan
from symbp.plan.share import Namer, share

if TYPE_CHECKING:
    from symbp.ir import Program
    from symbp.ir.derivation import Derivation
    from symbp.language import Definition

IMPORTED = frozenset({"np", "math", "csr_matrix", "NamedTuple", "float"})
RESERVED = IMPORTED | {"forward", "backward", "residuals", "wrt", "self", "Residuals", "Gradients", "LAYER", "AXES"}
LOOPS = frozenset({"range", "reversed"})  # what a module with a recurrence calls


def plan(definition: Definition, derivation: Derivation) -> ModulePlan:
    """Everything that a module says.

    Raises:
        EmitError: a name that the module itself needs, a function without a form in NumPy, or nothing to differentiate.
    """
    forward, backward = derivation.stable or (derivation.forward, derivation.backward)
    _refuse(definition.program)
    layer = _Layer(definition.program, *carried.named(forward, backward, RESERVED))
    if not layer.upstream:
        raise EmitError(f"{definition.name}: no output depends on a real input, so there is nothing to differentiate")
    ahead, behind, namer = _passes(layer)
    return _assembled(definition, layer, ahead, behind, namer)


@dataclass(frozen=True)
class _Layer:
    """The equations of one layer."""

    program: Program  # as the user wrote them
    forward: Program  # as they are computed
    backward: Program

    @property
    def gradients(self) -> tuple[str, ...]:
        """The names of the inputs that have one."""
        return tuple(t.name.removeprefix("d") for t in self.backward.outputs)

    @property
    def constants(self) -> list[str]:
        return [constant.name for constant, _ in self.program.constants]

    @property
    def upstream(self) -> tuple[Tensor, ...]:
        return tuple(t for t in self.backward.inputs if t.name not in self.forward.tensors)

    @property
    def kinds(self) -> dict[str, str]:
        """What each constant is: a real number, or a part of lengths and positions."""
        return {c.name: kind for c, kind in extents.kinds(self.program, self.forward, self.backward).items()}

    @property
    def real(self) -> Name:
        """A real input, for its dtype."""
        return next(Name(t.name) for t in self.program.inputs if t.kind == "real")


def _refuse(program: Program) -> None:
    for name in (*(t.name for t in program.inputs), *(c.name for c, _ in program.constants), *(e.name for e in program.equations)):
        if name in RESERVED or (name in LOOPS and any(e.loop for e in program.equations)):
            raise EmitError(f"{program.name}: {name} is a name of the generated module itself; call the tensor something else")
    if not any(t.kind == "real" for t in program.inputs):
        raise EmitError(f"{program.name}: no input is real, so there is nothing to differentiate")
    if not any(t.kind == "real" for t in program.outputs):
        raise EmitError(f"{program.name}: no output is real, so there is nothing to differentiate")


def _passes(layer: _Layer) -> tuple[list[Statement], list[Statement], Namer]:
    """Forward and backward as statements, with common values named."""
    forward, backward = _postponed(layer)
    outputs, cotangents = {t.name for t in layer.program.outputs}, tuple(f"d{name}" for name in layer.gradients)
    shifts = frozenset(e.name for e in forward.equations if isinstance(e.value, Reduce) and e.value.op in ("max", "min"))
    own_maxima = any(r.op in ("max", "min") for e in layer.program.equations for r in e.value.atoms(Reduce))
    first = frozenset(name for name in backward.tensors if name not in layer.forward.tensors)
    known = checks.known_inside(layer.program)
    front = Lowering(frozenset(), shifts, not own_maxima, layer.program.name, known)
    back = Lowering(first, shifts, not own_maxima, layer.program.name, known)
    namer = Namer({*RESERVED, *LOOPS, "dtype", *layer.constants, *forward.tensors, *backward.tensors})
    steps = loops.indices((forward, backward), namer)
    behind = passes.live(loops.statements(back, backward, steps), set(cotangents))
    ahead = passes.live(loops.statements(front, forward, steps), outputs | passes.read(behind))
    ahead, behind = passes.without_copies(ahead, behind, outputs)
    ahead, behind = settle.narrowed(ahead, outputs | passes.read(behind)), settle.narrowed(behind, set(cotangents))
    ahead, behind = share(ahead, behind, set(layer.constants), cotangents, namer)
    ahead = [rewrite(s, lambda node: replace(node, {REAL: layer.real})) for s in ahead]
    behind = [rewrite(s, lambda node: replace(node, {REAL: Name(layer.upstream[0].name)})) for s in behind]
    behind = passes.separate(behind, cotangents, namer)
    ahead = passes.returned(ahead, outputs)
    behind = passes.returned(behind, set(cotangents), passes.spare(behind, set(cotangents)))
    return settle.settled(ahead), settle.settled(behind), namer


def _postponed(layer: _Layer) -> tuple[Program, Program]:
    """Forward and backward, where an inverse that backward alone needs is computed there: a determinant is 0 where there is none."""
    forward, backward = layer.forward, layer.backward
    needed = {t.name for t in layer.program.outputs} | reads(e.value for e in forward.equations)
    late = tuple(e for e in forward.equations if isinstance(e.value, Inverse) and e.name not in needed and not e.loop)
    kept = tuple(e for e in forward.equations if e not in late)
    return dataclasses.replace(forward, equations=kept), dataclasses.replace(backward, equations=(*late, *backward.equations))


# ---------------------------------------------------------------- residuals


def _assembled(definition: Definition, layer: _Layer, ahead: list[Statement], behind: list[Statement], namer: Namer) -> ModulePlan:
    program, tensors = layer.program, layer.forward.tensors
    apart = not _is_elementwise(program)
    saved = _saved(layer, ahead, behind)
    arrays = tuple(tensors[name] for name in saved if name in tensors)
    labels = lengths.labels(_sizes(layer.forward, layer.backward), namer, all(len(t.shape) < 2 for t in tensors.values()))
    outputs = {f"d{t.name}": t for t in program.outputs}
    shapes = {u.name: _shape(outputs[u.name], arrays) for u in layer.upstream}
    measured = {name for shape in shapes.values() for name in names(shape)}
    saved += [name for name in layer.constants if name in measured and name not in saved]
    after = lengths.Lengths(arrays, labels).find(lengths.needed([*shapes.values(), *(n for s in behind for n in s.nodes)]))
    ranges, lowering = _ranges((program, layer.forward)), Lowering(layer=program.name)
    inside = checks.checks(lowering, program)
    needed = {*after.missing, *lengths.needed([*(n for s in ahead for n in s.nodes), *(length for _, length in ranges), *inside])}
    before = lengths.Lengths(program.inputs, labels, extents.formulas(lowering, program)).find(needed)
    dtype = next((Call("dtype", (Name(t.name),)) for t in arrays if t.kind == "real"), None)
    ahead = before.resolve(ahead)
    fields = [_field(name, layer, ahead) for name in saved]
    fields += [Field(labels[n], "shape" if n.form == "shape" else "int", before.values[n]) for n in after.missing]
    fields += [] if dtype else [Field("dtype", "dtype", Call("dtype", (layer.real,)))]
    return ModulePlan(
        name=definition.name,
        text=definition.text,
        called=definition.called,
        doc=definition.doc,
        elementwise=not apart,
        arguments=tuple(Argument(t.name, axes_of(t, apart), t.kind, t.name in definition.parameters) for t in program.inputs),
        constants=tuple(Keyword(c.name, default, layer.kinds[c.name]) for c, default in program.constants),
        outputs=tuple((t.name, axes_of(t, apart)) for t in program.outputs),
        ranges=tuple((name, replace(length, before.values)) for name, length in ranges),
        lengths=tuple(before.lines),
        checks=tuple(replace(check, {**before.values, REAL: layer.real}) for check in inside),
        forward=tuple(ahead),
        residuals=tuple(fields),
        prelude=tuple(after.lines),
        upstream=tuple((u.name, replace(shapes[u.name], after.values)) for u in layer.upstream),
        dtype=dtype or Name("dtype"),
        backward=passes.groups(after.resolve(behind), layer.gradients),
        gradients=layer.gradients,
        kinks=_has_kink(program),
        **(_broadcast(program) if apart else {}),
    )


def _broadcast(program: Program) -> dict[str, Any]:
    """The inputs that are broadcast together, one of each shape, and one of the shape that they have then."""
    leads = {tensor.shape[0]: tensor.name for tensor in reversed(program.inputs) if tensor.shape and isinstance(tensor.shape[0], Leading)}
    together = [size for size in _sizes(program) if isinstance(size, Leading) and size.parts]
    if len(together) != 1 or not leads.keys() >= set(together[0].parts):
        return {}
    return {"parts": tuple(leads[part] for part in together[0].parts), "joint": leads.get(together[0], "")}


def _is_elementwise(program: Program) -> bool:
    """Whether the inputs have any shapes that broadcast."""
    alone = all(len(t.shape) == 1 and isinstance(t.shape[0], Leading) and not t.shape[0].parts for t in program.inputs)
    return alone and len({t.shape for t in program.inputs}) == len(program.inputs)


def _saved(layer: _Layer, ahead: list[Statement], behind: list[Statement]) -> list[str]:
    """What backward reads of what forward knows: inputs first, then in the order of computation, then constants."""
    known = [t.name for t in layer.program.inputs] + [s.target for s in ahead if isinstance(s, Assign)] + layer.constants
    read = passes.read(behind) - {name for s in behind for name in targets(s)}
    return [name for name in dict.fromkeys(known) if name in read]


def _sizes(*programs: Program) -> set[Expr]:
    found = {size for p in programs for t in p.tensors.values() for size in t.shape if isinstance(size, Size)}
    found |= {s for p in programs for s in extents.lengths_in(p) if isinstance(s, Size)}
    return found | {part for size in found if isinstance(size, Leading) for part in size.parts}


def _shape(output: Tensor, arrays: tuple[Tensor, ...]) -> Array:
    """The shape of an output: that of a saved array, if one has it."""
    same = next((t for t in arrays if t.shape == output.shape), None)
    if same and output.shape:
        return Call("shape", (Name(same.name),))
    return dims(*(Length(s, "shape") if isinstance(s, Leading) else Lowering().scalar(s) for s in output.shape))


def _field(name: str, layer: _Layer, ahead: list[Statement]) -> Field:
    tensors = layer.forward.tensors
    if name in tensors:
        return Field(name, "array", Name(name), axes_of(tensors[name]))
    if name in layer.constants:
        return Field(name, "float" if layer.kinds[name] == "real" else "int", Name(name))
    definition = next(s.value for s in ahead if isinstance(s, Assign) and s.target == name)
    return Field(name, "array", Name(name), None, definition)


def axes_of(tensor: Tensor, apart: bool = False) -> tuple[str, ...]:
    """The axes by name: the lower-case name of the length, as the user called the index that first ran over it. Leading axes
    of several tensors that are no others than those of one have names of their own where that is told ``apart``."""

    def name(size: Expr) -> str:
        if isinstance(size, Leading):
            return size.name if apart else "..."
        return size.name.lower() if isinstance(size, Size) else str(size)

    return tuple(map(name, tensor.shape))


def _ranges(programs: Iterable[Program]) -> tuple[tuple[str, Array], ...]:
    """The integer inputs that are used as positions."""
    found: dict[tuple[str, Expr], None] = {}
    for program in programs:
        inputs = {t.name for t in program.inputs}
        for element in (e for equation in program.equations for e in elements(equation.value)):
            for position, size in zip(element.position, element.head.shape, strict=True):
                if isinstance(position, Element) and position.name in inputs:
                    found[position.name, size] = None
        for bracket in (b for equation in program.equations for b in equation.value.atoms(Bracket)):
            axis, place = bracket.args
            if isinstance(axis, Index) and isinstance(place, Element) and place.name in inputs:
                found[place.name, axis.size] = None
    return tuple((name, Lowering().scalar(size)) for name, size in sorted(found, key=str))


def _has_kink(program: Program) -> bool:
    """Whether a convention decides a derivative somewhere: a comparison of real values, a maximum, an absolute value."""
    values = [equation.value for equation in program.equations]
    choices = any(element.head.kind == "real" for v in values for w in v.atoms(Where) for element in elements(w.condition))
    maxima = any(r.op in ("max", "min") for v in values for r in v.atoms(Reduce))
    return choices or maxima or any(type(f).__name__ in ("Abs", "sign") for v in values for f in v.atoms(Expr))
