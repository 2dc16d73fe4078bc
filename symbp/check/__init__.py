"""Proof that a generated module is right: every check that applies to it, in a Report.

Nothing here knows how a module was derived: the oracle is the exact interpreter, run on the forward equations as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symbp.check.extremes import extremes_hold
from symbp.check.interface import class_agrees, wrt_selects
from symbp.check.kinks import kinks_follow_convention
from symbp.check.manners import arguments_stay, dtypes_are_kept, memory_layouts_agree, shapes_are_kept
from symbp.check.numerical import adjoint_identity_holds, complex_step_agrees, differences_agree, upstream_is_linear
from symbp.check.refusals import wrong_shapes_are_refused
from symbp.check.report import Report, Row
from symbp.check.samples import draw_samples
from symbp.check.subject import MODULE_FAILURES, Subject
from symbp.check.values import backward_is_exact, extreme_values_hold, forward_is_exact
from symbp.ir import Program

__all__ = ["Report", "Row", "check"]


def check(program: Program, module: Any, *, parameters: Sequence[str] = (), accuracy: str = "balanced", seed: int = 0) -> Report:
    """The report on a module that is said to compute the program; the same for the same seed.

    ``module`` is anything with ``forward`` and ``backward``; ``parameters`` are the inputs that its class keeps. With ``accuracy`` "full"
    no derivative may be lost in an output form.
    """
    subject = Subject(program, module)
    samples = draw_samples(program, seed)
    if samples.problem:
        return Report(program.name, (Row("samples", held=False, note=samples.problem),))
    checks: tuple[tuple[str, Callable[[], Row]], ...] = (
        ("forward", lambda: forward_is_exact(subject, samples)),
        ("backward", lambda: backward_is_exact(subject, samples)),
        ("large and small", lambda: extreme_values_hold(subject, samples)),
        ("complex step", lambda: complex_step_agrees(subject, samples)),
        ("central differences", lambda: differences_agree(subject, samples)),
        ("adjoint identity", lambda: adjoint_identity_holds(subject, samples)),
        ("linear in upstream", lambda: upstream_is_linear(subject, samples)),
        ("shapes", lambda: shapes_are_kept(subject, samples)),
        ("wrong shapes", lambda: wrong_shapes_are_refused(subject, samples)),
        ("dtypes", lambda: dtypes_are_kept(subject, samples)),
        ("memory layouts", lambda: memory_layouts_agree(subject, samples)),
        ("arguments unchanged", lambda: arguments_stay(subject, samples)),
        ("wrt", lambda: wrt_selects(subject, samples)),
        ("class", lambda: class_agrees(subject, samples, parameters)),
        ("kinks", lambda: kinks_follow_convention(subject)),
        ("extremes", lambda: extremes_hold(subject, accuracy)),
    )
    return Report(program.name, tuple(_row(name, tried) for name, tried in checks))


def _row(name: str, tried: Callable[[], Row]) -> Row:
    """The row, or a failed one if the module raised."""
    try:
        return tried()
    except MODULE_FAILURES as error:
        return Row(name, held=False, note=f"raised {type(error).__name__}: {error}")
