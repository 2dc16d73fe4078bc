"""The module under test, called by name: arrays in, dicts by tensor name out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symbp.ir import Program, Tensor

# What wrong code may raise when it is run. None of it may end the check: it is a finding.
MODULE_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError)

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """A program, and the module that is said to compute it."""

    program: Program
    module: Any

    @cached_property
    def real_inputs(self) -> tuple[Tensor, ...]:
        """The inputs that have a gradient."""
        return tuple(t for t in self.program.inputs if t.kind == "real")

    @cached_property
    def real_outputs(self) -> tuple[Tensor, ...]:
        """The outputs that have an upstream cotangent."""
        return tuple(t for t in self.program.outputs if t.kind == "real")

    @cached_property
    def text(self) -> str:
        """The source of the module, empty where there is none."""
        try:
            return inspect.getsource(self.module if inspect.ismodule(self.module) else self.module.forward)
        except (OSError, TypeError):
            return ""

    def forward(self, arrays: Arrays, constants: Arrays) -> tuple[dict[str, Any], Any]:
        """Outputs by name, and the residuals."""
        with np.errstate(all="ignore"):
            result = self.module.forward(*(arrays[t.name] for t in self.program.inputs), **constants)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(f"forward returned {type(result).__name__}, expected (outputs, residuals)")
        names = [t.name for t in self.program.outputs]
        outputs = result[0] if len(names) > 1 else (result[0],)
        return dict(zip(names, outputs, strict=True)), result[1]

    def backward(self, upstream: Arrays, residuals: Any, **options: Any) -> dict[str, Any]:
        """Gradients by the name of the input."""
        with np.errstate(all="ignore"):
            result = self.module.backward(*(upstream[t.name] for t in self.real_outputs), residuals, **options)
        return {t.name: getattr(result, t.name) for t in self.real_inputs}

    def gradients(self, arrays: Arrays, constants: Arrays, upstream: Arrays) -> dict[str, Any]:
        """What backward gives right after forward."""
        return self.backward(upstream, self.forward(arrays, constants)[1])
