"""How the module treats what it is given: shapes, dtypes, memory layouts, arguments that stay as they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from symbp.check.exact import EXACT_FAILURES, Exact
from symbp.check.layouts import Layout, derived, is_elementwise, leadings, machine_at, shape_of, sizes, spans
from symbp.check.report import Measurement, Row, listed, measured, not_applicable
from symbp.check.samples import Case, Samples, draw
from symbp.check.subject import Subject
from symbp.ir import Bracket, Index, Leading, Reduce, elements

WHOLE_DRAWS = 20  # how often whole numbers are drawn
FLOAT32 = 2e-4  # allowed between float32 and float64, relative to the largest value


def results(subject: Subject, arrays: Mapping[str, Any], constants: Mapping[str, Any], upstream: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs by name and gradients by name with a d in front."""
    outputs, residuals = subject.forward(arrays, constants)
    return outputs | {f"d{name}": g for name, g in subject.backward(upstream, residuals).items()}


def _plain(subject: Subject, case: Case) -> dict[str, Any]:
    return results(subject, case.arrays, case.constants, case.upstream)


def _apart(name: str, found: Any, expected: Any, tolerance: float, where: str) -> Measurement:
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        return Measurement(np.inf, tolerance, f"{name} has shape {found.shape}, expected {expected.shape}; {where}")
    scale = max(0.1, float(np.max(np.abs(expected), initial=0)))
    error = float(np.max(np.abs(found.astype(float) - expected), initial=0)) / scale
    return Measurement(error, tolerance, f"{name}; {where}")


# ---------------------------------------------------------------- shapes


def shapes_are_kept(subject: Subject, samples: Samples) -> Row:
    """A gradient has the shape of its input, an output that of the definition; empty arrays too."""
    empty = list(_empty_layouts(subject, samples.ordinary[0]))
    faults = itertools.chain(*(_wrong_shapes(subject, case) for case in samples.ordinary), *(_empty(subject, layout) for layout in empty))
    tried = f"{len(samples.ordinary)} cases, {len(empty)} with an empty axis"
    return listed("shapes", tried, len(samples.ordinary) + len(empty), faults)


def _wrong_shapes(subject: Subject, case: Case) -> Iterator[str]:
    found = _plain(subject, case)
    for tensor in subject.program.outputs:
        expected = case.values[tensor.name].shape
        if np.shape(found[tensor.name]) != expected:
            yield f"{tensor.name} has shape {np.shape(found[tensor.name])}, expected {expected}; {case.words}"
    for tensor in subject.real_inputs:
        expected = np.shape(case.arrays[tensor.name])
        if np.shape(found[f"d{tensor.name}"]) != expected:
            yield f"d{tensor.name} has shape {np.shape(found[f'd{tensor.name}'])}, expected {expected}; {case.words}"


def _empty_layouts(subject: Subject, case: Case) -> Iterator[Layout]:
    """The layout with one axis empty: a leading one, or one that is neither reduced over nor indexed into."""
    program = subject.program
    exprs = [e.value for e in program.equations]
    reduced = {i.size for expr in exprs for r in expr.atoms(Reduce) for i in r.indices}
    many = leadings(program)
    if many and not any(isinstance(size, Leading) for size in reduced):
        yield case.layout | dict.fromkeys(many, (0,))
        yield case.layout | dict.fromkeys(many, (2, 0))
    kept = {size for t in program.outputs for size in t.shape} - reduced
    lengths = spans(program) | {formula for size in derived(program) for formula in size.formulas}
    for size in sizes(program):
        alone = not any(size in length.free_symbols for length in lengths - {size})
        if size in kept and alone and not _is_indexed_into(subject, size):
            yield case.layout | {size: 0}


def _is_indexed_into(subject: Subject, size: Any) -> bool:
    """Whether a position on an axis of this length is anything but a plain index, where it is read or added to."""
    read = (element for e in subject.program.equations for expr in (e.target, e.value) for element in elements(expr))
    pairs = (pair for element in read for pair in zip(element.position, element.head.shape, strict=True))
    added = (b.args for e in subject.program.equations for b in e.value.atoms(Bracket) if isinstance(b.args[0], Index))
    met = any(axis.size == size and not isinstance(place, Index) for axis, place in added)
    return met or any(length == size and not isinstance(position, Index) for position, length in pairs)


