"""Derivation -> Derivation: named passes, each rewrite proved or refused."""

from symbp.algebra.nodes import output_form, trace_nodes
from symbp.algebra.simplify import simplify
from symbp.algebra.stable import stabilise

__all__ = ["output_form", "simplify", "stabilise", "trace_nodes"]
