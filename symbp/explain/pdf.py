"""LaTeX text -> PDF file, by pdflatex in an empty folder, without shell escape."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from symbp.errors import SymbpError

COMMAND = ("pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "derivation.tex")
CAUTION = {"openin_any": "p", "openout_any": "p"}  # read and write in the folder only
PATIENCE = 120  # seconds


def compile_latex(latex: str, path: str | os.PathLike[str]) -> Path:
    """The path, where the compiled article now is.

    Raises:
        SymbpError: pdflatex is missing, or does not accept the text.
    """
    if shutil.which(COMMAND[0]) is None:
        raise SymbpError("pdf: pdflatex was not found; install texlive-latex-base, or write LaTeX and compile it elsewhere")
    with TemporaryDirectory() as folder:
        (Path(folder) / "derivation.tex").write_text(latex, encoding="utf-8")
        _compile(folder)
        shutil.copyfile(Path(folder) / "derivation.pdf", path)
    return Path(path)


def _compile(folder: str) -> None:
    try:
        done = subprocess.run(COMMAND, cwd=folder, env=os.environ | CAUTION, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise SymbpError(f"pdf: pdflatex did not end within {PATIENCE} s") from error
    if done.returncode:
        log = done.stdout.decode("utf-8", "replace").splitlines()
        faults = [row for row in log if row.startswith("!") or row.startswith("l.")]
        raise SymbpError(f"pdf: pdflatex failed: {' '.join(faults[:2]) or 'no reason given'}")
