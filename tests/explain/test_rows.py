"""How wide a text is on a terminal, and where it is broken."""

import pytest

from symbp.explain.rows import broken, columns, padded, wrapped

SUM = "dy[n,d]·gamma[d] − (x[n,d] − mu[n])·(Σ_d2 dy[n,d2]·gamma[d2]·(x[n,d2] − mu[n]))/(D·(v[n] + eps))"


@pytest.mark.parametrize(("text", "width"), [("dx = dy·y", 9), ("연쇄 법칙", 9), ("e\u0301", 1), ("Σ_k − ∞", 7), ("", 0)])
def test_hangul_takes_two_columns_and_a_combining_mark_none(text, width):
    assert columns(text) == width


def test_padding_counts_columns():
    assert padded("역전파", 8) == "역전파  "


def test_korean_prose_is_wrapped_at_spaces_by_its_width():
    assert wrapped("덧셈은 상류의 값을 그대로 흘려보낸다", 18) == ["덧셈은 상류의 값을", "그대로 흘려보낸다"]


def test_a_formula_in_prose_that_is_wider_than_a_row_is_broken_behind_an_operator():
    assert wrapped("by u1[n,k] = first[n,k]·second[n,k]", 20) == ["by u1[n,k] =", "first[n,k]·", "second[n,k]"]


def test_a_formula_that_fits_stays_in_one_row():
    assert broken(SUM, columns(SUM)) == [SUM]


def test_a_sum_is_broken_before_its_signs_and_a_product_before_its_factors():
    assert broken(SUM, 60) == [
        "dy[n,d]·gamma[d]",
        "  − (x[n,d] − mu[n])",
        "      ·(Σ_d2 dy[n,d2]·gamma[d2]·(x[n,d2] − mu[n]))",
        "      /(D·(v[n] + eps))",
    ]


def test_several_short_terms_share_a_row():
    assert broken("alpha + beta + gamma + delta", 20) == ["alpha + beta + gamma", "  + delta"]


def test_a_bracket_is_broken_inside_and_its_rows_stand_behind_it():
    assert broken("sqrt(first[n,k] + second[n,k])", 24) == ["sqrt(first[n,k]", "       + second[n,k])"]


def test_the_sum_sign_stays_a_sum_sign():
    assert broken("Σ_i,j,k first[i,j]·second[j,k]", 20) == ["Σ_i,j,k first[i,j]", "  ·second[j,k]"]


@pytest.mark.parametrize("width", range(20, 100, 7))
def test_breaking_loses_nothing(width):
    assert "".join("".join(broken(SUM, width)).split()) == "".join(SUM.split())


def test_the_body_of_a_sum_has_a_row_of_its_own_before_its_brackets_are_opened():
    assert broken("Σ_first,second x[n,c,i·stride+first,j·stride+second]^norm", 44) == [
        "Σ_first,second",
        "  x[n,c,i·stride+first,j·stride+second]^norm",
    ]
