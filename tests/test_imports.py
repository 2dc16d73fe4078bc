"""The rooms of the house import one way, and importing symbp stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "symbp").rglob("*.py"))
FLOORS = (
    {"errors", "files", "templating"},
    {"loading", "ir"},
    {"language", "calculus"},
    {"algebra"},
    {"plan"},
    {"emit", "explain", "check", "textbook"},
    {"layer"},
    {"catalog"},
    {"reading"},
    {"demo", "listing", "site"},
    {"cli"},
)
FOUNDATION = {"errors", "ir"}  # all that explain and check may stand on: an oracle shares no code with what it judges
BESIDE = {"explain": FOUNDATION | {"language", "templating"}, "check": FOUNDATION}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "symbp").parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    """The rooms of symbp that a file imports; a public name of the package itself is no room."""
    rooms = set().union(*FLOORS)
    parts = [name.split(".") for name in imports(path)]
    return {p[1] for p in parts if p[0] == "symbp" and len(p) > 1 and p[1] in rooms}


def allowed(room: str) -> set[str]:
    below: set[str] = set()
    for floor in FLOORS:
        if room in floor:
            return {room} | BESIDE.get(room, below)
        below = below | floor
    raise AssertionError(f"{room} has no floor in this test")


@pytest.mark.parametrize("path", [p for p in FILES if p.name != "__init__.py" or p.parent.name != "symbp"], ids=str)
def test_a_room_imports_only_the_floors_below_it(path: Path) -> None:
    room = room_of(path)
    assert rooms_imported(path) <= allowed(room)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_templating_knows_the_folder_of_templates(path: Path) -> None:
    knows = any(name.split(".")[0] == "jinja2" for name in imports(path)) or "symbp.templates" in path.read_text(encoding="utf-8")
    assert not knows or room_of(path) == "templating"


def loaded_by(code: str) -> set[str]:
    """The top-level packages and generated modules that are loaded after the code has run."""
    show = "; import sys; print(*{m if m.startswith('symbp.generated.') else m.split('.')[0] for m in sys.modules})"
    return set(subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True).stdout.split())


HEAVY = {"sympy", "mpmath", "numpy", "scipy", "jinja2"}


def test_importing_symbp_loads_none_of_its_dependencies() -> None:
    assert not loaded_by("import symbp; symbp.catalog, symbp.layer, symbp.read") & (HEAVY | {"click"})


def test_the_help_text_loads_no_mathematics() -> None:
    assert not loaded_by("from symbp.cli import main; main(['--help'], standalone_mode=False)") & HEAVY


def test_a_generated_class_loads_its_own_module_and_nothing_heavy() -> None:
    loaded = loaded_by("from symbp.generated import Sigmoid")
    assert {name for name in loaded if name.startswith("symbp.generated.")} == {"symbp.generated.sigmoid"}
    assert not loaded & {"sympy", "mpmath", "scipy", "jinja2"}


def test_public_names_survive_the_import_of_the_modules_of_the_same_name() -> None:
    code = "import symbp.layer, symbp.catalog.losses, symbp; assert callable(symbp.layer) and hasattr(symbp.catalog, 'families')"
    assert "symbp" in loaded_by(code)
