"""The private functions of generated modules: each module carries those that it calls. A function stands before those it
calls, here or in windows.py."""

import math

import numpy as np
from scipy.sparse import csr_matrix

LAYER = "layer"
AXES: dict[str, str] = {}
Gradients = tuple


def _arrays(**values):
    """The values as arrays of one floating type: Python numbers adapt, integers become float64."""
    scalars = (int, float, complex)
    arrays = [v if isinstance(v, scalars) else np.asarray(v) for v in values.values()]
    for name, array in zip(values, map(np.asarray, arrays), strict=True):
        if array.dtype.kind not in "biufc":
            raise TypeError(f"{LAYER}: {name} has dtype {array.dtype}, expected numbers")
    dtype = np.result_type(*arrays)
    dtype = dtype if dtype.kind in "fc" else np.dtype(float)
    return [np.asarray(array, dtype) for array in arrays]


def _integers(**values):
    """The values as integer arrays."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    for name, array in arrays.items():
        if array.size and array.dtype.kind not in "iu":
            raise TypeError(f"{LAYER}: {name} has dtype {array.dtype}, expected integers")
    return [array.astype(np.intp, copy=False) for array in arrays.values()]


def _booleans(**values):
    """The values as boolean arrays."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    for name, array in arrays.items():
        if array.size and array.dtype.kind != "b":
            raise TypeError(f"{LAYER}: {name} has dtype {array.dtype}, expected booleans")
    return [array.astype(bool, copy=False) for array in arrays.values()]


def _check_axes(**arrays):
    """Axes of one name have one length in all the arrays."""
    seen = {}
    for name, array in arrays.items():
        axes, shape = AXES[name].split(), array.shape
        leading = axes[:1] != [] and axes[0].startswith("...")
        least = len(axes) - leading
        if len(shape) < least or len(shape) > least == len(axes):
            found = f"{name} has shape {shape}"
            number = f"at least {least}" if leading else f"{least}"
            number += " axis" if least == 1 else " axes"
            raise ValueError(f"{LAYER}: {found}, expected {number} ({', '.join(axes)})")
        if leading:
            shape = (shape[: len(shape) - least], *shape[len(shape) - least :])
        for axis, length in zip(axes, shape, strict=True):
            expected, source = seen.setdefault(axis, (length, name))
            if axis.isdigit():
                expected, source = int(axis), "the definition"
            if length != expected:
                found = f"axis {axis} of {name} has length {length}"
                raise ValueError(f"{LAYER}: {found}, expected {expected} (axis {axis} of {source})")


def _check_joint(name, array, **arrays):
    """The array has the shape that the others are broadcast to."""
    _check_broadcast(**arrays)
    expected = np.broadcast_shapes(*(part.shape for part in arrays.values()))
    if array.shape != expected:
        joint = f"that of {' and '.join(arrays)} broadcast together"
        raise ValueError(f"{LAYER}: {name} has shape {array.shape}, expected {expected}, {joint}")


def _check_broadcast(**arrays):
    """The arrays can be broadcast together."""
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"{LAYER}: shapes do not broadcast: {shapes}") from None


def _whole(name, value, least=None):
    """A constant that is the length of an axis, or a part of positions along one."""
    if int(value) != value or value < (least or 0):
        kind = "the length of an axis" if least is None else f"a whole number, at least {least}"
        raise ValueError(f"{LAYER}: {name} is {value}, expected {kind}")
    return int(value)


def _check_length(name, found, axis, expected):
    """An axis has the length that a constant gives it."""
    if found != expected:
        found = f"axis {axis} of {name} has length {found}"
        raise ValueError(f"{LAYER}: {found}, expected {expected} (constant {axis})")


def _check_fit(name, axis, found, expected):
    """An axis has the length that follows from other axes."""
    if found != expected:
        raise ValueError(f"{LAYER}: axis {axis} of {name} has length {found}, expected {expected}")


def _fitting(axis, *lengths):
    """The length of an axis that follows from others, in every way that it does."""
    if min(lengths) < 0:
        found = f"axis {axis} would have length {min(lengths)}"
        raise ValueError(f"{LAYER}: {found}: what is read along it does not fit into an array")
    if len(set(lengths)) > 1:
        raise ValueError(
            f"{LAYER}: axis {axis} would have length {' and '.join(map(str, lengths))}"
        )
    return lengths[0]


def _check_taken(name, axis, length, taken, positions):
    """Those of the positions that are taken are positions of the axis."""
    taken, positions = np.broadcast_arrays(taken, positions)
    outside = positions[taken & ((positions < 0) | (positions >= length))]
    if outside.size:
        raise IndexError(
            f"{LAYER}: axis {axis} of {name} has length {length}, but position {outside[0]} is read"
        )


def _check_range(name, array, length):
    """Every position is one of an axis of this length."""
    if array.size and (array.min() < 0 or array.max() >= length):
        found = f"values from {array.min()} to {array.max()}"
        raise IndexError(f"{LAYER}: {name} has {found}, expected 0 to {length - 1}")


def _check_wrt(wrt):
    """The names of the inputs whose gradients are wanted."""
    wrt = {wrt} if isinstance(wrt, str) else set(wrt)
    unknown, known = sorted(wrt - set(Gradients._fields)), ", ".join(Gradients._fields)
    if unknown:
        raise ValueError(f"{LAYER}: wrt names {', '.join(unknown)}, expected some of {known}")
    return wrt


def _upstream(name, value, shape, dtype):
    """The cotangent of an output, which has the shape of that output."""
    value = np.asarray(value, dtype)
    if value.shape != shape:
        raise ValueError(f"{LAYER}: {name} has shape {value.shape}, expected {shape}")
    return value


def _unbroadcast(array, shape):
    """The array summed over the axes along which broadcasting repeated the shape."""
    if array.shape == shape:
        return array
    added = array.ndim - len(shape)
    pairs = enumerate(zip(shape, array.shape[added:], strict=True), added)
    stretched = [axis for axis, (own, joint) in pairs if own != joint]
    return array.sum(axis=(*range(added), *stretched), keepdims=True).reshape(shape)


def _log_cosh(x):
    """log(cosh(x)), which does not overflow, and keeps its digits near 0."""
    size = np.abs(x)
    near = np.log1p(2 * np.sinh(np.minimum(size, 1) / 2) ** 2)
    return np.where(size < 1, near, size + np.log1p(np.exp(-2 * size)) - math.log(2))


def _tanhshrink(x):
    """x - tanh(x); near 0, where these cancel, by the continued fraction of tanh."""
    near = np.clip(x, -1, 1)
    square, below = near * near, 19
    for odd in range(17, 1, -2):
        below = odd + square / below
    rest = square / below
    return np.where(np.abs(x) < 1, near * (rest / (1 + rest)), x - np.tanh(x))


def _scatter_add(positions, rows, length):
    """out[positions[n]] += rows[n], repeats added up: the product with a sparse one-hot matrix."""
    count, rest = positions.size, rows.shape[positions.ndim :]
    entries = np.ones(count, rows.dtype), positions.ravel(), np.arange(count + 1)
    onehot = csr_matrix(entries, shape=(count, length))
    return (onehot.T @ rows.reshape(count, math.prod(rest))).reshape(length, *rest)
