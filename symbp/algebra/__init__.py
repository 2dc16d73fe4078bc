"""Derivation -> Derivation: named passes, each rewrite proved or refused.

In the order in which they come to an equation:

    output_form   during the reverse sweep: a local derivative by the value that its equation computes
    simplify      the backward equations: ``simplify.PASSES``, one after the other
    stabilise     both programs: the rules of ``stable_rules.stable``, one after the other
    trace_nodes   only to tell the derivation: the same sweep over single operations, ending in the simplified equations

A pass asks ``search`` for the cheapest form that the rules of known equations (``mining``, ``outputs``) and rational algebra
(``tidy``) lead to, ``merging`` what one equation put into others becomes, and ``proof`` whether the outcome is the same value.
Questions are asked under the names of ``renaming``, and answers are kept: a block that repeats is worked out once.
"""

from symbp.algebra.nodes import trace_nodes
from symbp.algebra.simplify import output_form, simplify
from symbp.algebra.stable import stabilise
from symbp.algebra.tangents import simplify_tangents

__all__ = ["output_form", "simplify", "simplify_tangents", "stabilise", "trace_nodes"]
