"""What check makes of window layers: shapes that fit, constants that count, and faults that only windows have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from geometries import TEXTS, module
from layers_by_hand import module as by_hand

from symbp.check import check
from symbp.check.exact import Exact, Sparse
from symbp.check.layouts import layouts, machine_at, shape_of, sizes
from symbp.check.samples import altered_constants, draw_samples
from symbp.ir import Size
from symbp.ir.interpret import Machine
from symbp.language import read

DEFINITIONS = {definition.name: definition for definition in read(TEXTS)}
PROGRAMS = {name: definition.program for name, definition in DEFINITIONS.items()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_lengths_are_drawn_such_that_windows_fit(name: str) -> None:
    program = PROGRAMS[name]
    found = list(layouts(program, {}, np.random.default_rng(0)))[:20]
    shapes = [shape_of(t, machine_at(program, layout, {})) for layout in found for t in program.outputs]
    assert shapes and all(min(shape, default=1) > 0 for shape in shapes)


def test_only_lengths_that_are_free_are_drawn() -> None:
    loss = read("f(x, w, t): s[i] = sum(x[i+p]*w[p], p); L = sum((s[k] - t[k])**2, k)")[0].program
    assert all(type(size) is Size for size in sizes(loss)) and len(sizes(loss)) < sum(len(t.shape) for t in loss.inputs)


def test_altered_constants_are_whole_and_differ_from_each_other() -> None:
    assert altered_constants(PROGRAMS["max_inside"]) == {"kernel": 4, "stride": 3}
    assert altered_constants(PROGRAMS["conv2d"]) == {"stride": 3, "padding": 1, "dilation": 2}


@pytest.mark.parametrize("name", ["transposed2d", "upsample", "zero_pad"])
def test_leaving_out_what_a_bracket_multiplies_by_zero_changes_nothing(name: str) -> None:
    program = PROGRAMS[name]
    case = draw_samples(program, 0, 1).ordinary[0]
    exact = Exact(program, {})
    target = program.outputs[0].name
    assert np.array_equal(exact.values(case.arrays, Sparse)[target], exact.values(case.arrays, Machine)[target])


@pytest.mark.parametrize("name", ["conv1d", "max_inside", "transposed1d"])
def test_a_right_module_holds(name: str) -> None:
    report = check(PROGRAMS[name], module(name), parameters=DEFINITIONS[name].parameters)
    assert report, str(report)


def checked(name: str, forward: Any, backward: Any = None) -> list[str]:
    """The names of the checks that do not hold."""
    report = check(PROGRAMS[name], by_hand(forward, backward or module(name).backward))
    return [row.name for row in report.rows if row.applicable and not row.held]


def test_a_stride_that_is_ignored_is_found() -> None:
    assert "forward" in checked("conv1d", lambda x, w, b, **constants: module("conv1d").forward(x, w, b, **constants | {"stride": 1}))


def test_a_dilation_taken_for_the_stride_is_found() -> None:
    def swapped(x: Any, w: Any, b: Any, stride: int = 1, padding: int = 0, dilation: int = 1) -> Any:
        return module("conv1d").forward(x, w, b, stride=dilation, padding=padding, dilation=stride)

    assert "forward" not in checked("conv1d", module("conv1d").forward)
    assert "forward" in checked("conv1d", swapped)


def test_windows_cut_off_at_the_edge_are_found() -> None:
    def cut(x: Any, kernel: int = 2, stride: int = 2) -> Any:
        y, residuals = module("max_inside").forward(x, kernel=kernel, stride=stride)
        return y[..., : max(1, y.shape[-1] - 1)], residuals

    assert "forward" in checked("max_inside", cut)


def test_a_gradient_that_forgets_overlaps_is_found() -> None:
    def assigned(dy: Any, residuals: Any) -> Any:
        gradients = module("transposed1d").backward(dy, residuals)
        return gradients._replace(x=np.sign(gradients.x))

    assert "backward" in checked("transposed1d", module("transposed1d").forward, assigned)


def test_an_image_that_is_too_small_has_to_be_refused() -> None:
    def lenient(x: Any, w: Any, b: Any, **constants: Any) -> Any:
        x, w = np.asarray(x), np.asarray(w)
        if x.ndim == 3 and x.shape[2] == 0:
            return np.zeros((len(x), len(w), 0)), None
        return module("conv1d").forward(x, w, b, **constants)

    assert "wrong shapes" in checked("conv1d", lenient)


def test_positions_that_the_user_wrote_need_an_axis_that_is_long_enough() -> None:
    program = read("f(x): y[n] = x[n,7] - x[n,-5]")[0].program
    found = next(iter(layouts(program, {}, np.random.default_rng(0))))
    assert max(found.values()) >= 8 and sympy.Integer(0) not in found.values()
