"""Every example runs as its first lines say, and prints what it promises."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, *arguments: object) -> str:
    """What the example prints; it may not warn, nor fail."""
    command = [sys.executable, "-W", "error", EXAMPLES / f"{name}.py", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_every_example_has_a_test() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    assert all(f'run("{path.stem}"' in tests for path in EXAMPLES.glob("*.py"))


def test_the_digits_are_learned(tmp_path: Path) -> None:
    printed = run("digits", 60, tmp_path)
    (accuracy,) = re.findall(r"test accuracy: (\S+)%", printed)
    assert float(accuracy) >= 97


def test_the_digits_leave_their_parameters_in_files(tmp_path: Path) -> None:
    run("digits", 1, tmp_path)
    assert {name: array.shape for name, array in np.load(tmp_path / "hidden.npz").items()} == {"W": (64, 50), "b": (50,)}


def test_a_new_layer_is_derived_written_and_checked(tmp_path: Path) -> None:
    printed = run("new_layer", tmp_path)
    assert "Backward" in printed and "mish holds" in printed
    assert "def backward(" in (tmp_path / "mish.py").read_text(encoding="utf-8")


def test_the_new_layer_does_not_overflow(tmp_path: Path) -> None:
    rows = re.findall(r"x = +(\S+) +y = +(\S+) +dy/dx = +(\S+)", run("new_layer", tmp_path))
    assert [list(map(float, row)) for row in rows if abs(float(row[0])) == 1000] == [[-1000, 0, 0], [1000, 1000, 1]]


def test_the_gradient_check_finds_the_slip_of_the_pen() -> None:
    assert "sigmoid FAILS" in run("gradient_check")


def test_the_gradient_check_shows_that_every_input_of_affine_agrees() -> None:
    differences = re.findall(r"d(\w+): largest difference (\S+)", run("gradient_check"))
    assert [name for name, _ in differences] == ["x", "W", "b"]
    assert max(float(difference) for _, difference in differences) < 1e-9


def test_the_gradient_check_shows_that_the_best_step_is_neither_the_largest_nor_the_smallest() -> None:
    errors = [float(error) for error in re.findall(r"h = \S+ +largest difference from backward (\S+)", run("gradient_check"))]
    assert min(errors) < 1e-10 < min(errors[0], errors[-1])
