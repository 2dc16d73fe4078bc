"""The distribution: what is in it, and that it works where the repository is not."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
USE = "import symbp; from symbp.generated import Sigmoid; print(symbp.__file__, Sigmoid().forward(0.0), len(symbp.layer('relu').source()))"


def run(*command: object, folder: Path) -> str:
    """What the command prints, run with no trace of the repository in its environment."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packaged, away from the repository."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("symbp", "generated", "templates"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module")
def distributions(checkout: Path) -> Path:
    """The folder with the sdist, and the wheel that was built from the sdist."""
    run(sys.executable, "-m", "build", "--no-isolation", folder=checkout)
    return checkout / "dist"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The Python of a fresh environment that sees this one's packages, but no symbp."""
    run(sys.executable, "-m", "venv", "--without-pip", "venv", folder=tmp_path)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=tmp_path).strip())
    (site / "parent.pth").write_text(sysconfig.get_path("purelib"))  # a folder added by a .pth has its own .pth files ignored
    return python


def install(python: Path, what: Sequence[object], folder: Path) -> str:
    """Install into the environment, and print what using it prints."""
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        *what,
        folder=folder,
    )
    return run(python, "-c", USE, folder=folder)


def packages_on_disk() -> set[str]:
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "symbp").rglob("*.py")}
    return {".".join(folder.parts) for folder in folders} | {"symbp.generated", "symbp.templates"}


def test_every_package_is_in_the_list_of_packages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert set(settings["packages"]) == packages_on_disk()


def test_the_wheel_holds_symbp_and_nothing_else(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"symbp"}
    assert {name.split("/")[0] for name in names} == {"symbp", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"}


@pytest.mark.parametrize(("inside", "folder"), [("symbp", "symbp"), ("symbp/generated", "generated"), ("symbp/templates", "templates")])
def test_every_file_of_the_packages_is_in_the_wheel(distributions: Path, inside: str, folder: str) -> None:
    (wheel,) = distributions.glob("*.whl")
    files = [path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".j2", ".typed")]
    assert {f"{inside}/{name}" for name in files} <= set(zipfile.ZipFile(wheel).namelist())


def test_the_sdist_holds_the_license_and_the_templates(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").glob("*.j2")} | {"LICENSE", "README.md"}
    assert expected <= names


def test_the_wheel_works_where_the_repository_is_not(distributions: Path, environment: Path, tmp_path: Path) -> None:
    printed = install(environment, list(distributions.glob("*.whl")), tmp_path)
    assert str(environment.parents[1]) in printed and " 0.5 " in printed


def test_an_editable_install_works(checkout: Path, environment: Path, tmp_path: Path) -> None:
    printed = install(environment, ["-e", checkout], tmp_path)
    assert str(checkout) in printed and " 0.5 " in printed
