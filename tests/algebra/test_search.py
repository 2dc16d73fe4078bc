"""What a search leaves behind: the forms that it went through, why each was taken or not, and that it ends at its budget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import symbp
from symbp.algebra import search
from symbp.algebra.merging import merged_hidden
from symbp.ir.derivation import Candidate, Derivation, Phrase, Step
from symbp.layer import Layer

CACHES = (search.searched, search.simplest_hidden, merged_hidden)
SWISH = "f(x): y = x/(1 + exp(-x))"
SOFTMAX = "f(x): y[n,k] = exp(x[n,k])/sum(exp(x[n,j]), j)"
TWO = "f(x, W): h[n,o] = tanh(sum(x[n,i]*W[i,o], i)); y[n,o] = h[n,o]**2"


def of(derivation: Derivation, target: str) -> list[Step]:
    return [step for step in derivation.steps if step.target.name == target]


def taken(candidates: tuple[Candidate, ...]) -> list[Candidate]:
    return [one for one in candidates if not one.refused]


def test_a_rewrite_says_which_forms_were_tried_and_what_they_cost() -> None:
    (step,) = (s for s in of(symbp.layer(SOFTMAX).derivation, "dx") if s.rule == "output form")
    (best,) = taken(step.tried)
    assert str(best.form) == "(dy[n,k] - sum(dy[n,k'1_0]*y[n,k'1_0], k'1_0))*y[n,k]"
    assert len(step.tried) > 1 and all(best.cost < one.cost for one in step.tried if one.refused == "another form is less work")


REASONS = {
    "another form is less work": SOFTMAX,
    "is no less work": "f(x): s = exp(x); y = s*s*x",
    "adds a division": "f(x): s = 1/(1 + exp(-x)); y = x*s*s",
    "is no less work in all": "f(x): s = 1/x; y = s**3 + x",
    "would be computed more than once": "f(x, W, V): h[n,o] = sum(x[n,i]*W[i,o], i); y[n,k] = sum(h[n,o]*V[o,k], o)",
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_form_that_was_not_taken_has_a_reason(reason: str) -> None:
    tried = [one for step in symbp.layer(REASONS[reason]).derivation.steps for one in step.tried]
    assert reason in {one.refused for one in tried}


def test_an_equation_that_stays_says_what_would_have_taken_its_place() -> None:
    layer = symbp.layer("f(x, W): a[n,o] = sum(x[n,i]*W[i,o], i); y[n,o] = a[n,o]**4")
    (result,) = (s for s in of(layer.derivation, "da") if s.rule == "result")
    assert [one.by for one in result.tried if one.by.startswith("da")] == ["da[n,o] put into dx[n,i]", "da[n,o] put into dW[i,o]"]


# ---------------------------------------------------------------- the budget


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(search, "BUDGET", 3)
    for cached in CACHES:
        cached.cache_clear()
    yield
    for cached in CACHES:
        cached.cache_clear()


def test_a_search_that_ends_at_its_budget_leaves_the_form_as_derived_and_says_so(small_budget: None) -> None:
    (step,) = (s for s in of(symbp.layer(SOFTMAX).derivation, "dx") if s.rule == "as derived")
    assert step.reason == (Phrase("search ended", (3,)),)
    assert not step.facts and not step.proof


def test_what_is_left_as_derived_is_right(small_budget: None) -> None:
    for text in (SWISH, SOFTMAX, TWO):
        assert Layer(symbp.layer(text).definition).check()


def test_the_derivation_shows_that_a_search_ended(small_budget: None) -> None:
    assert "as derived: the search ended" in " ".join(symbp.layer(SOFTMAX).derive().to_text("equations").split())


@pytest.mark.parametrize("name", ["softmax", "cross_entropy", "adamw", "two_layer_net"])
def test_the_budget_is_large_enough_for_what_people_write(name: str) -> None:
    assert "as derived" not in {step.rule for step in symbp.catalog[name].derivation.steps}
