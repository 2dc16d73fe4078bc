"""What a user does with a layer: read it, derive it, load it, check it."""

import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
import sympy

import symbp
from symbp import Layer, SymbpError

MISH = "mish(x): y = x*tanh(log(1 + exp(x)))"
PAIR = """
# A shifted sigmoid.
shifted(x, by=1): y = sigmoid(x - by)
twice(x): y = 2*shifted(x)
"""


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    file = tmp_path / "pair.symbp"
    file.write_text(PAIR, encoding="utf-8")
    return file


def test_a_layer_says_what_was_read() -> None:
    affine = symbp.catalog["affine"]
    assert (affine.name, affine.inputs, affine.outputs) == ("affine", ("x", "W", "b"), ("y",))
    assert affine.equations == ("y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]",)


def test_a_name_is_looked_up_in_the_catalog() -> None:
    assert symbp.layer("sigmoid") is symbp.catalog["sigmoid"]


def test_an_unknown_name_brings_the_nearest_ones() -> None:
    with pytest.raises(SymbpError, match=r"^'sigmoyd' is not in the catalog; did you mean sigmoid or logsigmoid\?$"):
        symbp.layer("sigmoyd")


def test_a_layer_of_ones_own_may_call_the_catalog() -> None:
    module = symbp.layer("silu(x): y = x*sigmoid(x)").load()
    assert module.forward(np.array([0.0, 2.0]))[0] == pytest.approx([0, 2 / (1 + np.exp(-2))])


def test_a_layer_may_come_from_sympy() -> None:
    x = sympy.Symbol("x")
    module = symbp.layer("swish", y=x * sympy.exp(x) / (1 + sympy.exp(x))).load()
    assert module.forward(2.0)[0] == pytest.approx(2 / (1 + np.exp(-2)))


def test_one_layer_is_expected_of_a_text() -> None:
    with pytest.raises(SymbpError, match=r"^one layer expected, found 2: shifted, twice"):
        symbp.layer(PAIR)


def test_a_file_of_layers_is_a_mapping_in_its_order(pair: Path) -> None:
    layers = symbp.read(pair)
    assert list(layers) == ["shifted", "twice"]
    assert layers["twice"].load().forward(1.0)[0] == pytest.approx(1.0)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SymbpError, match=r"^.*none\.symbp: cannot be read"):
        symbp.read(tmp_path / "none.symbp")


@pytest.mark.parametrize("asked", [{"target": "fortran"}, {"accuracy": "perfect"}])
def test_a_target_or_accuracy_that_is_not_there_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(SymbpError, match=r"^(target 'fortran'|accuracy 'perfect') is not available; there is '(numpy|balanced)'$"):
        symbp.layer(MISH).source(**asked)


def test_the_derivation_is_made_once() -> None:
    mish = symbp.layer(MISH)
    assert mish.derivation is mish.derivation and mish.load() is mish.load()


def test_the_derivation_prints_as_text() -> None:
    derivation = symbp.catalog["sigmoid"].derive()
    assert str(derivation) == derivation.to_text()
    assert max(map(len, str(derivation).splitlines())) <= 80


def test_the_loaded_module_is_the_source() -> None:
    mish = symbp.layer(MISH)
    assert Path(mish.load().__file__ or "").read_text(encoding="utf-8") == mish.source()


def test_a_traceback_shows_the_line_of_the_loaded_module() -> None:
    module = symbp.catalog["affine"].load()
    with pytest.raises(ValueError, match="W") as caught:
        module.forward(np.ones((2, 3)), np.ones((4, 5)), np.ones(5))
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == module.__file__ and "raise" in (last.line or "")


def test_gradients_of_a_loaded_module_can_be_pickled() -> None:
    module = symbp.catalog["mul"].load()
    y, residuals = module.forward(2.0, 3.0)
    gradients = module.backward(np.ones_like(y), residuals)
    assert pickle.loads(pickle.dumps(gradients)) == gradients
    assert (gradients.a, gradients.b) == (3, 2)


def test_a_damaged_file_of_the_cache_is_written_anew(tmp_path: Path) -> None:
    code = "import symbp, pathlib; m = symbp.layer('relu').load(); print(m.forward(2.0)[0]); pathlib.Path(m.__file__).write_text('broken(')"
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert float(done.stdout) == 2


def test_check_of_a_right_layer_holds() -> None:
    report = symbp.layer(MISH).check()
    assert report, str(report)


def test_the_graph_is_a_picture() -> None:
    picture = symbp.catalog["shopping"].graph(apple=200, count=5, tax=1.1)
    assert picture.to_svg().startswith("<svg") and "220" in picture.to_svg()


def test_a_layer_shows_its_equations_as_latex() -> None:
    latex = symbp.catalog["sigmoid"]._repr_latex_()
    assert latex.startswith("$") and latex.endswith("$") and "e^{" in latex


def test_layers_are_values() -> None:
    first, second = symbp.layer(MISH), symbp.layer(MISH)
    assert isinstance(first, Layer) and first == second
    with pytest.raises(AttributeError):
        first.definition = second.definition  # type: ignore[misc]


def test_what_an_interactive_session_echoes_is_one_line() -> None:
    layer = symbp.catalog["relu"]
    assert repr(layer) == "<Layer relu(x) -> y>"
    assert repr(layer.derive()) == "<Explanation of relu: print it, or .to_html(), .to_latex(), .to_markdown(), .to_pdf(path)>"
    assert repr(layer.check()) == "<relu holds: 14 of 14 checks held, 2 not applicable>"
