"""From the recorded steps of a derivation to a document: node by node, equation by equation, or the result alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sympy import Expr

from symbp.errors import SymbpError
from symbp.explain.assumptions import assumed, assumptions
from symbp.explain.choices import dangers, kept_section
from symbp.explain.lines import Chained, Document, Line, Partial, Section
from symbp.explain.matrices import Matrices, matrix_form
from symbp.explain.operations import saying, symbol
from symbp.explain.order import Names, names_of
from symbp.explain.printed import printed_remark, printed_section, printed_values
from symbp.explain.unicode import Unicode
from symbp.explain.words import IMPOSSIBLE, in_turn, remarks, why
from symbp.ir import Derived, Element, Equation, Index, Program, Reduce, Tensor, elements, free_indices, leaves, reads
from symbp.ir.derivation import Derivation, Phrase, Step

DEPTHS = ("nodes", "equations", "result")
UNFINISHED = "as derived"  # a search that ended early is told even though nothing changes
SAFE = "stable form"
KINDS = {  # of the lines that a rule gives, where they are no mere equality
    "upstream": "given",
    UNFINISHED: "choice",
}


def document(derivation: Derivation, depth: str = "nodes") -> Document:
    """The derivation of a layer: node by node, equation by equation, or its result alone.

    Raises:
        SymbpError: there is no such depth.
    """
    if depth not in DEPTHS:
        raise SymbpError(f"depth {depth!r}: expected one of {', '.join(DEPTHS)}")
    names = _with_totals(names_of([derivation.forward, derivation.nodes, *printed_values(derivation)]), derivation)
    middle = {"nodes": _node_sections, "equations": _equation_sections, "result": _no_sections}[depth](derivation, names)
    stated = (*_stated(derivation.forward, "definition", names), *_lengths(derivation.forward))
    forward = Section(Phrase("title:forward"), stated)
    result = Section(Phrase("title:result"), _stated(derivation.backward, "equality", names))
    chosen = (*_stable_sections(derivation), *kept_section(derivation))
    sections = (forward, *middle, result, *printed_section(derivation), *chosen)
    products = any(isinstance(line.sides[0], Matrices) for line in (*forward.lines, *result.lines))
    said = (*remarks(derivation), *([Phrase("remark:matrices")] if products else []), *assumed(derivation), *printed_remark(derivation))
    return Document(derivation.forward.name, depth, sections, said, names)


def _with_totals(names: Names, derivation: Derivation) -> Names:
    """The names with the whole cotangents of outputs that are read as well: the upstream one and what comes back."""
    targets = dict.fromkeys(step.target.name for step in (*derivation.steps, *derivation.node_steps))
    pairs = [(name, t) for name in targets for t in derivation.upstream if re.fullmatch(rf"{re.escape(t.name)}_total\d*", name)]
    return replace(names, cotangents={name: names.cotangents[t.name] for name, t in pairs if t.name in names.cotangents} | names.cotangents)


def _stated(program: Program, kind: str, names: Names) -> tuple[Line, ...]:
    """Its equations, and below each that is a product of matrices that form."""
    forms = [(equation, matrix_form(equation, names)) for equation in program.equations]
    below = [(Line(form, why=(Phrase("matrices"),)),) if form else () for _, form in forms]
    return tuple(line for (e, _), matrices in zip(forms, below, strict=True) for line in (_numbered(e, kind), *matrices))


def _numbered(equation: Equation, kind: str) -> Line:
    mark = f"({equation.number})" if equation.number else ""
    return Line((equation.target, equation.value), why=(in_turn(equation.loop),) if equation.loop else (), kind=kind, mark=mark)


def _lengths(program: Program) -> tuple[Line, ...]:
    """The lengths that follow from others."""
    sizes = {i.size for e in program.equations for i in (*e.target.atoms(Index), *e.value.atoms(Index))}
    derived = sorted((size for size in sizes if isinstance(size, Derived)), key=str)
    return tuple(Line((size, *size.formulas), why=(Phrase("length"),), kind="definition") for size in derived)


def _no_sections(derivation: Derivation, names: Names) -> tuple[Section, ...]:
    return ()


def _stable_sections(derivation: Derivation) -> tuple[Section, ...]:
    """The equations whose safe form differs from the derived one, with the reason, and what each avoids."""
    steps = [step for step in derivation.steps if step.rule == SAFE]
    pairs = zip(steps, dangers(steps), strict=True)
    lines = tuple(line for step, avoided in pairs for line in (_line(step, (step.target, step.after)), *avoided))
    return (Section(Phrase("title:stable"), lines),) if lines else ()


def _line(step: Step, sides: tuple[Any, ...], says: Phrase | None = None, kind: str = "equality") -> Line:
    mark = f"({step.number})" if step.number else ""
    return Line(sides, step.rule, why(step, says), step.proof, KINDS.get(step.rule, kind), mark, assumptions(step))


# ---------------------------------------------------------------- node by node


def _node_sections(derivation: Derivation, names: Names) -> tuple[Section, ...]:
    numbers = {e.name: f"{n}." for n, e in enumerate(derivation.nodes.equations, 1)}
    split = tuple(_operation(e, names, numbers[e.name]) for e in derivation.nodes.equations)
    walk, rewriting = _parted(derivation.node_steps)
    sections = [Section(Phrase("title:operations"), split)]
    scene = _scene(names, derivation.nodes, derivation.node_steps, primitive=True)
    for owner, group in groupby(_owned(walk, names), key=lambda pair: pair[0]):
        sections.append(_node_section(owner, [step for _, step in group], scene, numbers))
    if rewriting:
        sections.append(Section(Phrase("title:rewriting"), _chained_lines(rewriting, names)))
    return tuple(sections)


def _operation(equation: Equation, names: Names, mark: str) -> Line:
    """The equation of a node, with the symbol of what it does."""
    says = (Phrase("operation", (symbol(equation.value, names),)),)
    return Line((equation.target, equation.value), why=says, kind="definition", mark=mark)


def _parted(steps: tuple[Step, ...]) -> tuple[list[Step], list[Step]]:
    """The reverse walk, and what rewrites its outcome: everything after the last use of the chain rule or accumulation."""
    moves = [k for k, step in enumerate(steps) if step.rule in ("upstream", "chain rule", "accumulate", "zero")]
    end = moves[-1] + 1 if moves else 0
    return [s for s in steps[:end] if s.rule != "definition"], list(steps[end:])


def _owned(steps: list[Step], names: Names) -> list[tuple[str, Step]]:
    """Each step with the value whose node it belongs to: a cotangent's own steps to that value, the others to the consumer."""
    owner, owned = "", []
    for step in steps:
        if step.rule == "local derivative" or step.operand is None:
            owner = names.cotangents.get(step.target.name, step.target.name)
        owned.append((owner, step))
    return owned


