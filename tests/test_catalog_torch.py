"""The layers of the catalog against PyTorch, in float64: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch_layers import COMPARISONS

from symbp.catalog import catalog


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_layer_agrees_with_pytorch_in_both_passes(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    function, draws, _ = COMPARISONS[name]
    draw, module = rng(), catalog[name].load()
    arrays = {key: one(draw) for key, one in draws.items()}
    tensors = {key: torch.tensor(array, requires_grad=array.dtype == float) for key, array in arrays.items()}
    expected = several(function(torch, tensors))
    outputs, residuals = module.forward(**arrays)
    for y, wanted in zip(several(outputs), expected, strict=True):
        assert y == pytest.approx(wanted.detach().numpy(), rel=1e-12, abs=1e-13)
    upstream = [rng().normal(size=np.shape(y)) for y in several(outputs)]
    sum((torch.tensor(dy) * y).sum() for dy, y in zip(upstream, expected, strict=True)).backward()
    gradients = module.backward(*upstream, residuals)._asdict()
    compared = [key for key in gradients if tensors[key].grad is not None]
    assert compared
    for key in compared:
        assert gradients[key] == pytest.approx(tensors[key].grad.numpy(), rel=1e-11, abs=1e-12), key


def test_most_of_the_catalog_is_compared_with_a_layer_of_pytorch() -> None:
    assert sum(kind == "torch" for _, _, kind in COMPARISONS.values()) >= 80