def _empty(subject: Subject, layout: Layout) -> Iterator[str]:
    rng = np.random.default_rng(0)
    arrays = draw(subject.program, layout, lambda rng, shape: rng.uniform(0.1, 0.9, shape), {}, rng)
    outputs, residuals = subject.forward(arrays, {})
    machine = machine_at(subject.program, layout, {})
    words = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    for tensor in subject.program.outputs:
        expected = shape_of(tensor, machine)
        if np.shape(outputs[tensor.name]) != expected:
            yield f"{tensor.name} has shape {np.shape(outputs[tensor.name])}, expected {expected}; {words}"
    upstream = {t.name: np.ones(np.shape(outputs[t.name])) for t in subject.real_outputs}
    for name, gradient in subject.backward(upstream, residuals).items():
        if np.shape(gradient) != arrays[name].shape:
            yield f"d{name} has shape {np.shape(gradient)}, expected {arrays[name].shape}; {words}"


# ---------------------------------------------------------------- dtypes


def dtypes_are_kept(subject: Subject, samples: Samples) -> Row:
    """float32 in, float32 out, near the float64 result; integers and Python numbers are promoted to float64."""
    cases = samples.ordinary
    singles = [m for case in cases for m in _float32(subject, case)]
    promoted = [m for case in cases for m in _promoted(subject, case)]
    return measured("dtypes", f"float32 in {len(cases)} cases, integers in {len(promoted)} values", singles + promoted)


def _float32(subject: Subject, case: Case) -> Iterator[Measurement]:
    names = {t.name for t in subject.real_inputs}
    arrays = {name: a.astype(np.float32) if name in names else a for name, a in case.arrays.items()}
    upstream = {name: v.astype(np.float32) for name, v in case.upstream.items()}
    found = results(subject, arrays, case.constants, upstream)
    again = {name: a.astype(float) if name in names else a for name, a in arrays.items()}
    expected = results(subject, again, case.constants, {name: v.astype(float) for name, v in upstream.items()})
    integer = {t.name for t in subject.program.outputs if t.kind != "real"}
    for name, value in found.items():
        dtype = np.asarray(value).dtype
        if name not in integer and dtype != np.float32:
            yield Measurement(np.inf, FLOAT32, f"{name} is {dtype} for float32 arguments; {case.words}")
        yield _apart(name, value, expected[name], FLOAT32, case.words)


def _promoted(subject: Subject, case: Case) -> Iterator[Measurement]:
    """Integers in place of floats; where the layer is elementwise a Python number too."""
    names = {t.name for t in subject.real_inputs}
    whole = _whole(subject, case)
    yield from _as_floats(subject, whole, case, case.upstream)
    if is_elementwise(subject.program) and names == set(whole):
        for number in (2, 2.5):
            yield from _as_floats(subject, dict.fromkeys(whole, number), case, dict.fromkeys(case.upstream, 0.75))


def _whole(subject: Subject, case: Case) -> Mapping[str, Any]:
    """The case with small whole numbers; if possible, such that there is a result: a matrix may be singular, and a condition
    may let through what lies outside an array."""
    rng, names = np.random.default_rng(7), {t.name for t in subject.real_inputs}
    for _ in range(WHOLE_DRAWS):
        whole = {name: np.asarray(rng.integers(1, 4, a.shape)) if name in names else a for name, a in case.arrays.items()}
        try:
            Exact(subject.program, case.constants).values(whole)
            subject.gradients(_floating(whole, names), case.constants, case.upstream)
        except (*EXACT_FAILURES, np.linalg.LinAlgError):
            continue
        break
    return whole


def _floating(arrays: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: np.asarray(a, dtype=float) if name in names else a for name, a in arrays.items()}


def _as_floats(subject: Subject, arrays: Mapping[str, Any], case: Case, upstream: Mapping[str, Any]) -> Iterator[Measurement]:
    names = {t.name for t in subject.real_inputs}
    floats = _floating(arrays, names)
    found, expected = (results(subject, a, case.constants, upstream) for a in (arrays, floats))
    integer = {t.name for t in subject.program.outputs if t.kind != "real"}
    words = ", ".join(f"{name} {type(a).__name__} {np.shape(a)}" for name, a in arrays.items())
    for name in found:
        dtype = np.asarray(found[name]).dtype
        if name not in integer and dtype != np.float64:
            yield Measurement(np.inf, 1e-12, f"{name} is {dtype} for integers; {words}")
        if np.all(np.isfinite(expected[name])):
            yield _apart(name, found[name], expected[name], 1e-12, f"integers; {words}")


