"""The computational graph: its numbers, its labels, its picture."""

from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from symbp.errors import SymbpError
from symbp.explain import graph
from symbp.explain.graph_heights import isotonic
from symbp.explain.svg import Edge, Node, draw, lay_out, occupied

AT = {
    "apple": {"apple": 200, "count": 5, "tax": "1.1"},
    "fruit": {"apple": 100, "apple_count": 2, "orange": 150, "orange_count": 3, "tax": "1.1"},
    "sigmoid": {"x": 0},
    "softmax_loss": {"z": [[0.3, 2.9, 4.0], [1.0, 0.0, -1.0]], "t": [2, 0]},
    "three_classes": {"a1": 0.3, "a2": 2.9, "a3": 4.0, "t1": 0, "t2": 0, "t3": 1},
}


def labels(picture, source):
    return [(edge.above, edge.below) for edge in picture.edges if edge.source == source]


@pytest.mark.parametrize(
    ("layer", "source", "above", "below"),
    [
        ("apple", "apple", "200", "5.5"),
        ("apple", "count", "5", "220"),
        ("apple", "tax", "1.1", "1000"),
        ("apple", "price", "1100", "1"),
        ("fruit", "apple", "100", "2.2"),
        ("fruit", "apple_count", "2", "110"),
        ("fruit", "orange", "150", "3.3"),
        ("fruit", "orange_count", "3", "165"),
        ("fruit", "tax", "1.1", "650"),
        ("fruit", "price", "715", "1"),
        ("sigmoid", "x", "0", "0.25"),
    ],
)
def test_edges_carry_the_books_numbers(derivation_of, layer, source, above, below):
    assert labels(graph(derivation_of(layer), AT[layer]), source) == [(above, below)]


def test_each_use_of_a_value_shows_its_own_contribution(derivation_of):
    picture = graph(derivation_of("three_classes"), AT["three_classes"])
    (_, through_sum), (_, direct) = labels(picture, "e3")
    total = float(labels(picture, "a3")[0][1].replace("−", "-"))
    assert (float(through_sum.replace("−", "-")) + float(direct.replace("−", "-"))) * np.exp(4.0) == pytest.approx(total, rel=1e-4)


def test_without_numbers_edges_carry_formulas(derivation_of):
    picture = graph(derivation_of("sigmoid"))
    assert labels(picture, "u2") == [("u2 = exp(u1)", "du2 = du3")]
    assert labels(picture, "y") == [("y = 1/u3", "dy")]


def test_nodes_carry_the_symbols_of_their_operations(derivation_of):
    assert [n.label for n in graph(derivation_of("sigmoid")).nodes] == ["x", "×(−1)", "exp", "+1", "1/·", "y"]


def test_arrays_are_written_out_when_small_and_by_shape_when_large(derivation_of):
    assert labels(graph(derivation_of("sigmoid"), {"x": [[0, 0]]}), "x") == [("[[0, 0]]", "[[0.25, 0.25]]")]
    assert labels(graph(derivation_of("sigmoid"), {"x": np.zeros((2, 3))}), "x") == [("(2, 3)", "(2, 3)")]


def test_integer_inputs_have_no_gradient(derivation_of):
    assert all(below == "" for _, below in labels(graph(derivation_of("softmax_loss"), AT["softmax_loss"]), "t"))


def test_a_maximum_sends_its_gradient_to_the_first_of_the_largest(derivation_of):
    picture = graph(derivation_of("largest"), {"x": [[1, 3, 3]]})
    assert [n.label for n in picture.nodes] == ["x", "max", "y"]
    assert labels(picture, "x") == [("[[1, 3, 3]]", "[[0, 1, 0]]")]


def test_a_missing_input_is_an_error(derivation_of):
    with pytest.raises(SymbpError, match=r"^graph of apple: tax missing; give a value for each of apple, count, tax"):
        graph(derivation_of("apple"), {"apple": 1, "count": 2})


def test_an_unknown_input_is_an_error(derivation_of):
    with pytest.raises(SymbpError, match=r"^graph of sigmoid: y unknown"):
        graph(derivation_of("sigmoid"), {"x": 1, "y": 2})


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("layer", sorted(AT))
def test_the_picture_is_well_formed(derivation_of, layer, numbers):
    picture = graph(derivation_of(layer), AT[layer] if numbers else None)
    root = ElementTree.fromstring(picture.to_svg())
    paths = [path for path in root.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "edge"]
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(paths) == len(picture.edges)


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("layer", sorted(AT))
def test_no_labels_or_nodes_overlap(derivation_of, layer, numbers):
    picture = graph(derivation_of(layer), AT[layer] if numbers else None)
    assert overlaps(picture.nodes, picture.edges) == []


def test_a_graph_of_a_hundred_nodes_keeps_its_labels_apart():
    random = np.random.default_rng(0)
    nodes = [Node(str(k), "×", "operation", "") for k in range(100)]
    pairs = [(int(random.integers(max(0, k - 12), k)), k) for k in range(1, 100) for _ in range(2)]
    edges = [Edge(str(a), str(b), "0.123456", "−12.3456") for a, b in sorted(set(pairs))]
    assert overlaps(nodes, edges) == []
    assert draw("hundred", nodes, edges) == draw("hundred", nodes, edges)


def test_a_picture_follows_the_readers_light_or_dark_setting(derivation_of):
    assert "@media (prefers-color-scheme: dark)" in graph(derivation_of("sigmoid")).to_svg()


def test_names_are_escaped_in_the_picture():
    assert "a &lt; b" in draw("g", [Node("a", "a < b", "value", "a & b")], [])


def test_dot_text_names_every_node_and_edge(derivation_of):
    picture = graph(derivation_of("apple"), AT["apple"])
    dot = picture.to_dot()
    assert dot.startswith('digraph "apple" {\n')
    assert dot.count(" -> ") == len(picture.edges)
    assert 'taillabel="200", headlabel="5.5"' in dot


def test_isotonic_values_keep_their_spacings_and_are_nearest():
    assert isotonic([0.0, 0.0], [2.0]) == [-1.0, 1.0]
    assert isotonic([0.0, 5.0], [2.0]) == [0.0, 5.0]
    assert isotonic([0.0, 0.0], [2.0], [1.0, 3.0]) == [-1.5, 0.5]


def overlaps(nodes, edges):
    """Pairs of shapes and texts that share an area."""
    boxes = occupied(nodes, edges, lay_out(nodes, edges))
    return [(a, b) for (a, one), (b, other) in combinations(boxes.items(), 2) if meet(one, other)]


def meet(one, other):
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one, other
    return min(right, right2) - max(left, left2) > 0.01 and min(bottom, bottom2) - max(top, top2) > 0.01
