"""What a module says about itself before its code."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from symbp.emit.lines import WIDTH
from symbp.emit.numpy_text import decimal
from symbp.plan import Argument, Array, Call, ModulePlan, walk

CALLS = "where"  # what stands between a definition and those of the layers that it calls
KINDS = {"real": "", "integer": " of integers", "boolean": " of booleans"}


def docstring(plan: ModulePlan) -> list[str]:
    """The lines between the quotes: definition, shapes, constants, what is saved, errors, conventions, source."""
    sections = [
        [f"{plan.name}: forward and backward pass."],
        _indented(plan.text),
        *([[CALLS, "", *_indented("\n".join(plan.called))]] if plan.called else []),
        plan.doc.splitlines(),
        _facts(plan),
        *([["At a kink the derivative is that of the branch taken; of equal maxima, the first counts."]] if plan.kinks else []),
    ]
    return [row.replace("\\", "\\\\").replace('"""', "'''") for row in "\n\n".join("\n".join(s) for s in sections if s).splitlines()]


def _indented(text: str) -> list[str]:
    return [f"    {row}".rstrip() for row in text.splitlines()]


def _facts(plan: ModulePlan) -> list[str]:
    facts = [("Inputs", "; ".join(map(_argument, plan.arguments)) + (" (any shapes that broadcast)" if _broadcasts(plan) else ""))]
    facts.append(("Outputs", "; ".join(f"{name} {shape_text(axes)}" for name, axes in plan.outputs)))
    if plan.constants:
        facts.append(("Constants", ", ".join(f"{c.name} = {decimal(c.default)}" for c in plan.constants)))
    facts.append(("Saved", ", ".join(field.name for field in plan.residuals)))
    facts.append(("Raises", _errors(plan)))
    return [row for label, fact in facts for row in wrap(f"{label + ':':<10} {fact}", WIDTH, subsequent_indent=" " * 11)]


def _broadcasts(plan: ModulePlan) -> bool:
    return plan.elementwise and len(plan.arguments) > 1


def _argument(argument: Argument) -> str:
    return f"{argument.name} {shape_text(argument.axes)}{KINDS[argument.kind]}"


def shape_text(axes: tuple[str, ...]) -> str:
    """(..., i), (n,), ()"""
    if not axes:
        return "()"
    return f"({axes[0]},)" if len(axes) == 1 and axes != ("...",) else f"({', '.join(axes)})"


def _errors(plan: ModulePlan) -> str:
    errors = ["ValueError where shapes disagree"]
    errors += ["TypeError where integers are not"] if any(a.kind == "integer" for a in plan.arguments) else []
    errors += ["TypeError where booleans are not"] if any(a.kind == "boolean" for a in plan.arguments) else []
    errors += ["IndexError outside the range"] if plan.ranges or _calls(plan.checks, "check_inside", "check_taken") else []
    statements = [*plan.forward, *(s for group in plan.backward for s in group.statements)]
    inverts = _calls((node for s in statements for node in s.nodes), "inverse")
    return ", ".join(errors + (["LinAlgError where a matrix has no inverse"] if inverts else []))


def _calls(nodes: Iterable[Array], *functions: str) -> bool:
    return any(isinstance(part, Call) and part.function in functions for node in nodes for part in walk(node))
