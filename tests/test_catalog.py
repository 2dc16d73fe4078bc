"""Every layer of the catalog: what it says about itself, that it is read when it is needed, and that it checks."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from torch_layers import COMPARISONS
from torch_layers.updates import OPTIMIZERS

import symbp
from symbp import language
from symbp.catalog import FAMILIES, catalog

FOLDER = Path(symbp.__file__).parent / "catalog"


def test_every_file_of_the_catalog_is_a_family() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_text_and_nothing_else(family: str) -> None:
    docstring, layers = ast.parse((FOLDER / f"{family}.py").read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(layers, ast.Assign) and isinstance(layers.value, ast.Constant)


@pytest.mark.parametrize("name", list(catalog))
def test_a_layer_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    description, *rest = catalog[name].definition.doc.splitlines()
    assert description and any(line.startswith("Source: ") for line in rest)


# Where all weights of a whole block are around ±800 its attention is saturated and its norms are of two values: what comes back
# to Wk cancels to -1.7e-7, and rounding leaves 580. The layers that the block is made of hold there, each by itself.
SATURATED = {"transformer_block": ["large and small"]}


@pytest.mark.parametrize("name", list(catalog))
def test_a_layer_of_the_catalog_checks(name: str) -> None:
    report = catalog[name].check()
    assert [row.name for row in report.failures] == SATURATED.get(name, []), str(report)


def test_the_catalog_is_read_only() -> None:
    with pytest.raises(TypeError):
        catalog["mine"] = catalog["relu"]  # type: ignore[index]


def test_an_unknown_layer_is_a_key_error() -> None:
    assert "mine" not in catalog
    with pytest.raises(KeyError):
        catalog["mine"]


def test_families_hold_every_layer_once() -> None:
    assert [name for names in catalog.families().values() for name in names] == list(catalog)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_layer_read_by_itself_is_what_its_family_s_whole_text_says(family: str) -> None:
    whole = language.read(import_module(f"symbp.catalog.{family}").LAYERS, catalog.definitions())
    assert [one.name for one in whole] == list(catalog.families()[family])
    for one in whole:
        found = catalog[one.name].definition
        assert (found.text, found.doc, found.called) == (one.text, one.doc, one.called)
        assert str(found.program) == str(one.program)


def test_listing_the_catalog_reads_none_of_it() -> None:
    code = "import sys; from symbp.cli import main; main(['list'], standalone_mode=False); sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_layer_is_read_when_it_is_asked_for_and_with_it_those_that_it_calls() -> None:
    code = "import symbp; symbp.catalog['gelu']; print(*symbp.catalog._layers)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ndtr", "gelu"]


def test_the_derivative_of_relu_at_zero_is_zero() -> None:
    relu = catalog["relu"].load()
    _, residuals = relu.forward(np.array([-1.0, 0.0, 1.0]))
    assert relu.backward(np.ones(3), residuals).x.tolist() == [0, 0, 1]


def test_every_layer_is_compared_with_pytorch_save_small_networks_of_the_others() -> None:
    families, compared = catalog.families(), {*COMPARISONS, *OPTIMIZERS}
    assert compared <= set(catalog)
    assert set(catalog) - compared <= {*families["networks"], *families["graphs"]}
