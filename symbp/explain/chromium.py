"""HTML page -> PDF file, as headless Chromium prints it: for languages that pdflatex's base packages cannot set."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from symbp.errors import SymbpError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--disable-gpu", "--no-pdf-header-footer")
ALONE = "--no-sandbox"  # Chromium as root starts without its sandbox only; the page is our own and has no script
PATIENCE = 120  # seconds
DATE = re.compile(rb"(?<=Date \(D:)\d{14}\+00'00'")  # when it was printed, which is no part of a derivation


def print_html(page: str, path: str | os.PathLike[str]) -> Path:
    """The path, where the printed page now is.

    Raises:
        SymbpError: Chromium is missing or fails, or no font of the machine has Hangul.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SymbpError("pdf: Korean is printed by Chromium, which was not found; install chromium, or write HTML and print it elsewhere")
    _refuse_boxes()
    with TemporaryDirectory() as folder:
        source, printed = Path(folder) / "derivation.html", Path(folder) / "derivation.pdf"
        source.write_text(page, encoding="utf-8")
        _print([program, *FLAGS, *_sandbox(), f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", source.as_uri()])
        if not printed.exists():
            raise SymbpError("pdf: Chromium printed nothing")
        Path(path).write_bytes(DATE.sub(b"20000101000000+00'00'", printed.read_bytes()))
    return Path(path)


def _refuse_boxes() -> None:
    """Where fontconfig says which fonts there are, one of them must have Hangul: else each syllable would print as a box."""
    if shutil.which("fc-list") and not subprocess.run(["fc-list", ":lang=ko"], capture_output=True, timeout=PATIENCE).stdout.strip():
        raise SymbpError("pdf: no font with Hangul was found; install one, for example fonts-nanum or fonts-noto-cjk")


def _sandbox() -> tuple[str, ...]:
    return (ALONE,) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _print(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise SymbpError(f"pdf: Chromium did not end within {PATIENCE} s") from error
    if done.returncode:
        faults = done.stderr.decode("utf-8", "replace").splitlines()
        raise SymbpError(f"pdf: Chromium failed: {faults[-1] if faults else 'no reason given'}")
