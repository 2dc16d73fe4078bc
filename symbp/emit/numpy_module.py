"""A ModulePlan -> the text of a NumPy module."""

from __future__ import annotations

from collections.abc import Iterable

import symbp
from symbp import templating
from symbp.emit import runtime
from symbp.emit.docstring import docstring, shape_text
from symbp.emit.lines import STEP, WIDTH, call, expression, line
from symbp.emit.numpy_text import SCIPY, decimal, text
from symbp.emit.write import fingerprint
from symbp.plan import Array, Group, Keyword, Loop, ModulePlan, Statement, every_line

AMBIGUOUS = frozenset("IOl")  # names of the mathematics that a linter takes for digits


def numpy_module(plan: ModulePlan) -> str:
    """The module: header, docstring, forward, backward, class, and the few functions that it calls."""
    parts = _functions(plan)
    body = templating.fill("numpy_module.py.j2", **parts)
    version = symbp.__version__
    definition = fingerprint("\n".join([version, *plan.called, plan.text]))
    header = templating.fill("header.j2", version=version, definition=definition, body=fingerprint(body))
    return header + body


# ---------------------------------------------------------------- the parts of the module


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _functions(plan: ModulePlan) -> dict[str, object]:
    forward, backward, klass = _forward(plan), _backward(plan), _class(plan)
    used = runtime.called([*forward, *backward])
    constants = _constants(plan)
    everything = "\n".join([*forward, *backward, *used])
    return {
        "docstring": docstring(plan),
        "noqa": _exceptions(plan),
        "imports": _imports(everything),
        "names": [f'"{name}"' for name in sorted(["Gradients", "Residuals", camel(plan.name), "backward", "forward"], key=_exported)],
        "constants": constants,
        "residuals": _residual_fields(plan),
        "gradients": [f"{name}: np.ndarray{' | None' if len(plan.gradients) > 1 else ''}" for name in plan.gradients],
        "forward": forward,
        "backward": backward,
        "class_lines": klass,
        "runtime": used,
    }


def _exceptions(plan: ModulePlan) -> list[str]:
    """What a linter has to accept: the mathematics keeps its letters, and the definition its lines."""
    codes = ["E501"] if any(len(row) > WIDTH for row in docstring(plan)) else []
    codes += ["E741"] if AMBIGUOUS & _assigned(plan) else []
    return [f"# ruff: noqa: {', '.join(codes)}"] if codes else []


def _assigned(plan: ModulePlan) -> set[str]:
    statements: list[Statement] = [*plan.forward, *plan.lengths, *plan.prelude, *(s for g in plan.backward for s in g.statements)]
    found = {part.strip("(), ") for s in every_line(statements) for part in s.target.split(",")}
    found |= {s.index for s in statements if isinstance(s, Loop)}
    return found | {a.name for a in plan.arguments} | {f.name for f in plan.residuals}


def _imports(everything: str) -> list[str]:
    special = [name for name in sorted(SCIPY) if f"{name}(" in everything.replace(f"math.{name}", "")]
    lines = [f"import {module}" for module in ("itertools", "math") if f"{module}." in everything]
    lines += ["from typing import NamedTuple", "", "import numpy as np"]
    lines += ["from scipy.sparse import csr_matrix"] if "csr_matrix(" in everything else []
    return lines + ([f"from scipy.special import {', '.join(special)}"] if special else [])


def _constants(plan: ModulePlan) -> list[str]:
    """What the private functions read: the layer's name, for messages, and the axes that the shape check compares."""
    layer = [f'LAYER = "{plan.name}"']
    if plan.elementwise:
        return layer
    items = [f'"{a.name}": "{" ".join(a.axes)}"' for a in plan.arguments]
    whole = f"AXES = {{{', '.join(items)}}}"
    return layer + ([whole] if len(whole) <= WIDTH else ["AXES = {", *(f"{STEP}{item}," for item in items), "}"])


def _residual_fields(plan: ModulePlan) -> list[str]:
    kinds = {"array": "np.ndarray", "int": "int", "shape": "tuple[int, ...]", "dtype": "np.dtype", "float": "float"}
    return [f"{field.name}: {kinds[field.kind]}{_remark(field.axes, field.definition)}" for field in plan.residuals]


def _remark(axes: tuple[str, ...] | None, definition: Array | None) -> str:
    if definition is not None:
        return f"  # {text(definition)}"
    return f"  # {shape_text(axes)}" if axes else ""


def _exported(name: str) -> tuple[bool, str]:
    """The order of ``__all__`` that linters ask for: names in capitals first."""
    return not name.isupper(), name


