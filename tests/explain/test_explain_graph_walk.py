"""Graphs of the catalog: layers as boxes, local derivatives, rows, and the walk from step to step."""

import re
import shutil
import subprocess
from functools import cache
from itertools import combinations

import pytest
from click.testing import CliRunner

import symbp
from symbp.cli import main
from symbp.errors import SymbpError
from symbp.explain.graph_boxes import LEGIBLE
from symbp.explain.graph_steps import steps_html
from symbp.explain.layout import WIDEST
from symbp.explain.svg import lay_out, occupied

LAYERS = (
    "sigmoid",
    "softmax",
    "cross_entropy",
    "two_layer_net",
    "layer_norm",
    "attention",
    "lstm_cell",
    "gru",
    "conv2d",
    "shopping",
    "gelu",
)
TURNS = 120  # pixels that margins and the edges between rows may add to a row
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@cache
def drawn(name, depth=None):
    return symbp.catalog[name].graph(depth)


def node(picture, key):
    return next(node for node in picture.nodes if node.key == key)


def test_a_called_layer_is_one_box_at_depth_1_and_open_below():
    assert [n.label for n in drawn("two_layer_net", 1).nodes if n.kind != "value"] == ["affine", "sigmoid", "affine", "cross_entropy"]
    inside = [n.label for n in drawn("two_layer_net", 2).nodes if n.kind == "layer"]
    assert inside == ["softmax"]
    assert not any(n.kind == "layer" for n in drawn("two_layer_net").nodes)


def test_a_box_sends_back_what_all_that_is_in_it_sends():
    values = {"z": [[1, 2]], "t": [1]}
    box, opened = (symbp.catalog["cross_entropy"].graph(depth, **values) for depth in (1, None))
    (into,) = [edge.below for edge in box.edges if edge.source == "z"]
    through = [re.findall(r"[−\d.e-]+", edge.below) for edge in opened.edges if edge.source == "z"]
    sums = [sum(float(number.replace("−", "-")) for number in column) for column in zip(*through, strict=True)]
    assert [float(number.replace("−", "-")) for number in re.findall(r"[−\d.e-]+", into)] == pytest.approx(sums, rel=1e-4)


def test_by_default_a_graph_is_as_deep_as_is_legible():
    assert sum(n.kind != "value" for n in drawn("transformer_block").nodes) <= LEGIBLE
    assert {"transformer_block", "layer_norm", "softmax"} <= {n.label for n in drawn("gpt").nodes}


def test_a_depth_is_at_least_1():
    with pytest.raises(SymbpError, match=r"^graph of sigmoid: depth 0; expected 1 or more"):
        drawn("sigmoid", 0)


def test_nodes_carry_their_local_derivatives():
    assert node(drawn("sigmoid"), "y").local == ("∂ = −y²",)
    assert node(drawn("shopping"), "price").local == ("∂/∂tax = apples", "∂/∂apples = tax")
    assert node(drawn("cross_entropy"), "u5").local == ("∂ = 1/N",)


def test_a_recurrence_reads_its_earlier_values():
    picture = drawn("gru")
    assert node(picture, "h (before)").label == "h[t−1]"
    assert [e.below for e in picture.edges if e.target == "h (output)"] == ["dh"]


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_overlaps_and_no_row_is_too_wide(name):
    assert misplaced(name) == []


@pytest.mark.slow
def test_nothing_overlaps_in_any_graph_of_the_catalog():
    assert [(name, found) for name in symbp.catalog for depth in (None, 1) if (found := misplaced(name, depth))] == []


def misplaced(name, depth=None):
    picture = drawn(name, depth)
    layout = lay_out(picture.nodes, picture.edges)
    boxes = occupied(picture.nodes, picture.edges, layout)
    wide = ["too wide"] if layout.width > WIDEST + TURNS else []
    outside = [what for what, (x, y, x2, y2) in boxes.items() if x < 0 or y < 0 or x2 > layout.width or y2 > layout.height]
    return wide + outside + [(a, b) for (a, one), (b, other) in combinations(boxes.items(), 2) if meet(one, other)]


