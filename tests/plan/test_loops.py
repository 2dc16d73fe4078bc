"""Recurrences as loops: the exact lines, on Programs written by hand, and their values against the interpreter."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy
from exact import cotangents, difference_quotients, sample
from recurrent import RECURRENCES
from sympy import Expr, exp, log, tanh
from windowed import D, K, N, P, T

from symbp.algebra import output_form, simplify, stabilise
from symbp.calculus import derive
from symbp.emit import numpy_module
from symbp.emit.lines import line
from symbp.ir import Bracket, Element, Equation, Index, Loop, Padded, Program, Reduce, Tensor, Where, run, validate
from symbp.plan import loops, passes, plan, settle
from symbp.plan.arrays import REAL, Array, Assign, Call, Length, Name, Update, replace, rewrite, walk
from symbp.plan.arrays import Loop as Steps
from symbp.plan.lower import Lowering
from symbp.plan.share import Namer, share

t, n, d, k, j = Index("t", T), Index("n", N), Index("d", D), Index("k", K), Index("j", K)
step, back = Loop(0, t), Loop(0, t, reverse=True)
LENGTHS = {T: 3, N: 2, D: 2, K: 2, P: 3}
FIRST = sympy.Eq(t, 0)


def tensor(name: str, *axes: Index, kind: str = "real") -> Element:
    return Element(Tensor(name, tuple(axis.size for axis in axes), kind), *axes)


def total(body: Expr, *bound: Index) -> Expr:
    return Reduce("sum", body, *bound)


h_tk, x_tk, y_t, x_t = tensor("h", t, k), tensor("x", t, k), tensor("y", t), tensor("x", t)
U, before = tensor("U", j, k), Padded(Element(h_tk.head, t - 1, j), 0)


g_tdk = tensor("g", t, d, k)
h_tnk, z_tk, w_t = tensor("h", t, n, k), tensor("z", t, k), tensor("w", t, kind="integer")
started = Where(FIRST, tensor("h0", n, j), Element(h_tnk.head, t - 1, n, j))


def program(*equations: Equation, outputs: tuple[str, ...] = ()) -> Program:
    targets = {e.name: e.target.head for e in equations}
    read = sorted({e.head for equation in equations for e in equation.value.atoms(Element)} - set(targets.values()), key=str)
    return validate(Program("f", tuple(read), equations, tuple(targets[name] for name in outputs) or (equations[-1].target.head,)))


def looped(target: Element, value: Expr, loop: Loop = step, number: int = 1) -> Equation:
    return Equation(target, value, number, loop=loop)


running_sum = looped(y_t, x_t + Padded(Element(y_t.head, t - 1), 0))


def code(program: Program) -> list[str]:
    """The lines of the program, each length under the name of its size."""
    wanted, namer = {tensor.name for tensor in program.outputs}, Namer(set(program.tensors))
    found = passes.live(loops.statements(Lowering(layer="f"), program, loops.indices((program,), namer)), wanted)
    found, _ = share(settle.narrowed(found, wanted), [], set(), (), namer)
    found = settle.settled(passes.returned(found, wanted))
    lengths = {part for s in found for node in s.nodes for part in walk(node) if isinstance(part, Length)}
    names: dict[Array, Array] = {REAL: Name("x"), **{length: Name(str(length.size)) for length in lengths}}
    return [row for s in found for row in line(rewrite(s, lambda node: replace(node, names)), "")]


CASES: dict[str, tuple[Program, str]] = {
    "what does not depend on the loop is computed before it": (
        program(looped(h_tnk, tanh(total(tensor("x", t, n, d) * tensor("W", d, k), d) + tensor("b", k) + total(started * U, j)))),
        "h = np.empty((T, N, K), x.dtype)\n"
        "total = x @ W + b\n"
        "for t in range(T):\n"
        "    h_before = h0 if t == 0 else h[t - 1]\n"
        "    h[t] = np.tanh(total[t] + h_before @ U)  # (1)",
    ),
    "backwards": (
        program(looped(y_t, 2 * Padded(Element(y_t.head, t + 1), 0) + x_t, back)),
        "y = np.empty((T,), x.dtype)\n"
        "for t in reversed(range(T)):\n"
        "    y_after = y[t + 1] if t < T - 1 else 0\n"
        "    y[t] = 2 * y_after + x[t]  # (1)",
    ),
    "two steps back": (
        program(looped(y_t, Padded(Element(y_t.head, t - 2), 1) + x_t)),
        "y = np.empty((T,), x.dtype)\n"
        "for t in range(T):\n"
        "    y_before = y[t - 2] if t >= 2 else 1\n"
        "    y[t] = x[t] + y_before  # (1)",
    ),
    "starts of two steps": (
        program(looped(y_t, x_t * Where(FIRST, tensor("a"), Where(sympy.Eq(t, 1), tensor("b"), Element(y_t.head, t - 2))))),
        "y = np.empty((T,), x.dtype)\n"
        "for t in range(T):\n"
        "    y_before = a if t == 0 else b if t == 1 else y[t - 2]\n"
        "    y[t] = x[t] * y_before  # (1)",
    ),
    "another axis than the first": (
        program(looped(tensor("h", n, t), tanh(Padded(Element(tensor("h", n, t).head, n, t - 1), 0)) + tensor("x", n, t))),
        "h = np.empty((N, T), x.dtype)\n"
        "for t in range(T):\n"
        "    h_before = np.zeros((N,), x.dtype) if t == 0 else h[:, t - 1]\n"
        "    h[:, t] = x[:, t] + np.tanh(h_before)  # (1)",
    ),
    "what only the step reads has no array": (
        program(looped(z_tk, x_tk + total(before * U, j)), looped(h_tk, tanh(z_tk) * z_tk, number=2)),
        "h = np.empty((T, K), x.dtype)\n"
        "for t in range(T):\n"
        "    h_before = np.zeros((K,), x.dtype) if t == 0 else h[t - 1]\n"
        "    z = x[t] + h_before @ U  # (1)\n"
        "    h[t] = z * np.tanh(z)  # (2)",
    ),
    "what a step needs twice has a name in it": (
        program(looped(y_t, exp(x_t * Padded(Element(y_t.head, t - 1), 0)) / (1 + exp(x_t * Padded(Element(y_t.head, t - 1), 0))))),
        "y = np.empty((T,), x.dtype)\n"
        "for t in range(T):\n"
        "    y_before = 0 if t == 0 else y[t - 1]\n"
        "    e = np.exp(x[t] * y_before)\n"
        "    y[t] = e / (1 + e)  # (1)",
    ),
    "what is divided by is not turned into a factor": (
        program(looped(y_t, Padded(Element(y_t.head, t - 1), 0) / x_t + log(x_t))),
        "y = np.empty((T,), x.dtype)\n"
        "log = np.log(x)\n"
        "for t in range(T):\n"
        "    y_before = 0 if t == 0 else y[t - 1]\n"
        "    y[t] = y_before / x[t] + log[t]  # (1)",
    ),
    "what needs no earlier step of its own is computed after the loop": (
        program(looped(h_tk, tanh(x_tk + total(before * U, j))), looped(tensor("y", t, d), total(h_tk * tensor("V", k, d), k), number=2)),
        "h = np.empty((T, K), x.dtype)\n"
        "for t in range(T):\n"
        "    h_before = np.zeros((K,), x.dtype) if t == 0 else h[t - 1]\n"
        "    h[t] = np.tanh(x[t] + h_before @ U)  # (1)\n"
        "y = h @ V  # (2)",
    ),
    "the values one step earlier, of all steps": (
        program(running_sum, Equation(tensor("s"), total(x_t * Where(FIRST, tensor("a"), Element(y_t.head, t - 1)), t), 2)),
        "y = np.empty((T,), x.dtype)\n"
        "for t in range(T):\n"
        "    y_before = 0 if t == 0 else y[t - 1]\n"
        "    y[t] = x[t] + y_before  # (1)\n"
        "s = x @ np.concatenate((a[None], y))[:-1]  # (2)",
    ),
    "a step that there may not be": (
        program(running_sum, Equation(tensor("s", k), tensor("v", k) * Padded(Element(y_t.head, 0), 0), 2)),
        "y = np.empty((T,), x.dtype)\n"
        "for t in range(T):\n"
        "    y_before = 0 if t == 0 else y[t - 1]\n"
        "    y[t] = x[t] + y_before  # (1)\n"
        "y_first = y[0] if T > 0 else np.zeros((), x.dtype)\n"
        "s = y_first * v  # (2)",
    ),
    "parts of a target are set, the rest stays zero": (
        program(looped(h_tk, Bracket(k, 0) * x_t + Bracket(k, 1) * total(before * tensor("v", j), j))),
        "h = np.zeros((T, K), x.dtype)\n"
        "for t in range(T):\n"
        "    h[t, 0] = x[t]  # (1)\n"
        "    h_before = np.zeros((K,), x.dtype) if t == 0 else h[t - 1]\n"
        "    h[t, 1] = h_before @ v  # (1)",
    ),
    "the last step alone": (
        program(looped(h_tk, Bracket(t, -1) * tensor("a", k) + x_tk + 2 * Padded(Element(h_tk.head, t + 1, k), 0), back)),
        "h = np.empty((T, K), x.dtype)\n"
        "for t in reversed(range(T)):\n"
        "    h_after = h[t + 1] if t < T - 1 else np.zeros((K,), x.dtype)\n"
        "    at_end = a if t == T - 1 else np.zeros((K,), x.dtype)\n"
        "    h[t] = 2 * h_after + at_end + x[t]  # (1)",
    ),
    "a gather is done once": (
        program(looped(h_tk, Element(Tensor("x", (N, K)), w_t, k) + tanh(Padded(Element(h_tk.head, t - 1, k), 0)))),
        "h = np.empty((T, K), x.dtype)\n"
        "picked = x[w]\n"
        "for t in range(T):\n"
        "    h_before = np.zeros((K,), x.dtype) if t == 0 else h[t - 1]\n"
        "    h[t] = picked[t] + np.tanh(h_before)  # (1)",
    ),
    "of a reshaped product only the shape is taken in the loop": (
        program(looped(g_tdk, tanh(Padded(Element(g_tdk.head, t - 1, d, k), 0)) * total(tensor("x", t, n) * tensor("W", n, d, k), n))),
        "g = np.empty((T, D, K), x.dtype)\n"
        "product = x @ W.reshape(N, D * K)\n"
        "for t in range(T):\n"
        "    g_before = np.zeros((D, K), x.dtype) if t == 0 else g[t - 1]\n"
        "    g[t] = product.reshape(T, D, K)[t] * np.tanh(g_before)  # (1)",
    ),
    "what has more axes than it is for stays in the loop": (
        program(looped(h_tk, total(before * exp(tensor("x", t, j) + tensor("A", j, k)), j))),
        "h = np.empty((T, K), x.dtype)\n"
        "for t in range(T):\n"
        "    h_before = np.zeros((K,), x.dtype) if t == 0 else h[t - 1]\n"
        "    h[t] = h_before @ np.exp(A + x[t][:, None])  # (1)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_recurrence_becomes_the_loop_that_an_expert_writes(case: str) -> None:
    program, expected = CASES[case]
    assert "\n".join(code(program)) == expected


@pytest.mark.parametrize("length", [0, 1, 2, 5])
@pytest.mark.parametrize("case", CASES)
def test_its_values_are_those_of_the_interpreter(case: str, length: int) -> None:
    program, _ = CASES[case]
    inputs = sample(program, LENGTHS | {T: length}, case)
    numbers = {t.name: np.array(inputs[t.name], float if t.kind == "real" else int) for t in program.inputs}
    names: dict[str, Any] = {"np": np, **{str(size): value for size, value in (LENGTHS | {T: length}).items()}, **numbers}
    exec("\n".join(code(program)), names)
    expected = run(program, inputs)
    for output in program.outputs:
        assert names[output.name] == pytest.approx(np.array(expected[output.name], float), rel=1e-13, abs=1e-14)


# ---------------------------------------------------------------- both passes


def modules(program: Program) -> Any:
    derivation = stabilise(simplify(derive(program, program, output_form)))
    definition = SimpleNamespace(name=program.name, text="", called=(), doc="", program=program, parameters=())
    loaded = ModuleType(program.name)
    exec(numpy_module(plan(definition, derivation)), loaded.__dict__)  # type: ignore[arg-type]
    return loaded


@pytest.mark.parametrize("make", RECURRENCES)
def test_both_passes_agree_with_the_interpreter(make: Any) -> None:
    program = make()
    module, inputs = modules(program), sample(program, LENGTHS, program.name)
    upstream = cotangents(program, inputs, program.name)
    values = {name: np.array(value, float) for name, value in inputs.items()}
    y, residuals = module.forward(**values)
    assert y == pytest.approx(np.array(run(program, inputs)[program.outputs[0].name], float), rel=1e-13)
    gradients = module.backward(*(np.array(value, float) for value in upstream.values()), residuals)
    expected = difference_quotients(program, inputs, upstream)
    for name in gradients._fields:
        assert getattr(gradients, name) == pytest.approx(np.array(expected[name], float), rel=1e-11, abs=1e-13), name


# ---------------------------------------------------------------- statements


def loop(*body: Assign | Update) -> Steps:
    return Steps("t", Name("T"), False, body)


def part(name: str, *shift: int) -> Call:
    place: Array = Call("subtract", (Name("t"), Name("1"))) if shift else Name("t")
    return Call("item", (Name(name), place), ("#",))


A, B, C = (Assign(name, Call("empty", (Name("T"),))) for name in "ABC")


def test_a_loop_keeps_what_a_later_step_needs_of_an_earlier_one() -> None:
    fills = loop(Update(part("A"), 0, part("B", -1)), Update(part("B"), 0, Name("x")), Update(part("C"), 0, Name("x")))
    found = passes.live([A, B, C, fills], {"A"})
    assert found == [A, B, loop(*fills.body[:2])]


def test_a_loop_of_which_nothing_is_needed_goes() -> None:
    assert passes.live([A, loop(Update(part("A"), 0, Name("x"))), B], {"B"}) == [B]


def test_two_arrays_to_be_filled_are_not_the_same_array() -> None:
    found, _ = passes.without_copies([A, B, loop(Update(part("A"), 0, Name("x")), Update(part("B"), 0, Name("y")))], [], set())
    assert found[:2] == [A, B]


def test_an_array_that_another_statement_reads_stays_one() -> None:
    fills = loop(Update(part("A"), 0, Name("x")), Update(part("B"), 0, part("A")))
    after = Assign("y", Name("A"))
    assert settle.narrowed([A, B, fills, after], {"B", "y"}) == [A, B, fills, after]
    assert settle.narrowed([A, B, fills], {"B"}) == [B, loop(Assign("A", Name("x")), Update(part("B"), 0, Name("A")))]


def test_the_names_of_a_step_are_not_read_from_outside() -> None:
    assert passes.read([loop(Assign("z", Name("x")), Update(part("A"), 0, Name("z")))]) == {"T", "A", "x"}


def test_a_value_of_one_loop_is_not_reused_in_another() -> None:
    twice = Call("exp", (part("x"),))
    body = loop(Update(part("A"), 0, twice), Update(part("B"), 0, twice))
    found, _ = share([A, B, body, C, loop(Update(part("C"), 0, twice))], [], set(), (), Namer(set("ABCxtT")))
    assert [s.body[0].target for s in found if isinstance(s, Steps)] == ["e", "C"]


def test_a_loop_is_needed_by_every_gradient_that_needs_something_of_it() -> None:
    body = loop(Update(part("A"), 0, Name("x")), Update(part("B"), 0, Name("x")))
    found = passes.groups([A, B, body, Assign("du", Name("A")), Assign("dv", Name("B"))], ("u", "v", "w"))
    assert [group.gradients for group in found] == [("u", "v"), ("u",), ("v",)]


def test_a_gradient_filled_beside_another_gets_a_second_name() -> None:
    body = loop(Update(part("du"), 0, Name("x")), Update(part("dv"), 0, part("du")))
    places = [Assign(name, Call("empty", (Name("T"),))) for name in ("du", "dv")]
    found = passes.separate([*places, body], ("du", "dv"), Namer({"du", "dv"}))
    assert [s.target for s in found if isinstance(s, Assign)] == ["du_shared", "dv_shared", "du", "dv"]


def test_a_part_of_an_array_that_is_returned_is_a_copy_where_it_is_chosen() -> None:
    first = Assign("dv", Call("choose", (Name("T"), part("A"), Call("zeros", (Name("T"),))), ("A_first",)))
    *_, found = passes.returned(
        [A, Assign("du", Name("A")), first], {"du", "dv"}, passes.spare([A, Assign("du", Name("A")), first], {"du", "dv"})
    )
    assert found == Assign("dv", Call("choose", (Name("T"), Call("copy", (part("A"),)), Call("zeros", (Name("T"),))), ("A_first",)))


def test_an_array_that_only_one_gradient_is_another_name_of_is_given_away() -> None:
    one, two = Assign("du", Name("A")), Assign("dv", Name("A"))
    assert passes.returned([A, one], {"du"}, passes.spare([A, one], {"du"})) == [A, one]
    assert passes.spare([A, one, two], {"du", "dv"}) == frozenset()
