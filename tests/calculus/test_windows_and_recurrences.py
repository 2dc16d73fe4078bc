"""Windows, scatters, recurrences and functions of matrices: what is derived of them, against difference quotients."""

from __future__ import annotations

import pytest
from exact import cotangents, difference_quotients, run_backward, sample, worst_difference
from recurrent import MATRICES, RECURRENCES
from windowed import LENGTHS, WINDOWS

from symbp.algebra import output_form, simplify, stabilise, trace_nodes
from symbp.calculus import derive
from symbp.ir import Program, validate
from symbp.ir.derivation import Derivation, Phrase

PROGRAMS = {build.__name__: build for build in (*WINDOWS, *RECURRENCES, *MATRICES)}


def derived(name: str) -> Derivation:
    program = PROGRAMS[name]()
    return derive(program, program)


def stages(program: Program) -> dict[str, tuple[Program, Program]]:
    """(forward, backward) after each stage of the engine."""
    raw = derive(program, program)
    simplified = simplify(derive(program, program, output_form))
    traced = trace_nodes(simplified)
    stable = stabilise(simplified).stable
    assert stable is not None and traced.node_backward is not None
    return {
        "derived": (raw.forward, raw.backward),
        "simplified": (simplified.forward, simplified.backward),
        "stable": stable,
        "node by node": (traced.nodes, traced.node_backward),
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_stage_of_the_engine_gives_the_exact_gradient(name: str) -> None:
    program = PROGRAMS[name]()
    inputs = sample(program, LENGTHS, name)
    upstream = cotangents(program, inputs, name)
    exact = difference_quotients(program, inputs, upstream)
    for stage, (forward, backward) in stages(program).items():
        validate(forward)
        validate(backward)
        assert worst_difference(run_backward(forward, backward, inputs, upstream), exact) < 1e-30, stage


# ---------------------------------------------------------------- in words

WRITTEN = {
    "a convolution sends its cotangent back through the windows that read a place": (
        "convolution",
        "dx[n,c,h] = sum([h == dilation*p - padding + stride*i]*dy[n,e,i]*f[e,c,p], e, i, p)",
    ),
    "a transposed convolution sends it back through a convolution": (
        "transposed_convolution",
        "dx[c,h] = sum(dy[e,stride*h + p]*f[c,e,p], e, p)",
    ),
    "what every second place reads is not padded": ("interleave", "da[h] = du[2*h]"),
    "a part of a concatenation is a slice": ("concatenation", "db[w] = du[w + H]"),
    "a number on the left is a number on the right": ("stack", "db[h] = du[1,h]"),
    "what is read where a cotangent arrives stands at that place": ("delay", "dx[t] = 2*x[t]*sum([t == -p + t2]*dy[t2]*f[p], p, t2)"),
    "a recurrence sends back to the step before": ("rnn_last_step", "dx[t,k] = (1 - h[t,k]**2)*dh[t,k]"),
    "the first step alone sends back to the start": ("lstm", "dc0[k] = pad(dc[0,k])*pad(f[0,k])"),
    "an inverse is its own derivative": ("inverse", "dA[n,r,s] = -sum(dB[n,r2,s2]*B[n,r2,r]*B[n,s,s2], r2, s2)"),
    "the cofactors of a determinant are those of its inverse": (
        "log_determinant",
        "dA[r,s] = 2*dy*x[0]*A[r,s]*y_inverse[s,r]",
    ),
}


@pytest.mark.parametrize(("name", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_what_is_derived_reads_as_people_write_it(name: str, expected: str) -> None:
    program, target = PROGRAMS[name](), expected.split("[")[0]
    backward = derive(program, program, output_form).backward
    assert str(backward.definitions[target]) == expected


def test_the_cotangents_of_a_recurrence_are_one_that_runs_the_other_way() -> None:
    for name, runs_back in (("rnn", True), ("reversed_rnn", False)):
        loops = [e.loop for e in derived(name).backward.equations if e.loop]
        assert [loop.reverse for loop in loops] == [runs_back]


def test_the_cotangents_of_the_steps_stand_together_and_in_reverse() -> None:
    backward = derived("lstm").backward
    inside = [e.name for e in backward.equations if e.loop]
    assert inside == ["dh_total", "dc", "do", "dzo", "dg", "dzg", "df", "dzf", "di", "dzi"]
    assert len({e.loop for e in backward.equations if e.loop}) == 1
    assert [bool(e.loop) for e in backward.equations[: len(inside)]] == [True] * len(inside)


def test_an_output_that_is_read_as_well_has_a_total_cotangent() -> None:
    derivation = derived("rnn")
    assert [t.name for t in derivation.upstream] == ["dh"]
    assert str(derivation.backward.equations[0]).startswith("dh_total[t,n,k] = dh[t,n,k] + ")


def test_the_inverse_that_a_layer_computes_serves_its_determinant() -> None:
    assert [e.name for e in derived("gaussian").forward.equations] == ["B", "L"]


def test_an_inverse_that_only_backward_needs_is_an_equation_of_its_own() -> None:
    assert [e.name for e in derived("determinant").forward.equations] == ["y_inverse", "y"]


def test_positions_of_maxima_inside_a_recurrence_are_part_of_it() -> None:
    forward = derived("running_maximum").forward
    assert [(e.name, e.loop is None) for e in forward.equations] == [("s_argmax", False), ("s", False)]


def test_the_reason_of_a_determinants_slope_is_told() -> None:
    reasons = [step.reason for step in derived("determinant").steps if step.rule == "chain rule"]
    assert (Phrase("cofactors"),) in reasons
