"""The demonstration does what it says, in sight of the user, and ends with a status that tells how it went."""

import os
import pickle
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import symbp
from symbp import EmitError, demo
from symbp.demo import backpropagation, digits
from symbp.demo.cases import CASES, Case, compare, table, written_like
from symbp.demo.differences import central_differences, relative_errors
from symbp.demo.modules import Modules, checked, generate

PATIENCE = 600  # seconds

BOOK = """one neuron, local computation, chain rule, treadmill, shopping, two fruits, gradient check, relu layer, sigmoid in four nodes,
layers, update rules"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The demonstration, run once for all the processes of this test run: the first runs it, the others wait for it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = tmp_path_factory.getbasetemp().parent / f"demo-{run}"
    try:
        folder.mkdir()
    except FileExistsError:
        return awaited(folder / "done")
    command = [sys.executable, "-m", "symbp.cli", "demo", "-o", "shown"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / "part").write_bytes(pickle.dumps(ended))
    (folder / "part").rename(folder / "done")
    return ended


def awaited(path: Path) -> subprocess.CompletedProcess[str]:
    for _ in range(PATIENCE):
        if path.exists():
            return pickle.loads(path.read_bytes())
        time.sleep(1)
    raise TimeoutError(path)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    return generate(demo.LAYERS, tmp_path_factory.mktemp("modules"))


# ---------------------------------------------------------------- the whole


def test_the_demonstration_ends_well_and_says_nothing_on_stderr(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_demonstration_derives_the_sigmoid(done: subprocess.CompletedProcess[str]) -> None:
    assert str(symbp.catalog["sigmoid"].derive()).strip() in done.stdout


@pytest.mark.parametrize("name", demo.LAYERS)
def test_the_demonstration_checks_every_module(done: subprocess.CompletedProcess[str], name: str) -> None:
    assert re.search(rf"^✓ {name} +worst error", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", BOOK.replace("\n", " ").split(", "))
def test_the_demonstration_shows_every_case_of_the_book(done: subprocess.CompletedProcess[str], name: str) -> None:
    assert re.search(rf"^✓ .*{name}", done.stdout, re.MULTILINE)


def test_the_demonstration_counts_forward_passes(done: subprocess.CompletedProcess[str]) -> None:
    parameters = 64 * 50 + 50 + 50 * 10 + 10
    assert re.search(rf"central differences +{2 * parameters} forward passes", done.stdout)


def test_the_demonstration_trains_to_97_percent(done: subprocess.CompletedProcess[str]) -> None:
    (accuracy,) = re.findall(r"^✓ test accuracy (\S+)%", done.stdout, re.MULTILINE)
    assert float(accuracy) >= 97


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_the_demonstration_checks_every_parameter_of_the_trained_network(done: subprocess.CompletedProcess[str], name: str) -> None:
    (error,) = re.findall(rf"^✓ d{name} .*worst relative error (\S+)$", done.stdout, re.MULTILINE)
    assert 0 < float(error) < 1e-6


# ---------------------------------------------------------------- the table of cases


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_as_expected(case: Case, modules: Modules) -> None:
    for what, expected, obtained in compare(case, modules):
        assert expected == obtained, what


def test_a_case_shows_nothing_that_is_not_expected(modules: Modules) -> None:
    assert all(set(case.obtain(modules)) == set(case.expected) for case in CASES)


def test_a_wrong_number_is_marked(modules: Modules) -> None:
    wrong = replace(CASES[0], expected={"z": "0.42", "a": "0.60348326"})
    lines, held = table((wrong,), modules)
    assert not held and [line.split()[0] for line in lines] == ["✗", "✓", "✗"]


@pytest.mark.parametrize(
    ("expected", "value", "text"),
    [
        ("18", 18.0, "18"),
        ("18", 18.4, "18.4"),
        ("0.5", 0.5 + 1e-12, "0.5"),
        ("[1, 0]", np.array([1.0, -1e-20]), "[1, 0]"),
        ("1.27e-11", 1.2661871551244985e-11, "1.27e-11"),
        ("[F, T]", np.array([False, True]), "[F, T]"),
        ("[1, 2]", np.array([1.0]), "[1.]"),
        ("Mul Add", "Mul", "Mul"),
        ("0.5", float("nan"), "nan"),
    ],
)
def test_a_value_is_written_like_the_expected_text(expected: str, value: object, text: str) -> None:
    assert written_like(expected, value) == text


# ---------------------------------------------------------------- how it ends


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The demonstration with its long parts left out, and without scikit-learn."""
    monkeypatch.setattr(demo, "LAYERS", ("square", "two_layer_net"))
    monkeypatch.setattr(demo, "CASES", tuple(case for case in CASES if case.name == "gradient check"))
    monkeypatch.setattr(demo, "checked", lambda modules: True)
    monkeypatch.setattr(backpropagation, "show", lambda net, images: True)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    return monkeypatch


