"""Layers of the catalog as modules of a folder: generated, imported from there, and checked, one line each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from symbp.catalog import catalog
from symbp.check import Report
from symbp.emit import write
from symbp.loading import load_file

Modules = Mapping[str, ModuleType]
NOISE = 1e-30  # relative: below this the exact slopes, quotients of numbers of 60 digits, are as wrong as the module


def generate(names: Iterable[str], folder: Path) -> dict[str, ModuleType]:
    """The modules by name, imported from the files that were written.

    Raises:
        EmitError: a file is there already and was edited by hand.
    """
    modules = {}
    for name in names:
        progress(f"generating {name}")
        path = write(folder / f"{name}.py", catalog[name].source())
        modules[name] = load_file(path, f"symbp_demo_{name}")
    progress()
    print(f"{len(modules)} modules, {sum(_lines(module) for module in modules.values())} lines: {', '.join(modules)}")
    return modules


def _lines(module: ModuleType) -> int:
    return len(Path(str(module.__file__)).read_text(encoding="utf-8").splitlines())


def checked(modules: Modules) -> bool:
    """Whether every module computes its definition; a line each says how far off the worst value is."""
    reports = []
    for name, module in modules.items():
        progress(f"checking {name}")
        reports.append(catalog[name].check(module))
        progress()
        print(_short(reports[-1]), flush=True)
    return all(reports)


def _short(report: Report) -> str:
    """The layer, the worst error of both passes against exact arithmetic, and the verdict; what failed, below."""
    worst = max(row.worst or 0.0 for row in report.rows if row.name in ("forward", "backward"))
    shown = f"{worst:.1e}" if worst > NOISE else "0"
    tried = [row for row in report.rows if row.applicable]
    verdict = f"{sum(row.held for row in tried)} of {len(tried)} checks held"
    line = f"{'✓' if report else '✗'} {report.name:<16} worst error against exact arithmetic {shown:>7}   {verdict}"
    return "\n".join([line, *(f"    {row.name}: {row.where or row.note}" for row in report.failures)])


def progress(text: str = "") -> None:
    """The text in place of the last one, on a terminal; nothing where output is piped."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