# ---------------------------------------------------------------- forward


def _forward(plan: ModulePlan) -> list[str]:
    constants = [f"{c.name}={decimal(c.default)}" for c in plan.constants]
    signature = [*(a.name for a in plan.arguments), *(["*", *constants] if constants else [])]
    outputs = [name for name, _ in plan.outputs]
    body = [*_checked(plan), *_constant_values(plan)]
    return [
        *call("def forward", signature, f" -> tuple[{_annotation(plan)}, Residuals]:"),
        f'{STEP}"""{spoken(outputs)}, with what backward needs."""',
        *(STEP + row for row in body),
        *_rows(plan.lengths),
        *(row for name, length in plan.ranges for row in call("_check_range", [f'"{name}"', name, text(length)], "", STEP)),
        *(row for check in plan.checks for row in expression(check, STEP)),
        *_rows(plan.forward),
        *call(f"return {_listed(outputs)}, Residuals", [text(f.value) for f in plan.residuals], "", STEP),
    ]


def _constant_values(plan: ModulePlan) -> list[str]:
    """Constants as Python numbers, which leave float32 alone; those that are lengths agree with the axes that have them."""
    rows = [f"{c.name} = {_number(c)}" for c in plan.constants]
    lengths = {c.name for c in plan.constants if c.kind == "length"}
    places = [(a, k - len(a.axes), axis) for a in plan.arguments for k, axis in enumerate(a.axes) if axis in lengths]
    return rows + [f'_check_length("{a.name}", {a.name}.shape[{place}], "{axis}", {axis})' for a, place, axis in places]


def _number(constant: Keyword) -> str:
    if constant.kind == "real":
        return f"float({constant.name})"
    least = {"length": "", "offset": ", 0", "step": ", 1"}[constant.kind]
    return f'_whole("{constant.name}", {constant.name}{least})'


def _rows(statements: Iterable[Statement], indent: str = STEP) -> list[str]:
    return [row for statement in statements for row in line(statement, indent)]


def spoken(names: list[str]) -> str:
    """a, b and c"""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _listed(names: list[str]) -> str:
    """One name, or several in parentheses."""
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _annotation(plan: ModulePlan) -> str:
    if len(plan.outputs) == 1:
        return "np.ndarray"
    return f"tuple[{', '.join('np.ndarray' for _ in plan.outputs)}]"


def _checked(plan: ModulePlan) -> list[str]:
    lines: list[str] = []
    for kind, check in (("real", "_arrays"), ("integer", "_integers"), ("boolean", "_booleans")):
        found = [a.name for a in plan.arguments if a.kind == kind]
        if found:
            target = f"({found[0]},)" if len(found) == 1 else ", ".join(found)
            lines += call(f"{target} = {check}", [f"{name}={name}" for name in found], "")
    every = [f"{a.name}={a.name}" for a in plan.arguments]
    if not plan.elementwise:
        lines += call("_check_axes", every, "")
        parts = [f"{name}={name}" for name in plan.parts]
        lines += call("_check_joint", [f'"{plan.joint}"', plan.joint, *parts], "") if plan.joint else []
        lines += call("_check_broadcast", parts, "") if parts and not plan.joint else []
    elif len(every) > 1:
        lines += call("_check_broadcast", every, "")
    return lines


# ---------------------------------------------------------------- backward


def _backward(plan: ModulePlan) -> list[str]:
    upstream, fields = [name for name, _ in plan.upstream], [f.name for f in plan.residuals]
    many = len(plan.gradients) > 1
    wrt = [f"wrt=({_quoted(plan.gradients)})"] if many else []
    plural, verb = "s" if many else "", "send" if len(upstream) > 1 else "sends"
    return [
        *call("def backward", [*upstream, "residuals", *wrt], " -> Gradients:"),
        f'{STEP}"""The gradient{plural} that {spoken(upstream)} {verb} back."""',
        *([f"{STEP}wrt = _check_wrt(wrt)"] if many else []),
        *unpacked(fields, "residuals"),
        *_rows(plan.prelude),
        *(row for name, shape in plan.upstream for row in _checked_upstream(name, text(shape), text(plan.dtype))),
        *([f"{STEP}{' = '.join(f'd{name}' for name in plan.gradients)} = None"] if _has_conditions(plan) else []),
        *(row for group in plan.backward for row in _group(group, plan)),
        *call("return Gradients", [f"d{name}" for name in plan.gradients], "", STEP),
    ]


