"""The committed modules are what the catalog generates, byte for byte, whatever the hash seed and the order."""

import ast
import os
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

import pytest

import symbp
from symbp import generated

COMMITTED = Path(__file__).parents[1] / "generated"
GENERATE = [sys.executable, "-m", "symbp.cli", "generate"]


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "__init__.py"}


def difference(found: dict[str, str], expected: dict[str, str]) -> str:
    """What would have to change in the committed files, as a diff; nothing if they are the same."""
    names = sorted(found.keys() | expected.keys())
    sides = [(name, expected.get(name, "").splitlines(), found.get(name, "").splitlines()) for name in names]
    return "\n".join(line for name, old, new in sides for line in unified_diff(old, new, name, name, lineterm="", n=0))


def generate(folder: Path, *layers: str, seed: int = 0) -> dict[str, str]:
    """The modules written by a process of its own, with this hash seed."""
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    subprocess.run([*GENERATE, *layers, "-o", str(folder)], env=environment, check=True, capture_output=True)
    return texts(folder)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_committed_modules_are_what_the_catalog_generates(tmp_path: Path, seed: int) -> None:
    assert not difference(generate(tmp_path, "--all", seed=seed), texts(COMMITTED))


def test_the_order_of_generation_changes_nothing(tmp_path: Path) -> None:
    assert not difference(generate(tmp_path, *reversed(list(symbp.catalog))), texts(COMMITTED))


@pytest.mark.parametrize("path", sorted(COMMITTED.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_generated_module_imports_numpy_and_at_most_scipy(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    foreign = {name.split(".")[0] for name in froms + names} - set(sys.stdlib_module_names) - {"numpy", "scipy"}
    assert not foreign


@pytest.mark.parametrize("name", list(symbp.catalog))
def test_modules_and_classes_are_found_by_name(name: str) -> None:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    module = getattr(generated, name)
    assert getattr(generated, class_name) is getattr(module, class_name)
    assert {name, class_name} <= set(dir(generated))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'symbp\.generated' has no attribute 'Nonesuch'"):
        _ = generated.Nonesuch
