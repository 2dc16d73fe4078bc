"""Derivation -> Derivation: named passes, each rewrite proved or refused."""

from symbp.algebra.nodes import trace_nodes
from symbp.algebra.simplify import output_form, simplify
from symbp.algebra.stable import stabilise

__all__ = ["output_form", "simplify", "stabilise", "trace_nodes"]
