"""The rest of the module's surface, where it has one: ``wrt``, and the class in CamelCase."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from symbp.check.report import Row, listed, not_applicable
from symbp.check.samples import Case, Samples
from symbp.check.subject import Subject


def wrt_selects(subject: Subject, samples: Samples) -> Row:
    """backward(..., wrt=("x",)) gives the same gradient of x, and None for the others."""
    if "wrt" not in inspect.signature(subject.module.backward).parameters:
        return not_applicable("wrt", "backward has no wrt")
    case = samples.ordinary[0]
    return listed("wrt", f"each of {len(subject.real_inputs)} inputs alone", len(subject.real_inputs), _selected(subject, case))


def _selected(subject: Subject, case: Case) -> Iterator[str]:
    _, residuals = subject.forward(case.arrays, case.constants)
    everything = subject.backward(case.upstream, residuals)
    for tensor in subject.real_inputs:
        alone = subject.backward(case.upstream, residuals, wrt=(tensor.name,))
        others = [name for name, gradient in alone.items() if name != tensor.name and gradient is not None]
        if others:
            yield f"wrt=({tensor.name!r},) also gives {', '.join(others)}"
        if not _same(alone[tensor.name], everything[tensor.name]):
            yield f"wrt=({tensor.name!r},) gives another gradient than all together; {case.words}"


def _same(one: Any, two: Any) -> bool:
    return np.shape(one) == np.shape(two) and np.allclose(one, two, rtol=1e-12, atol=1e-15)


def class_agrees(subject: Subject, samples: Samples, parameters: Sequence[str]) -> Row:
    """The class gives what the functions give: the result, the data's gradients, and .grads by name."""
    name = class_name(subject.program.name)
    if not hasattr(subject.module, name):
        return not_applicable("class", f"the module has no class {name}")
    case = samples.ordinary[0]
    faults = _differing(subject, case, getattr(subject.module, name), parameters)
    return listed("class", f"{name}: forward, backward, params, grads", 1, faults)


def class_name(layer: str) -> str:
    """The name in CamelCase: cross_entropy -> CrossEntropy, conv2d -> Conv2d."""
    return "".join(part[:1].upper() + part[1:] for part in layer.split("_"))


def _differing(subject: Subject, case: Case, layer: Any, parameters: Sequence[str]) -> Iterator[str]:
    data = [t.name for t in subject.program.inputs if t.name not in parameters]
    outputs, residuals = subject.forward(case.arrays, case.constants)
    expected = subject.backward(case.upstream, residuals)
    instance = layer(*(case.arrays[name] for name in parameters), **case.constants)
    found = instance.forward(*(case.arrays[name] for name in data))
    found = found if len(outputs) > 1 else (found,)
    for name, value in zip(outputs, found, strict=True):
        if not _same(value, outputs[name]):
            yield f"{name} is not what the function forward gives"
    gradients = instance.backward(*(case.upstream[t.name] for t in subject.real_outputs))
    differentiated = [name for name in data if name in expected]
    gradients = gradients if len(differentiated) > 1 else (gradients,)
    for name, gradient in zip(differentiated, gradients, strict=False):
        if not _same(gradient, expected[name]):
            yield f"the gradient of {name} is not what the function backward gives"
    for name in parameters:
        if name in expected and not _same(instance.grads[name], expected[name]):
            yield f"grads[{name!r}] is not what the function backward gives"
        if not _same(instance.params[name], case.arrays[name]):
            yield f"params[{name!r}] is not the array that the class was given"
