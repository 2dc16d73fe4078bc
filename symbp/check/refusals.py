"""Shapes that do not fit: a module has to refuse them, or it computes something else in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from symbp.check.layouts import is_elementwise
from symbp.check.report import Row, listed, not_applicable
from symbp.check.samples import Case, Samples
from symbp.check.subject import Subject
from symbp.ir import Leading, Size

NAME = "wrong shapes"
REFUSALS = (IndexError, TypeError, ValueError)


def wrong_shapes_are_refused(subject: Subject, samples: Samples) -> Row:
    """An axis that is longer than another of the same size, or an axis too many, raises."""
    case = samples.ordinary[0]
    wrong = [] if is_elementwise(subject.program) else [*_longer(subject, case), *_deeper(subject, case)]
    if not wrong:
        return not_applicable(NAME, "no two axes have to agree")
    faults = (
        f"{name} of shape {array.shape} is accepted; {case.words}" for name, array in wrong if _is_accepted(subject, case, name, array)
    )
    return listed(NAME, f"{len(wrong)} arguments with an axis too long or too many", len(wrong), faults)


def _longer(subject: Subject, case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Each input with one axis longer by one, where another axis has the same size."""
    shapes = [size for t in subject.program.inputs for size in t.shape if isinstance(size, Size) and not isinstance(size, Leading)]
    uses = Counter(shapes)
    for tensor in subject.program.inputs:
        array = case.arrays[tensor.name]
        for at, size in enumerate(reversed(tensor.shape), 1):
            if isinstance(size, Leading):
                break
            if uses[size] > 1:
                last = np.take(array, [-1], axis=-at)
                yield tensor.name, np.concatenate([array, last], axis=-at)


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