def test_without_scikit_learn_the_rest_runs_and_one_sentence_says_what_to_install(
    brief: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.run(tmp_path) == demo.INCOMPLETE
    printed = capsys.readouterr()
    assert printed.err.strip().endswith("pip install 'symbp[demo]'") and "✓ gradient check" in printed.out


def test_a_number_that_is_not_the_book_s_ends_with_status_one(
    brief: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (case,) = demo.CASES
    brief.setattr(demo, "CASES", (replace(case, expected={"backward": "6.1"}),))
    assert demo.run(tmp_path) == demo.FAILED
    assert "✗ gradient check" in capsys.readouterr().out


def test_a_file_that_the_user_edited_is_not_overwritten(brief: pytest.MonkeyPatch, tmp_path: Path) -> None:
    demo.run(tmp_path)
    demo.run(tmp_path)
    edited = (tmp_path / "square.py").read_text(encoding="utf-8") + "MINE = 1\n"
    (tmp_path / "square.py").write_text(edited, encoding="utf-8")
    with pytest.raises(EmitError):
        demo.run(tmp_path)
    assert (tmp_path / "square.py").read_text(encoding="utf-8") == edited


# ---------------------------------------------------------------- its parts


def test_a_module_that_is_wrong_is_shown_as_such(modules: Modules, capsys: pytest.CaptureFixture[str]) -> None:
    broken = ModuleType("broken")
    exec(symbp.catalog["mul"].source(), broken.__dict__)
    broken.forward = lambda a, b: (np.add(a, b), (a, b))  # type: ignore[attr-defined]
    assert not checked({"mul": broken})
    assert capsys.readouterr().out.startswith("✗ mul")


def test_central_differences_leave_the_parameters_as_they_were() -> None:
    w = np.array([[1.0, 2.0]])
    slopes = central_differences(lambda moved: float((moved["w"] ** 2).sum()), {"w": w})
    assert slopes["w"] == pytest.approx(2 * w, rel=1e-10) and w.tolist() == [[1, 2]]


def test_an_error_is_relative_to_the_largest_gradient() -> None:
    found, expected = {"w": np.array([4.0, 0.5])}, {"w": np.array([4.0, 0.0])}
    assert relative_errors(found, expected) == {"w": 0.125}


def test_training_is_the_same_every_time(modules: Modules) -> None:
    data = digits.images()
    if data is None:
        pytest.skip("the digits come with scikit-learn")
    first, second = (digits.train(modules, data, epochs=1) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_the_test_pictures_are_not_among_the_training_pictures() -> None:
    data = digits.images()
    if data is None:
        pytest.skip("the digits come with scikit-learn")
    assert (data.x.shape, data.test_x.shape) == ((1437, 64), (360, 64))
    assert not {tuple(row) for row in data.x.tolist()} & {tuple(row) for row in data.test_x.tolist()}
