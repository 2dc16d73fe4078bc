"""The derivation in the terminal."""

import pytest

import symbp
from symbp.errors import SymbpError
from symbp.explain import to_text
from symbp.explain.document import DEPTHS
from symbp.explain.languages import LANGUAGES, words_of
from symbp.explain.rows import columns

MANY = """sigmoid relu tanh gelu softplus softmax log_softmax cross_entropy mse layer_norm batch_norm group_norm rms_norm
attention linear conv2d max_pool2d avg_pool2d lp_pool2d embedding lstm_cell gru_cell rnn huber hinge kl_div bilinear
linear_recurrence cosine_distance linear_attention_causal transformer_block""".split()  # noqa: SIM905

SIGMOID = """\
sigmoid
=======

dx = ∂L/∂x is the gradient of a final scalar L.

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
     du3 = dy·∂y/∂u3 = −dy·y²               chain rule: upstream × local

Backward through node 3
 3.  u3 = 1 + u2                            +1
     ∂u3/∂u2 = 1                            local derivative: an addition passes
                                            on what comes, unchanged
     du2 = du3·∂u3/∂u2 = du3                chain rule: upstream × local

Backward through node 2
 2.  u2 = exp(u1)                           exp
     ∂u2/∂u1 = exp(u1)                      local derivative: exp is its own
                                            derivative
             = u2                           output form: by exp(u1) = u2 (exact)
     du1 = du2·∂u2/∂u1 = du2·u2             chain rule: upstream × local

Backward through node 1
 1.  u1 = −x                                ×(−1)
     ∂u1/∂x = −1                            local derivative: a constant factor
                                            stays
     dx = du1·∂u1/∂x = −du1                 chain rule: upstream × local

Rewriting to the final form
     dx = dy·y²·exp(−x)                     substitute: product along the path
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
        assert f"\n\nGradient with respect to {name}\n" in text


def test_a_value_used_several_times_receives_contributions_and_adds_them_up(derivation_of):
    text = to_text(derivation_of("three_classes"))
    assert "     dS ← dy1·∂y1/∂S = " in text
    assert "accumulate: the contributions add up" in text


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


def test_the_text_begins_with_what_a_gradient_is_called(derivation_of):
    assert "\ndx = ∂L/∂x is the gradient of a final scalar L.\n" in to_text(derivation_of("sigmoid"), "result")


def test_a_layer_that_has_an_output_called_l_calls_the_final_scalar_otherwise(derivation_of):
    assert "\ndz = ∂J/∂z is the gradient of a final scalar J.\n" in to_text(derivation_of("softmax_loss"), "result")


def test_what_follows_a_wide_first_side_hangs_below_it():
    text = symbp.catalog["attention"].derive().to_text("equations")
    assert (
        """
     ∂softmax_y[...,i,k]/∂(Σ_j exp(s[...,i,j]))
          = −exp(s[...,i,k])/(Σ_j exp(s[...,i,j]))²
                                            local derivative
          = −softmax_y[...,i,k]/Σ_j exp(s[...,i,j])
"""
        in text
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MANY)
def test_no_line_is_wider_than_a_terminal(name, lang):
    derivation = symbp.catalog[name].derive()
    rows = [row for depth in DEPTHS for row in derivation.to_text(depth, lang).splitlines()]
    assert [row for row in rows if columns(row) > 80] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_notes_begin_in_one_column(lang):
    begin = [f"{words_of(lang)[f'rule:{rule}']}: " for rule in ("chain rule", "accumulate", "substitute", "stable form")]
    rows = symbp.catalog["layer_norm"].derive().to_text("nodes", lang).splitlines()
    noted = [columns(row[: row.index(name)]) for row in rows for name in begin if name in row]
    assert len(noted) > 10
    assert set(noted) == {44}


def test_an_unknown_depth_is_an_error(derivation_of):
    with pytest.raises(SymbpError, match=r"^depth 'all': expected one of nodes, equations, result"):
        to_text(derivation_of("sigmoid"), "all")
