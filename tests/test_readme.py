"""The README shows what symbp really prints: its Python sessions are run, and its commands too."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import symbp
from symbp import Layer, language
from symbp.language.functions import FUNCTIONS

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
COMMANDS = re.findall(r"```console\n\$ (symbp [^\n]*)\n(.*?)\n```", TEXT, re.DOTALL)
DEFINITIONS = re.findall(r"```text\n(affine\(.*?)```|`(h = affine\(.*?)`", TEXT, re.DOTALL)


def test_every_python_session_prints_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert tried > 10
    assert not failed


@pytest.mark.parametrize("command, printed", COMMANDS, ids=[command for command, _ in COMMANDS])
def test_every_command_prints_what_the_readme_says(command: str, printed: str, tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "symbp.cli", *shlex.split(command)[1:]]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(arguments, cwd=tmp_path, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert errors_aside(run.stdout + run.stderr) == errors_aside(printed)


def errors_aside(text: str) -> str:
    """The text without the last digits of measured errors, which differ between processors."""
    return re.sub(r"\d\.\de-\d\d(?=  )", "x.xe-xx", text).strip()


def test_the_readme_has_its_commands_and_definitions() -> None:
    assert len(COMMANDS) >= 4 and len(DEFINITIONS) == 2


@pytest.mark.parametrize("definitions", [block or line for block, line in DEFINITIONS], ids=lambda text: text[:20])
def test_every_definition_of_the_readme_is_one_that_checks(definitions: str) -> None:
    for definition in language.read(definitions, symbp.catalog.definitions()):
        report = Layer(definition).check()
        assert report, str(report)


def test_the_readme_lists_every_function() -> None:
    (listed,) = re.findall(r"\*\*Functions\.\*\* `([a-z0-9\s]+)`", TEXT)
    assert set(listed.split()) == set(FUNCTIONS) - {"where", "size"}