def _node_section(owner: str, steps: list[Step], scene: Scene, numbers: dict[str, str]) -> Section:
    lines = _step_lines(steps, scene)
    equation = scene.program.definitions.get(owner)
    if equation is None:
        return Section(Phrase("title:input", (owner,)), lines)
    head = _operation(equation, scene.names, numbers[owner])
    return Section(Phrase("title:node", (numbers[owner][:-1],)), (head, *lines))


def _uses(program: Program) -> dict[str, int]:
    """How many contributions each tensor receives: one for each different element of it that an equation of real values reads."""
    read = [e for equation in program.equations if equation.target.head.kind == "real" for e in equation.value.atoms(Element)]
    return dict(Counter(element.name for element in read))


# ---------------------------------------------------------------- equation by equation


def _equation_sections(derivation: Derivation, names: Names) -> tuple[Section, ...]:
    """One block for each cotangent: the local derivatives and contributions that lead to it, then its rewriting."""
    scene = _scene(names, derivation.forward, derivation.steps, primitive=False)
    blocks: dict[str, list[Step]] = {}
    steps = [step for step in derivation.steps if step.rule not in ("definition", SAFE, IMPOSSIBLE)]
    for k, step in enumerate(steps):
        blocks.setdefault(_cotangent_of(steps[k:], names), []).append(step)
    return tuple(Section(_title(name, names), _step_lines(found, scene)) for name, found in blocks.items())


def _title(value: str, names: Names) -> Phrase:
    return Phrase("title:cotangent" if value in names.cotangents.values() else "operation", (value,))


def _cotangent_of(steps: list[Step], names: Names) -> str:
    """Whose cotangent the first step leads to: its target's, its operand's, or, on the way into a reduction, that of the next."""
    step = steps[0]
    if step.target.name in names.cotangents:
        return names.cotangents[step.target.name]
    if isinstance(step.operand, Element):
        return step.operand.name
    following = next((s.target.name for s in steps if s.rule == "chain rule"), step.target.name)
    return names.cotangents.get(following, following)


# ---------------------------------------------------------------- steps to lines


@dataclass(frozen=True)
class Scene:
    """What the lines of a section are written against."""

    names: Names
    program: Program
    uses: dict[str, int]
    opened: frozenset[tuple[str, str]]  # bodies of reductions that the walk goes into, with the value whose equation they are in
    primitive: bool  # is each equation one operation, which has a saying?


def _scene(names: Names, program: Program, steps: tuple[Step, ...], primitive: bool) -> Scene:
    printer = Unicode(names)
    into = [(s.target.name, s.operand) for s in steps if s.rule == "local derivative" and isinstance(s.operand, Reduce)]
    opened = frozenset((name, printer.formula(node.body)) for name, node in into)
    return Scene(names, program, _uses(program), opened, primitive)


