"""The command line: each command reads its arguments into layers, calls one stage, and prints or writes what it made.

Bad input ends with one message on stderr and exit status 2, a check that failed with exit status 1.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from symbp import __version__
from symbp.catalog import catalog
from symbp.errors import SymbpError
from symbp.files import write_whole
from symbp.layer import Layer
from symbp.listing import listing
from symbp.loading import load_file
from symbp.reading import layer, module_layer, read
from symbp.reading import sources as module_texts

if TYPE_CHECKING:
    from symbp.check import Report
    from symbp.site import Made

SOURCE = "NAME|EQUATIONS|FILE"  # a layer of the catalog, equations as text, or a file of definitions

# What the body of a user's module may raise.
IMPORT_FAULTS = (
    *(ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError),
    *(SyntaxError, SystemExit, TypeError, ValueError),
)
WIDTH = 120  # columns of the list where there is no terminal


class Commands(click.Group):
    """The commands; a mistake of the user's ends any of them with its message alone."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that lacks a mathematical letter shows a ?
        try:
            return super().invoke(ctx)
        except SymbpError as error:
            message = str(error)
        except OSError as error:
            if error.filename is None:  # a closed pipe, which click ends without a word
                raise
            message = f"{error.filename}: {error.strerror}"
        click.echo(f"error: {message}", err=True)
        ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, package_name="symbp")
def main() -> None:
    """Derive, generate and check the backward pass of a layer from its forward equations.

    A layer is a NAME of the catalog (`symbp list`), EQUATIONS such as "y = x*tanh(x)", or a FILE of definitions.
    """


@main.command("list")
@click.option("--family", metavar="FAMILY", help="Only the layers of this family.")
@click.option("--search", metavar="WORDS", default="", help="Only the layers with all these words in name, equations or description.")
def list_(family: str | None, search: str) -> None:
    """List the layers of the catalog with their equations, family by family."""
    columns = get_terminal_size((WIDTH, 0)).columns
    click.echo(listing(family, search, columns))


@main.command()
@click.argument("source", metavar=SOURCE)
@click.option("--format", "form", type=click.Choice(["text", "html", "latex", "markdown", "pdf"]), default="text", show_default=True)
@click.option(
    "--depth", type=click.Choice(["nodes", "equations", "result"]), default="nodes", show_default=True, help="How much is spelled out."
)
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="English or Korean.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write, instead of the terminal (NAME.pdf for PDF).")
def derive(source: str, form: str, depth: str, lang: str, output: Path | None) -> None:
    """Show the derivation of the backward pass, step by step."""
    layers = _layers(source)
    if form in ("html", "latex", "pdf") and len(layers) > 1:
        raise SymbpError(f"{source} has {len(layers)} layers; a {form} document holds one")
    if form == "pdf":
        path = output or Path(f"{layers[0].name}.pdf")
        layers[0].derive().to_pdf(path, depth, lang)
        click.echo(path)
    else:
        _deliver("\n\n".join(getattr(one.derive(), f"to_{form}")(depth, lang).rstrip("\n") for one in layers) + "\n", output)


