"""Shapes that do not fit: a module has to refuse them, or it computes something else in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from symbp.check.layouts import Layout, derived, is_elementwise, machine_at
from symbp.check.report import Row, listed, not_applicable
from symbp.check.samples import Case, Samples
from symbp.check.subject import Subject
from symbp.ir import Derived, Leading, Size

NAME = "wrong shapes"
REFUSALS = (IndexError, TypeError, ValueError)


def wrong_shapes_are_refused(subject: Subject, samples: Samples) -> Row:
    """An axis that is longer than another of the same size, or too short for what is read along it, or an axis too many, raises."""
    case = samples.ordinary[0]
    wrong = [] if is_elementwise(subject.program) else [*_longer(subject, case), *_shorter(subject, case), *_deeper(subject, case)]
    if not wrong:
        return not_applicable(NAME, "no two axes have to agree")
    faults = (
        f"{name} of shape {array.shape} is accepted; {case.words}" for name, array in wrong if _is_accepted(subject, case, name, array)
    )
    short = " or too short" if derived(subject.program) else ""
    return listed(NAME, f"{len(wrong)} arguments with an axis too long{short} or too many", len(wrong), faults)


def _longer(subject: Subject, case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Each input with one axis longer by one, where another axis has the same size or its length follows from others."""
    shapes = [size for t in subject.program.inputs for size in t.shape if isinstance(size, Size) and not isinstance(size, Leading)]
    uses = Counter(shapes)
    for tensor in subject.program.inputs:
        array = case.arrays[tensor.name]
        for at, size in enumerate(reversed(tensor.shape), 1):
            if isinstance(size, Leading):
                break
            if uses[size] > 1 or isinstance(size, Derived):
                last = np.take(array, [-1], axis=-at)
                yield tensor.name, np.concatenate([array, last], axis=-at)


def _shorter(subject: Subject, case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Each input with an axis that is too short for a length to follow from it."""
    for tensor in subject.program.inputs:
        for at, size in enumerate(reversed(tensor.shape), 1):
            if isinstance(size, Leading):
                break
            if isinstance(size, Size) and not isinstance(size, Derived) and _is_too_short(subject, case.layout | {size: 0}, case):
                yield tensor.name, np.take(case.arrays[tensor.name], [], axis=-at)


def _is_too_short(subject: Subject, layout: Layout, case: Case) -> bool:
    machine = machine_at(subject.program, layout, case.constants)
    try:
        return min(map(machine.length, derived(subject.program)), default=0) < 0
    except ValueError:
        return True


def _deeper(subject: Subject, case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Each input without leading axes with one axis too many."""
    for tensor in subject.program.inputs:
        if not any(isinstance(size, Leading) for size in tensor.shape):
            yield tensor.name, case.arrays[tensor.name][None]


def _is_accepted(subject: Subject, case: Case, name: str, array: np.ndarray) -> bool:
    try:
        subject.forward({**case.arrays, name: array}, case.constants)
    except REFUSALS:
        return False
    return True
