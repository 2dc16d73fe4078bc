"""Update rules: one step of each by hand, and twenty of each beside the optimizer of PyTorch that it is."""

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from torch_layers.updates import OPTIMIZERS

import symbp

STEPS = {  # rule -> state, constants, what comes out for w = 1, g = 0.5, lr = 0.1
    "sgd": ({}, {}, [0.95]),
    "sgd_with_decay": ({}, {}, [0.949]),  # and 0.1*0.01 of w decays
    "sign_sgd": ({}, {}, [0.9]),
    "momentum": ({"v": 0.2}, {}, [1.13, 0.13]),  # v = 0.9*0.2 - 0.1*0.5
    "nesterov": ({"v": 0.2}, {}, [1.067, 0.13]),  # w = 1 + 0.9*0.13 - 0.1*0.5
    "adagrad": ({"h": 0.75}, {"eps": 0}, [0.95, 1]),  # h = 0.75 + 0.25, w = 1 - 0.1*0.5/1
    "rmsprop": ({"s": 0.25}, {"rho": 0.5, "eps": 0}, [0.9, 0.25]),  # s = 0.125 + 0.125, w = 1 - 0.1*0.5/0.5
    "rmsprop_momentum": ({"s": 0.25, "v": 0.2}, {"rho": 0.5, "eps": 0}, [0.882, 0.25, 1.18]),  # v = 0.9*0.2 + 0.5/0.5
    "rmsprop_centered": ({"s": 0.25, "m": 0.1}, {"rho": 0.5, "eps": 0}, [0.875, 0.25, 0.3]),  # w = 1 - 0.1*0.5/sqrt(0.25 - 0.09)
    "adadelta": ({"s": 0.25, "u": 0.0625}, {"rho": 0.5, "eps": 0}, [0.975, 0.25, 0.0625]),  # w = 1 - 0.1*0.25/0.5*0.5
    "rprop": ({"b": 0.25, "h": 0.1}, {}, [0.88, 0.5, 0.12]),  # h = 1.2*0.1, whatever the learning rate
    "adam": ({"m": 0.0, "v": 0.0}, {"eps": 0}, [0.9, 0.05, 0.00025]),  # the first step is lr, whatever the gradient
    "adamw": ({"m": 0.0, "v": 0.0}, {"eps": 0}, [0.899, 0.05, 0.00025]),  # and 0.1*0.01 of w decays
    "adamax": ({"m": 0.0, "u": 0.0}, {"eps": 0}, [0.9, 0.05, 0.5]),  # as adam's
    "nadam": ({"m": 0.0, "v": 0.0, "p": 1.0}, {"beta1": 0.5, "psi": 0, "eps": 0}, [0.9 - 0.2 / 15, 0.25, 0.00025, 0.25]),  # mu = 1/4
    "amsgrad": ({"m": 0.0, "v": 0.0, "u": 0.001}, {"eps": 0}, [0.95, 0.05, 0.00025, 0.001]),  # w = 1 - 0.1*0.5/sqrt(0.001/0.001)
    "radam": ({"m": 0.0, "v": 0.0}, {}, [0.95, 0.05, 0.00025]),  # plain momentum in the first step
    "adabelief": ({"m": 0.0, "s": 0.0}, {"eps": 0}, [1 - 1 / 9, 0.05, 0.0002025]),  # w = 1 - 0.1*0.5/(0.5 - 0.05)
    "yogi": ({"m": 0.0, "v": 0.5}, {"beta2": 0, "eps": 0}, [0.99, 0.05, 0.25]),  # v = 0.5 - 0.25, w = 1 - 0.1*0.05/0.5
    "lion": ({"m": 0.0}, {}, [0.899, 0.005]),  # w = 1 - 0.1*(1 + 0.01)
    "lars": ({"v": 0.2}, {"trust": 0.5, "decay": 0}, [0.77, 0.23]),  # the rate is 0.5*1/0.5, v = 0.9*0.2 + 0.1*0.5
    "lamb": ({"m": 0.0, "v": 0.0}, {"eps": 0, "decay": 0}, [0.9, 0.05, 0.00025]),  # a step as long as w, times lr
    "langevin": ({"noise": 2.0}, {}, [0.975 + 2 * 0.1**0.5]),
    "lookahead": ({}, {"alpha": 0.25}, [0.875]),  # the fast parameter is at 0.5
    "moving_average": ({}, {"decay": 0.75}, [0.875]),
}
NOT_STEPS = {"clip_value", "clip_norm"}  # what is done to a gradient before


def test_every_update_rule_of_the_catalog_has_its_step() -> None:
    assert {*STEPS, *NOT_STEPS} == set(symbp.catalog.families()["updates"])


@pytest.mark.parametrize("name", STEPS)
def test_one_step_of_an_update_rule_is_the_step_by_hand(name: str) -> None:
    state, constants, expected = STEPS[name]
    module = symbp.catalog[name].load()
    rate = {"lr": 0.1} if "lr" in inspect.signature(module.forward).parameters else {}
    outputs, _ = module.forward(1.0, 0.5, *state.values(), **rate, **constants)
    assert np.ravel(outputs) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", STEPS)
def test_an_update_leaves_the_parameter_and_the_state_as_they_were(name: str) -> None:
    state, constants, _ = STEPS[name]
    arrays = [np.full(3, value) for value in (1.0, 0.5, *state.values())]
    symbp.catalog[name].load().forward(*arrays, **constants)
    assert [array.tolist() for array in arrays] == [[value] * 3 for value in (1.0, 0.5, *state.values())]


# ---------------------------------------------------------------- against PyTorch


@pytest.fixture
def torch_of_float64() -> Iterator[Any]:
    """PyTorch, whose optimizers keep numbers of their state in its default type."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_rule_walks_the_path_of_its_optimizer(name: str, torch_of_float64: Any) -> None:
    optimizer_of, starts = OPTIMIZERS[name]
    module, draw = symbp.catalog[name].load(), np.random.default_rng(7)
    counted = "t" in inspect.signature(module.forward).parameters
    w = draw.normal(size=(3, 4))
    theirs = torch_of_float64.tensor(w, requires_grad=True)
    optimizer = optimizer_of(torch_of_float64, [theirs])
    state = [np.full_like(w, start) for start in starts]
    for step in range(1, 21):
        g = draw.normal(size=w.shape)
        theirs.grad = torch_of_float64.tensor(g)
        optimizer.step()
        outputs, _ = module.forward(w, g, *state, **({"t": step} if counted else {}))
        w, *state = outputs if starts else (outputs,)
        assert w == pytest.approx(theirs.detach().numpy(), rel=1e-12)
