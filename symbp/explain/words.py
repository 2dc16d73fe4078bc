"""The words of a derivation: what each rule does in short, and what is said once at the end."""

from __future__ import annotations

import re

from symbp.explain.order import Names
from symbp.explain.unicode import MINUS, SUPERSCRIPTS
from symbp.ir import Bracket, Broadcast, Element, Reduce, Where
from symbp.ir.derivation import Derivation

NOTES = {
    "upstream": "given to backward",
    "local derivative": "",
    "chain rule": "cotangent × derivative",
    "accumulate": "used several times, what comes back adds up",
    "zero": "the outputs do not depend on it",
    "collapse": "a bracket leaves one term of the sum",
    "substitute": "a name replaced by its definition",
    "output form": "a value already known",
    "simplify": "the same with less work",
    "stable form": "the same, without overflow or cancellation",
    "result": "what the code computes",
}
BROADCAST = "Where an input was broadcast, its gradient is summed back over the broadcast axes."
KINK = "At a kink the derivative is that of the branch which the condition picks there."
TIE = "Among equal largest (or smallest) entries the first one is taken."


def note(rule: str, reason: str, names: Names) -> str:
    """What stands beside a line: the rule, and in short why."""
    reason = spoken(reason.strip(), names)
    if not reason or reason.startswith("("):  # how it was proved, without more
        reason = f"{NOTES.get(rule, '')} {reason}".strip()
    return f"{rule}: {reason}" if reason else rule


def spoken(reason: str, names: Names) -> str:
    """A reason with its formulas written as all others are."""
    text = reason.replace("[...]", "") if names.elementwise else reason
    text = re.sub(r"\*\*(\d+)", lambda match: match[1].translate(SUPERSCRIPTS), text)
    text = re.sub(r"(?<![\w)\]])-(?=[\w(|])|(?<= )-(?= )", MINUS, text)
    return re.sub(r"(?<=[\w)\]])\*(?=[\w(])", "·", text)


def remarks(derivation: Derivation) -> tuple[str, ...]:
    backward = [e.value for e in derivation.backward.equations] + [s.after for s in derivation.node_steps]
    forward = [e.value for e in derivation.forward.equations]
    broadcast = any(bracket.has(Broadcast) for value in backward for bracket in value.atoms(Bracket))
    kink = any(_is_kink(where) for value in forward for where in value.atoms(Where))
    tie = any(node.op not in ("sum", "prod") for value in forward for node in value.atoms(Reduce))
    return tuple(text for holds, text in ((broadcast, BROADCAST), (kink, KINK), (tie, TIE)) if holds)


def _is_kink(where: Where) -> bool:
    """Does the condition look at values? A mask, or a comparison of indices, is no kink."""
    return any(element.head.kind == "real" for element in where.condition.atoms(Element))
