"""A walk through a graph: forward values appear node by node, then gradients node by node backwards."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.errors import SymbpError
from symbp.explain.svg import Edge, Moment, Node, Reached

FAINT = "0.13"  # opacity of what is not reached yet


def reached(nodes: Sequence[Node], edges: Sequence[Edge]) -> Reached:
    """Which move reaches what: 0 is the inputs, then each node forwards, the upstream gradients, and each node backwards."""
    steps = [node.key for node in nodes if node.kind != "value"]
    forward = {node.key: 0 for node in nodes} | {key: move for move, key in enumerate(steps, 1)}
    ends = {edge.target: edge for edge in edges if edge.target not in steps}
    forward |= {key: forward[edge.source] for key, edge in ends.items()}
    sending = {edge.target for edge in edges if edge.below}
    first = len(steps) + 1
    backward = {key: first for key in ends if key in sending}
    backward |= {key: move for move, key in enumerate((key for key in reversed(steps) if key in sending), first + 1)}
    return Reached(forward, backward, max([*forward.values(), *backward.values()]))


def after(name: str, found: Reached, step: int) -> Moment:
    """How the picture looks after so many moves: what is not reached is faint, what the last move is about has a halo.

    Raises:
        SymbpError: there are not so many moves.
    """
    if not 0 <= step <= found.moves:
        raise SymbpError(f"graph of {name}: step {step}; the walk has steps 0 to {found.moves}")

    def part(move: int) -> str:
        return "" if move <= step else f' opacity="{FAINT}"'

    return Moment(found, part, lambda move: "" if move == step else None)


def by_style(found: Reached) -> Moment:
    """One picture for all moves: each part says in its style when it is reached, and a style sheet shows it."""
    return Moment(found, lambda move: f' class="part" style="--at:{move}"', lambda move: f' class="about" style="--at:{move}"')