def meet(one, other):
    return all(min(one[k + 2], other[k + 2]) - max(one[k], other[k]) > 0.01 for k in (0, 1))


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_texts_are_no_wider_in_a_browser_than_the_layout_assumes(tmp_path):
    page = tmp_path / "texts.html"
    # the class of each text that leaves its picture, or lies over another text or another's shape
    script = """
      const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > .5;
      const same = (a, b) => Math.abs(a.bottom - b.bottom) < 8;
      let found = [], seen = 0;
      for (const svg of document.querySelectorAll('svg')) {
        const boxes = [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect()), all = svg.getBoundingClientRect();
        seen += boxes.length;
        boxes.forEach((a, i) => { if (a.left < all.left || a.right > all.right) found.push(['outside', i]);
          boxes.slice(0, i).forEach(b => { if (over(a, b) && same(a, b)) found.push([i]) }) });
      }
      document.body.innerHTML = `<p>texts ${seen}, found ${found.length}</p>`;"""
    page.write_text(f"<!DOCTYPE html><meta charset='utf-8'>{''.join(drawn(n).to_svg() for n in LAYERS)}<script>{script}</script>", "utf-8")
    assert CHROMIUM
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    dom = subprocess.run([CHROMIUM, *arguments], capture_output=True, text=True, timeout=120).stdout
    told = re.search(r"texts (\d+), found (\d+)", dom)
    assert told and int(told[1]) > 300 and told[2] == "0"


def test_the_walk_goes_forwards_node_by_node_and_then_backwards():
    reached = drawn("sigmoid").reached
    assert reached.forward == {"x": 0, "u1": 1, "u2": 2, "u3": 3, "y": 4, "y (output)": 4}
    assert reached.backward == {"y (output)": 5, "y": 6, "u3": 7, "u2": 8, "u1": 9}
    assert len(drawn("sigmoid").frames()) == 10


def test_what_is_not_reached_is_faint_and_the_current_node_is_marked():
    frames = drawn("sigmoid").frames()
    faint = [frame.count("opacity=") for frame in frames]
    assert faint == sorted(faint, reverse=True) and faint[-1] == 0 < faint[0]
    assert all('"halo there"' in frame for frame in frames[1:5]) and all('"halo back"' in frame for frame in frames[5:])


def test_a_step_beyond_the_walk_is_an_error():
    with pytest.raises(SymbpError, match=r"^graph of sigmoid: step 10; the walk has steps 0 to 9"):
        drawn("sigmoid").to_svg(10)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_of_a_walk_leads_from_each_step_to_the_next_and_back(lang):
    text = steps_html(drawn("cross_entropy"), lang)
    buttons = re.findall(r'<input type="radio" name="[^"]+" id="([^"]+)"', text)
    links = re.findall(r'<label for="([^"]+)"', text)
    assert len(buttons) == len(set(buttons)) == drawn("cross_entropy").reached.moves + 1
    assert sorted(links) == sorted([*buttons[1:], *buttons[:-1]])
    assert "<script" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_several_pictures_in_a_page_share_no_ids():
    texts = [steps_html(drawn(name, depth)) for name, depth in (("two_layer_net", 1), ("two_layer_net", 2), ("softmax", None))]
    ids = [found for text in texts for found in re.findall(r' id="([^"]+)"', text)]
    assert len(ids) == len(set(ids)) > 0


def test_the_same_graph_gives_the_same_bytes():
    traced = symbp.catalog["layer_norm"].traced
    assert symbp.explain.graph(traced).to_svg() == drawn("layer_norm").to_svg()


def test_a_png_is_drawn_where_the_package_is_there():
    pytest.importorskip("resvg_py", reason="needs the extra: picture")
    assert drawn("sigmoid").to_png().startswith(b"\x89PNG")


def test_without_the_package_a_png_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(SymbpError, match=r'^a PNG needs the package resvg-py: pip install "symbp\[picture\]"'):
        drawn("sigmoid").to_png()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "s.gif"], "a graph is written as .svg, .png, .html or .dot, not .gif"),
        (["-o", "s.html", "--step", "1"], "--step is for a picture, .svg or .png; .html shows all steps"),
        (["-o", "s.svg", "--depth", "0"], "graph of sigmoid: depth 0; expected 1 or more"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in CliRunner().invoke(main, ["graph", "sigmoid", *arguments]).output


def test_the_command_writes_a_page_to_step_through(tmp_path):
    path = tmp_path / "walk.html"
    result = CliRunner().invoke(main, ["graph", "shopping", "--at", "apple=200,count=5,tax=1.1", "-o", str(path)])
    assert result.exit_code == 0 and 'class="symbp-walk"' in path.read_text("utf-8")
