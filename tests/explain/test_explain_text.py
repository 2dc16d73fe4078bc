"""The derivation in the terminal."""

import pytest

from symbp.errors import SymbpError
from symbp.explain import to_text

SIGMOID = """\
sigmoid
=======

Forward
(1)  y = 1/(1 + exp(−x))

Forward, one operation at a time
 1.  u1 = −x                                ×(−1)
 2.  u2 = exp(u1)                           exp
 3.  u3 = 1 + u2                            +1
 4.  y = 1/u3                               1/·

Backward through node 4
 4.  y = 1/u3                               1/·
     dy                                     upstream: given to backward
     ∂y/∂u3 = −1/u3²                        local derivative: minus the square
                                            of the output
            = −y²                           output form: by u3 = 1/y (exact)
     du3 = dy·∂y/∂u3 = −dy·y²               chain rule: cotangent × derivative

Backward through node 3
 3.  u3 = 1 + u2                            +1
     ∂u3/∂u2 = 1                            local derivative: an addition passes
                                            on what comes, unchanged
     du2 = du3·∂u3/∂u2 = du3                chain rule: cotangent × derivative

Backward through node 2
 2.  u2 = exp(u1)                           exp
     ∂u2/∂u1 = exp(u1)                      local derivative: exp is its own
                                            derivative
             = u2                           output form: by exp(u1) = u2 (exact)
     du1 = du2·∂u2/∂u1 = du2·u2             chain rule: cotangent × derivative

Backward through node 1
 1.  u1 = −x                                ×(−1)
     ∂u1/∂x = −1                            local derivative: a constant factor
                                            stays
     dx = du1·∂u1/∂x = −du1                 chain rule: cotangent × derivative

Rewriting to the final form
     dx = dy·y²·exp(−x)                     substitute: the product along the
                                            path
(2)     = dy·y·(1 − y)                      output form: by exp(−x) = 1/y − 1,
                                            from (1) (exact)
"""


def test_the_sigmoid_is_derived_in_four_nodes_as_the_book_does_it(derivation_of):
    assert to_text(derivation_of("sigmoid")).startswith(SIGMOID)


def test_the_result_alone_is_the_numbered_equations(derivation_of):
    lines = to_text(derivation_of("sigmoid"), "result").splitlines()
    assert "(1)  y = 1/(1 + exp(−x))" in lines
    assert "(2)  dx = dy·y·(1 − y)" in lines


@pytest.mark.parametrize(
    ("layer", "formula"),
    [
        ("sigmoid", "dx = dy·y·(1 − y)"),
        ("relu", "dx = where(x ≤ 0, 0, dy)"),
        ("affine", "dx[...,i] = Σ_o dy[...,o]·W[i,o]"),
        ("affine", "dW[i,o] = Σ_... dy[...,o]·x[...,i]"),
        ("add", "db = dy"),
    ],
)
def test_a_result_reads_as_people_write_it(derivation_of, layer, formula):
    assert f"  {formula}\n" in to_text(derivation_of(layer), "result")


def test_equations_have_one_block_for_each_cotangent(derivation_of):
    text = to_text(derivation_of("affine"), "equations")
    for name in "yxWb":
        assert f"\n\nCotangent of {name}\n" in text


def test_a_value_used_several_times_receives_contributions_and_adds_them_up(derivation_of):
    text = to_text(derivation_of("three_classes"))
    assert "     dS ← dy1·∂y1/∂S = " in text
    assert "accumulate: used several times" in text


def test_broadcast_sums_are_said_once_in_words(derivation_of):
    text = to_text(derivation_of("add"), "result")
    assert "Σ" not in text
    assert text.count("its gradient is summed back over the broadcast\naxes.") == 1


def test_the_convention_at_a_kink_is_stated(derivation_of):
    assert "At a kink" in to_text(derivation_of("relu"), "result")
    assert "At a kink" not in to_text(derivation_of("sigmoid"), "result")


def test_the_convention_for_abs_is_stated(derivation_of):
    assert "abs and sign have derivative 0 at 0." in to_text(derivation_of("length"), "result")


def test_the_saved_position_of_a_maximum_is_no_use_of_its_own(derivation_of):
    assert "←" not in to_text(derivation_of("largest"))


def test_the_convention_for_ties_is_stated(derivation_of):
    assert "the first one is taken" in to_text(derivation_of("largest"), "result")


@pytest.mark.parametrize("depth", ["nodes", "equations", "result"])
def test_no_line_is_wider_than_a_terminal(derivation_of, any_layer, depth):
    assert max(map(len, to_text(derivation_of(any_layer), depth).splitlines())) <= 80


def test_an_unknown_depth_is_an_error(derivation_of):
    with pytest.raises(SymbpError, match=r"^depth 'all': expected one of nodes, equations, result"):
        to_text(derivation_of("sigmoid"), "all")