@main.command()
@click.argument("sources", metavar=f"[{SOURCE}]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every layer of the catalog.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to; the current one if left out.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="How many processes derive at once.")
def generate(sources: tuple[str, ...], everything: bool, output: Path, force: bool, jobs: int) -> None:
    """Write the NumPy module of each layer: forward, backward and a class."""
    from symbp.emit import write

    layers = [*(catalog.values() if everything else ()), *(one for source in sources for one in _layers(source))]
    if not layers:
        raise SymbpError(f"nothing to generate; give {SOURCE}, or --all for the catalog")
    _refuse_twice([one.name for one in layers], "a layer")
    with ProcessPoolExecutor(jobs) if jobs > 1 else nullcontext() as executor:
        for one, text in zip(_with_progress(layers), module_texts(layers, executor), strict=True):
            path = output / f"{one.name}.py"
            write(path, text, force=force)
            click.echo(path)


@main.command()
@click.argument("source", metavar=f"{SOURCE}|MODULE.py")
def check(source: str) -> None:
    """Check a generated module against its forward equations, exactly, symbolically and numerically."""
    reports = list(_reports(source))
    click.echo("\n\n".join(map(str, reports)))
    if not all(reports):
        sys.exit(1)


def _reports(source: str) -> Iterator[Report]:
    if source.endswith(".py"):
        yield _check_module(Path(source))
    else:
        yield from (one.check() for one in _with_progress(_layers(source)))


def _check_module(path: Path) -> Report:
    """The module as it stands in the file, checked against the definition that it carries."""
    one = module_layer(path)
    try:
        module = load_file(path, f"symbp_checked_{one.name}")
    except IMPORT_FAULTS as error:
        raise SymbpError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    return one.check(module)


@main.command()
@click.argument("source", metavar=SOURCE)
@click.option("--at", "values", metavar="x=3,y=2", default="", help="Values of the inputs: the graph then shows both passes in numbers.")
@click.option("--depth", type=int, help="1: called layers are boxes; 2: those they call; by default the deepest with at most 40 nodes.")
@click.option("--step", type=int, help="The picture after so many moves: values node by node, then gradients node by node.")
@click.option("--lang", default="en", show_default=True, help="Language of a page: en or ko.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file to write: .svg, .png, .dot, or .html to step through.")
def graph(source: str, values: str, depth: int | None, step: int | None, lang: str, output: Path | None) -> None:
    """Draw the computational graph of one layer, or walk through it."""
    from symbp.explain.graph_files import content

    layers = _layers(source)
    if len(layers) > 1:
        raise SymbpError(f"{source} has {len(layers)} layers; a graph shows one")
    found = content(layers[0].graph(depth, **_values(values)), output.suffix if output else ".dot", step, lang)
    if output and output.suffix == ".png":
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(found)
        click.echo(output)
    else:
        _deliver(found.decode(), output)


def _values(text: str) -> dict[str, Any]:
    """The values in ``x=3,y=[1, 2]``: numbers and lists of numbers."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        if not isinstance(call, ast.Call) or call.args or any(keyword.arg is None for keyword in call.keywords):
            raise ValueError("not a list of names and values")
        values = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError):
        raise SymbpError(f"--at {text}: expected names and numbers, such as x=3,y=2 or x=[0.5,0.8]") from None
    _refuse_twice([str(keyword.arg) for keyword in call.keywords], "--at: a value")
    return values


def _refuse_twice(names: list[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SymbpError(f"{what} named {twice} is given twice")


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("symbp-site"),
    show_default=True,
    help="The folder to write to; pages in it that are up to date are left alone.",
)
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="English or Korean.")
@click.option("--check", is_flag=True, help="Check every module, and show the reports: several times as slow.")
@click.option("--force", is_flag=True, help="Overwrite pages that were edited by hand.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many processes work at once; as many as there are processors if left out.")
def site(file: Path | None, output: Path, lang: str, check: bool, force: bool, jobs: int | None) -> None:
    """Write a web site of the catalog, or of a FILE of definitions: it opens from the file system, at index.html."""
    from symbp.site import build

    first, *pages = _counted(build(output, file, lang, check, force, jobs or os.cpu_count() or 1))
    written = first.written + sum(one.written for one in pages)
    click.echo(f"{output / 'index.html'}: {first.layers} layers, {written} files written, {first.removed} removed")


@main.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("symbp-demo"),
    show_default=True,
    help="The folder to write to.",
)
def demo(output: Path) -> None:
    """Work through the book's cases and train a network on handwritten digits, on generated modules alone."""
    from symbp.demo import run

    sys.exit(run(output))


def _layers(source: str) -> tuple[Layer, ...]:
    """The layers that an argument names: of the catalog, of a file, or its own equations."""
    path = Path(source)
    if source not in catalog and "=" not in source and (path.suffix or path.exists()):
        return tuple(read(path).values())
    return (layer(source),)


def _deliver(text: str, output: Path | None) -> None:
    """To the terminal, or to a file whose name is printed."""
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_whole(output, text)
        click.echo(output)


def _with_progress(layers: list[Layer] | tuple[Layer, ...]) -> Iterator[Layer]:
    """The layers one by one, counted on stderr where that is a terminal and there are several."""
    for number, one in enumerate(layers, 1):
        _count(number, len(layers), one.name)
        yield one
    _count(0, len(layers))


def _counted(made: Iterator[Made]) -> Iterator[Made]:
    """The pages one by one, counted in the same way."""
    last = 0
    for one in made:
        last = one.of
        _count(one.number, last, one.name)
        yield one
    _count(0, last)


def _count(number: int, of: int, name: str = "") -> None:
    """A line on the terminal that the next one overwrites; nothing of it stays at the end."""
    if sys.stderr.isatty() and of > 1:
        click.echo(f"\r\033[K{f'{number}/{of} {name}' if number else ''}", nl=False, err=True)


if __name__ == "__main__":
    main()
