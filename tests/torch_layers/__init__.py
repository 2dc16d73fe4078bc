"""What PyTorch computes for each layer of the catalog, family by family: a function of tensors, how the inputs are drawn, and
whether PyTorch has the layer ("torch") or the formula is written out in its operations ("formula")."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from torch_layers.draws import Draw

Comparison = tuple[Callable[[Any, dict[str, Any]], Any], dict[str, Draw], str]

_FAMILIES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "draws"))
COMPARISONS: dict[str, Comparison] = {
    name: comparison for family in _FAMILIES for name, comparison in import_module(f"torch_layers.{family}").LAYERS.items()
}