def _step_lines(steps: list[Step], scene: Scene) -> tuple[Line, ...]:
    lines: list[Line] = []
    partial, printer = None, Unicode(scene.names)
    for step in steps:
        if step.rule == "local derivative" and step.before is not None and step.operand is not None:
            before = printer.formula(step.before)
            inside = (step.target.name, before) in scene.opened and not _is_slope_of_whole(step, scene.program)
            partial = Partial(step.before if inside else step.target, step.operand)
            if before != printer.formula(step.operand):  # else a plain reduction, or the plain body of one: nothing to say
                lines.append(_line(step, (partial, step.after), _local_saying(step, scene)))
        elif step.rule == "chain rule":
            lines.append(_chain_line(step, partial, scene))
        else:
            lines = _rewritten(lines, step, scene.names, partial)
    return tuple(lines)


def _is_slope_of_whole(step: Step, program: Program) -> bool:
    """Is what is differentiated a term of the sum that the equation computes, and its slope that of the sum? That is so where no
    other term has the operand."""
    equation = program.definitions.get(step.target.name)
    if equation is None or not isinstance(equation.value, Reduce) or equation.value.op != "sum" or not isinstance(step.operand, Element):
        return False
    pinned = {*free_indices(step.target), *(i for i in step.operand.position if isinstance(i, Index))}
    once = sum(element.name == step.operand.name for element in elements(equation.value)) == 1
    return _alike(step.before, equation.value.body, Names()) and once and set(free_indices(step.before)) <= pinned


def _local_saying(step: Step, scene: Scene) -> Phrase | None:
    equation = scene.program.definitions.get(step.target.name)
    says = saying(equation.value, step.operand, scene.names) if equation and scene.primitive and step.operand else None
    return says or (Phrase("reduction held fixed") if _stands_twice(step) else None)


def _stands_twice(step: Step) -> bool:
    """Does the operand stand in a reduction as well? Its derivative through that is another contribution."""
    if step.before is None or not isinstance(step.operand, Element):
        return False
    return any(isinstance(leaf, Reduce) and step.operand.name in reads([leaf]) for leaf in leaves(step.before))


def _chain_line(step: Step, partial: Partial | None, scene: Scene) -> Line:
    value = scene.names.cotangents.get(step.target.name, "")
    several = scene.uses.get(value, 1) > 1 or step.target.name != f"d{value}"  # else the upstream cotangent is added
    source = _source(step, partial, scene)
    says = "one of several" if several else "plain sum" if _is_plain_sum(partial, scene) else ""
    sides = (step.target, *((source,) if source else ()), step.after)
    return _line(step, sides, Phrase(says) if says else None, "contribution" if several else "equality")


def _is_plain_sum(partial: Partial | None, scene: Scene) -> bool:
    equation = scene.program.definitions.get(partial.value.name) if partial and isinstance(partial.value, Element) else None
    value = equation.value if equation else None
    return isinstance(value, Reduce) and value.op == "sum" and isinstance(value.body, Element)


def _source(step: Step, partial: Partial | None, scene: Scene) -> Chained | None:
    """Σ dy·∂y/∂x over what x does not have, where x is read at the very indices that dx is stated for."""
    if partial is None or not isinstance(partial.value, Element) or partial.operand != step.operand:
        return None
    if not isinstance(step.operand, Element) or not (scene.names.elementwise or step.operand.position == step.target.position):
        return None
    value = partial.value
    over = tuple(i for i in free_indices(value) if i not in step.operand.position and not scene.names.elementwise)
    whole = next(name for name, of in scene.names.cotangents.items() if of == value.name)  # with what comes back, if anything does
    return Chained(Element(Tensor(whole, value.head.shape), *value.position), partial, over)


def _rewritten(lines: list[Line], step: Step, names: Names, partial: Partial | None = None) -> list[Line]:
    """The lines with one more: it goes on from the last where that states the same value, and only marks it if nothing changes."""
    if step.rule == "upstream":
        return [*lines, _line(step, (step.target,))]
    about_value = step.operand is not None and step.target.name not in names.cotangents
    subject = (partial or Partial(step.target, step.operand)) if about_value and step.operand else step.target
    same = bool(lines) and _subject(lines) == subject and lines[-1].sign == "="
    if same and _alike(lines[-1].sides[-1], step.after, names) and step.rule != UNFINISHED:
        return [*lines[:-1], replace(lines[-1], mark=f"({step.number})" if step.number else lines[-1].mark)]
    if same:
        return [*lines, _line(step, (None, step.after))]
    before = () if step.before is None or step.before == subject else (step.before,)
    return [*lines, _line(step, (subject, *before, step.after))]


def _subject(lines: list[Line]) -> Any:
    """What the last line, or the one that it goes on from, is about."""
    return next((line.sides[0] for line in reversed(lines) if line.sides[0] is not None), None)


def _alike(one: Any, other: Expr, names: Names) -> bool:
    """Do the two read the same?"""
    printer = Unicode(names)
    return isinstance(one, Expr) and printer.formula(one) == printer.formula(other)


def _chained_lines(steps: list[Step], names: Names) -> tuple[Line, ...]:
    """Rewriting steps, cotangent by cotangent; definitions of new names stand as they are."""
    lines: list[Line] = []
    for step in steps:
        lines = _rewritten(lines, step, names)
    return tuple(lines)
