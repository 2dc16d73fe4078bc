"""The form that a textbook prints, beside what was derived: a sentence where it is the same, a section where it is written otherwise."""

from __future__ import annotations

from symbp.explain.lines import Line, Section
from symbp.explain.words import Why
from symbp.ir import Cotangent, Program
from symbp.ir.derivation import Derivation, Phrase


def printed_values(derivation: Derivation) -> tuple[Program, ...]:
    """The forward values to which the source gives names of its own, for the printers to know them."""
    form, forward = derivation.printed, derivation.forward
    own = tuple(e for e in form.equations if not isinstance(e.target.head, Cotangent)) if form else ()
    return (Program(forward.name, forward.inputs, (*forward.equations, *own), forward.outputs),) if own else ()


def printed_section(derivation: Derivation) -> tuple[Section, ...]:
    """The equations of the source; its own names are definitions, the others are equal to what was derived."""
    form = derivation.printed
    if form is None or form.identical:
        return ()
    derived = derivation.backward.definitions
    lines = (Line((e.target, e.value), kind="equality" if e.name in derived else "definition") for e in form.equations)
    return (Section(Phrase("title:printed", (form.source,)), tuple(lines)),)


def printed_remark(derivation: Derivation) -> Why:
    form = derivation.printed
    return (Phrase("remark:printed", (form.source,)),) if form and form.identical else ()
