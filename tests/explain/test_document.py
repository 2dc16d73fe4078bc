"""The document of a derivation as data."""

import pytest

import symbp
from symbp.explain.document import DEPTHS


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_line_says_how_to_take_it(depth: str) -> None:
    document = symbp.catalog["softmax"].derive().document(depth)
    lines = [line for section in document.sections for line in section.lines]
    assert {line.kind for line in lines} <= {"equality", "definition", "given", "contribution", "choice"}
    assert [line.mark for line in document.sections[0].lines] == ["(1)"]


def test_a_line_names_its_rule_and_the_facts_that_it_rests_on() -> None:
    document = symbp.catalog["sigmoid"].derive().document("equations")
    line = next(line for section in document.sections for line in section.lines if line.rule == "output form")
    assert line.proof == "exact" and line.kind == "equality" and line.why[0].key == "by"


def test_the_result_alone_is_forward_and_backward() -> None:
    document = symbp.catalog["tanh"].derive().document("result")
    assert [section.title.key for section in document.sections][:2] == ["title:forward", "title:result"]
