"""What is right passes, quickly, and the report says what was tried."""

import time

import layers_by_hand as by_hand
import pytest

from symbp.check import check
from symbp.check.report import Report, Row
from symbp.check.samples import draw_samples


@pytest.mark.parametrize("name", sorted(by_hand.RIGHT))
def test_a_module_that_is_right_passes_every_check(name):
    program, module = by_hand.RIGHT[name]
    report = check(program, module)
    assert report, str(report)


@pytest.mark.parametrize("name", sorted(by_hand.RIGHT))
def test_another_seed_passes_too(name):
    assert check(*by_hand.RIGHT[name], seed=7)


def test_the_same_seed_gives_the_same_report():
    assert check(*by_hand.RIGHT["affine"], seed=3) == check(*by_hand.RIGHT["affine"], seed=3)


def test_a_check_of_a_small_layer_takes_less_than_two_seconds():
    start = time.perf_counter()
    check(*by_hand.RIGHT["softmax"])
    assert time.perf_counter() - start < 2


def test_the_report_fits_a_hundred_columns_and_shows_every_row():
    report = check(*by_hand.RIGHT["logarithm"])
    lines = str(report).splitlines()
    assert max(map(len, lines)) <= 100
    assert all(any(line[2:].startswith(row.name) for line in lines) for row in report.rows)
    assert lines[0].startswith("logarithm holds: ")


def test_a_failed_report_shows_the_place_of_the_worst_error():
    report = Report("f", (Row("forward", "3 cases", 3, 0.5, 1e-12, "y at [0, 1] is 1, exact 2", held=False),))
    assert not report
    assert "✗ forward" in str(report) and "y at [0, 1] is 1, exact 2" in str(report)
    assert report.failures == report.rows


def test_a_domain_that_is_not_all_numbers_is_found():
    regimes = {case.regime.name for case in draw_samples(by_hand.LOGARITHM, seed=0).ordinary if case.arrays["x"].size > 2}
    assert regimes == {"values in (0.1, 0.9)"}


def test_a_layer_without_a_domain_is_reported_as_failed():
    report = check(by_hand.NOWHERE, by_hand.sigmoid_module)
    assert not report
    assert report.rows[0].note == "no sizes and values were found at which the exact result is real and finite"


def test_complex_step_says_why_it_does_not_apply():
    assert check(*by_hand.RIGHT["absolute"])["complex step"].note == "not applicable: abs drops the imaginary part"


def test_kinks_do_not_apply_to_a_smooth_layer():
    assert check(*by_hand.RIGHT["sigmoid"])["kinks"].note == "not applicable: nothing compares real values"