def _checked_upstream(name: str, shape: str, dtype: str) -> list[str]:
    return call(f"{name} = _upstream", [f'"{name}"', name, shape, dtype], "", STEP)


def unpacked(names: list[str], source: str) -> list[str]:
    whole = f"{STEP}{names[0] if len(names) > 1 else f'({names[0]},)'}{''.join(f', {name}' for name in names[1:])} = {source}"
    return [whole] if len(whole) <= WIDTH else [f"{STEP}(", *(f"{STEP * 2}{name}," for name in names), f"{STEP}) = {source}"]


def _group(group: Group, plan: ModulePlan) -> list[str]:
    """The lines that some gradients need, under a question whether one of them is wanted."""
    if group.gradients == plan.gradients:
        return _rows(group.statements)
    return [f"{STEP}if {_needed(group.gradients)}:", *_rows(group.statements, STEP * 2)]


def _has_conditions(plan: ModulePlan) -> bool:
    return any(group.gradients != plan.gradients for group in plan.backward)


def _needed(gradients: tuple[str, ...]) -> str:
    if len(gradients) == 1:
        return f'"{gradients[0]}" in wrt'
    return f"wrt & {{{_quoted(gradients)}}}"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# ---------------------------------------------------------------- class


def _class(plan: ModulePlan) -> list[str]:
    parameters, constants = [a.name for a in plan.arguments if a.parameter], [c.name for c in plan.constants]
    keywords = [f"{c.name}={decimal(c.default)}" for c in plan.constants]
    signature = ["self", *parameters, *(["*", *keywords] if keywords else [])]
    kept = [f"self.params = {_dict(parameters, '')}", "self.grads = {}", *(f"self.{c} = {c}" for c in constants), "self.residuals = None"]
    return [
        f"class {camel(plan.name)}:",
        *_class_summary(plan),
        "",
        *call("def __init__", signature, " -> None:", STEP),
        *(STEP * 2 + row for row in kept),
        "",
        *_class_forward(plan, parameters, constants),
        "",
        *_class_backward(plan, parameters),
    ]


def _class_summary(plan: ModulePlan) -> list[str]:
    """What goes in and what comes out, on two lines where one is too long."""
    data = [a.name for a in plan.arguments if not a.parameter]
    outputs = ", ".join(name for name, _ in plan.outputs)
    grads = [f"d{name}" for name in plan.gradients if name in data]
    ahead = f"{outputs} = .forward({', '.join(data)})"
    back = f"{', '.join(grads)} = .backward({', '.join(u for u, _ in plan.upstream)})" if grads else ""
    whole = f'{STEP}"""{"; ".join(filter(None, (ahead, back)))}."""'
    return [whole] if len(whole) <= WIDTH else [f'{STEP}"""{ahead};', "", f"{STEP}{back}.", f'{STEP}"""']


def _class_forward(plan: ModulePlan, parameters: list[str], constants: list[str]) -> list[str]:
    data = [a.name for a in plan.arguments if not a.parameter]
    lines = call("def forward", ["self", *data], ":", STEP)
    values = [f'self.params["{a.name}"]' if a.name in parameters else a.name for a in plan.arguments]
    values += [f"{c}=self.{c}" for c in constants]
    outputs = ", ".join(name for name, _ in plan.outputs)
    target = f"({outputs})" if len(plan.outputs) > 1 else outputs
    return [*lines, *call(f"{target}, self.residuals = forward", values, "", STEP * 2), f"{STEP * 2}return {outputs}"]


def _class_backward(plan: ModulePlan, parameters: list[str]) -> list[str]:
    alone = len(plan.upstream) == 1 and plan.outputs[0][1] == ()
    upstream = [name for name, _ in plan.upstream]
    lines = call("def backward", ["self", *(f"{u}=1.0" if alone else u for u in upstream)], ":", STEP)
    body = ["if self.residuals is None:", f'{STEP}raise RuntimeError("{plan.name}: call forward before backward")']
    body.append(f"grads = backward({', '.join([*upstream, 'self.residuals'])})")
    learned = [name for name in plan.gradients if name in parameters]
    if learned:
        body.append(f"self.grads = {_dict(learned, 'grads.')}")
    back = [f"grads.{name}" for name in plan.gradients if name not in parameters]
    body.append(f"return {', '.join(back) or 'None'}")
    return [*lines, *(STEP * 2 + part for part in body)]


def _dict(names: list[str], prefix: str) -> str:
    return "{" + ", ".join(f'"{name}": {prefix}{name}' for name in names) + "}"
