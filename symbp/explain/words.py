"""The words of a derivation: what each rule does in short, and what is said once at the end."""

from __future__ import annotations

from sympy import Abs, sign

from symbp.ir import Bracket, Broadcast, Element, Loop, Reduce, Where
from symbp.ir.derivation import Derivation, Fact, Step

Note = tuple[str | Fact, ...]  # words, and equalities that each printer writes in its own way

NOTES = {
    "upstream": "given to backward",
    "local derivative": "",
    "chain rule": "cotangent × derivative",
    "accumulate": "used several times, what comes back adds up",
    "zero": "the outputs do not depend on it",
    "substitute": "a name replaced by its definition",
    "output form": "a value already known",
    "simplify": "the same with less work",
    "no output form": "proved",
    "as derived": "no shorter form was found",
    "stable form": "the same, without overflow or cancellation",
    "result": "what the code computes",
}
IMPOSSIBLE = "no output form"  # is said once, at the end
BROADCAST = "Where an input was broadcast, its gradient is summed back over the broadcast axes."
KINK = "At a kink the derivative is that of the branch which the condition picks there."
FLAT = "abs and sign have derivative 0 at 0."
TIE = "Among equal largest (or smallest) entries the first one is taken."


def note(step: Step, says: str = "") -> Note:
    """What stands beside a line: the rule, in short why, and how it was proved."""
    why: Note = _by(step.facts) or (step.reason or says or NOTES[step.rule],)
    proof = (f" ({step.proof})",) if step.proof else ()
    return (step.rule, *((": ", *why) if any(why) else ()), *proof)


def _by(facts: tuple[Fact, ...]) -> Note:
    """by left = right, from (1); left = right, from (2)"""
    said = [(fact, f", from ({fact.number})" if fact.number else "") for fact in facts]
    return tuple(piece for k, pair in enumerate(said) for piece in ("; " if k else "by ", *pair))


def in_turn(loop: Loop) -> str:
    """The order in which a recurrence is computed."""
    t = loop.index.name
    return f"{t} from the last to the first" if loop.reverse else f"{t} = 0, 1, 2, … in turn"


def remarks(derivation: Derivation) -> tuple[str, ...]:
    backward = [e.value for e in derivation.backward.equations] + [s.after for s in derivation.node_steps]
    forward = [e.value for e in derivation.forward.equations]
    broadcast = any(bracket.has(Broadcast) for value in backward for bracket in value.atoms(Bracket))
    kink = any(_is_kink(where) for value in forward for where in value.atoms(Where))
    tie = any(node.op in ("max", "min", "argmax", "argmin") for value in forward for node in value.atoms(Reduce))
    flat = any(value.has(Abs, sign) for value in forward)
    proved = [step.reason for step in derivation.steps if step.rule == IMPOSSIBLE]
    return (*proved, *(text for holds, text in ((broadcast, BROADCAST), (kink, KINK), (flat, FLAT), (tie, TIE)) if holds))


def _is_kink(where: Where) -> bool:
    """Does the condition look at values? A mask, or a comparison of indices, is no kink."""
    return any(element.head.kind == "real" for element in where.condition.atoms(Element))