# ---------------------------------------------------------------- layouts in memory


def memory_layouts_agree(subject: Subject, samples: Samples) -> Row:
    """Transposed, strided and reversed arrays give what contiguous ones give."""
    if not any(a.ndim for a in samples.ordinary[0].arrays.values()):
        return not_applicable("memory layouts", "every input is a number")
    found = [m for case in samples.ordinary for m in _relaid(subject, case)]
    return measured("memory layouts", f"transposed, strided, reversed storage in {len(samples.ordinary)} cases", found)


def _strided(array: np.ndarray) -> np.ndarray:
    wide = np.zeros(tuple(2 * n for n in array.shape), dtype=array.dtype)
    view = wide[(slice(None, None, 2),) * array.ndim]
    view[...] = array
    return view


def _reversed(array: np.ndarray) -> np.ndarray:
    back = (slice(None, None, -1),) * array.ndim
    return np.ascontiguousarray(array[back])[back]


def _relaid(subject: Subject, case: Case) -> Iterator[Measurement]:
    expected = _plain(subject, case)
    for name, lay in (("transposed", np.asfortranarray), ("strided", _strided), ("reversed", _reversed)):
        arrays, upstream = ({k: lay(a) if a.ndim else a for k, a in group.items()} for group in (case.arrays, case.upstream))
        for what, value in results(subject, arrays, case.constants, upstream).items():
            yield _apart(what, value, expected[what], 1e-12, f"{name} storage; {case.words}")


# ---------------------------------------------------------------- arguments


def arguments_stay(subject: Subject, samples: Samples) -> Row:
    """Read-only arguments suffice and keep their bytes; gradients are arrays of their own; backward can be called again."""
    faults = itertools.chain(*(_disturbed(subject, case) for case in samples.ordinary))
    tried = f"read-only arrays in {len(samples.ordinary)} cases, two backward calls"
    return listed("arguments unchanged", tried, len(samples.ordinary), faults)


def _locked(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def _disturbed(subject: Subject, case: Case) -> Iterator[str]:
    # First with arrays that can be written, which is how code writes unnoticed; then with read-only ones, where it raises.
    free = {name: a.copy() for name, a in {**case.arrays, **{_upstream(k): v for k, v in case.upstream.items()}}.items()}
    yield from _one_round(subject, case, free)
    locked = {name: _locked(a) for name, a in free.items()}
    try:
        yield from _one_round(subject, case, locked)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        yield f"an argument is written to ({error}); {case.words}"


def _upstream(name: str) -> str:
    return f"upstream of {name}"


def _one_round(subject: Subject, case: Case, given: dict[str, np.ndarray]) -> Iterator[str]:
    before = {name: a.tobytes() for name, a in given.items()}
    upstream = {name: given[_upstream(name)] for name in case.upstream}
    _, residuals = subject.forward(given, case.constants)
    first = subject.backward(upstream, residuals)
    kept = {name: np.asarray(g).tobytes() for name, g in first.items()}
    for name, array in given.items():
        if array.tobytes() != before[name]:
            yield f"{name} is changed by the call; {case.words}"
    second = subject.backward(upstream, residuals)
    for name, gradient in second.items():
        if np.asarray(gradient).tobytes() != kept[name]:
            yield f"d{name} differs when backward is called again on the same residuals; {case.words}"
    yield from _aliases(first, given, case)


def _aliases(gradients: Mapping[str, Any], given: Mapping[str, np.ndarray], case: Case) -> Iterator[str]:
    arrays = {f"d{name}": g for name, g in gradients.items() if isinstance(g, np.ndarray)}
    for name, gradient in arrays.items():
        if not gradient.flags.writeable:
            yield f"the gradient {name} is read-only, a view of something smaller; {case.words}"
        for other, array in given.items():
            if np.shares_memory(gradient, array):
                yield f"the gradient {name} shares memory with the argument {other}; {case.words}"
    for (name, one), (other, two) in itertools.combinations(arrays.items(), 2):
        if np.shares_memory(one, two):
            yield f"the gradients {name} and {other} share memory; {case.words}"
