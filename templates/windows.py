"""More private functions of generated modules: windows, values at places, matrices."""

import itertools
import math

import numpy as np
from scipy.sparse import csr_matrix

LAYER = "layer"


def _check_inside(name, axis, length, start, steps=(), counts=()):
    """All of the positions start + sum(steps * indices) are positions of the axis."""
    low, high = _reach(start, steps, counts)
    if high >= length or low < (0 if counts else -length):
        found = f"position {low} is" if low == high else f"positions {low} to {high} are"
        raise IndexError(f"{LAYER}: axis {axis} of {name} has length {length}, but {found} read")


def _windows(array, spans, fill=None):
    """A view in which each axis of spans, {axis: (start, steps, counts)}, is one for each index.

    It holds what stands at start + sum(steps * indices). With a fill, that stands around it all.
    """
    spans = {axis % array.ndim: span for axis, span in spans.items()}
    if fill is not None:
        array, spans = _surrounded(array, spans, fill)
    starts, shape, strides = [], [], []
    for axis, (length, stride) in enumerate(zip(array.shape, array.strides, strict=True)):
        start, steps, counts = spans.get(axis, (0, (1,), (length,)))
        low, high = _reach(start, steps, counts)
        if low < 0 or high >= length:
            raise IndexError(f"{LAYER}: an axis of length {length} is read from {low} to {high}")
        starts.append(slice(start, None))
        shape += counts
        strides += [stride * step for step in steps]
    return np.lib.stride_tricks.as_strided(array[tuple(starts)], shape, strides, writeable=False)


def _surrounded(array, spans, fill):
    """The array with the fill around it, as far as the spans reach, and the spans on that."""
    pads = [(0, 0)] * array.ndim
    for axis, span in spans.items():
        low, high = _reach(*span)
        pads[axis] = max(0, -low), max(0, high + 1 - array.shape[axis])
    array = np.pad(array, pads, constant_values=fill) if np.any(pads) else array
    return array, {axis: (start + pads[axis][0], *rest) for axis, (start, *rest) in spans.items()}


def _fold(array, spans):
    """What _windows gives, back in its place and added up there: for each axis of spans, {axis:
    (start, steps, length)}, the axes of the indices are one again. What lies outside is dropped."""
    ndim = array.ndim - sum(len(steps) - 1 for _, steps, _ in spans.values())
    spans = {axis % ndim: span for axis, span in spans.items()}
    counts, shape, taps = list(array.shape), [], []
    for axis in range(ndim):
        start, steps, length = spans.get(axis, (0, (1,), counts[0]))
        shape.append(length)
        taps.append(list(_taps(start, steps, length, counts[: len(steps)])))
        del counts[: len(steps)]
    out = np.zeros(shape, array.dtype)
    for tap in itertools.product(*taps):
        out[tuple(to for _, to in tap)] += array[tuple(at for places, _ in tap for at in places)]
    return out


def _taps(start, steps, length, counts):
    """For all values of the indices but the longest: their places, what of the axis they meet."""
    long = max(range(len(steps)), key=counts.__getitem__)
    step, count = abs(steps[long]), counts[long]
    back = steps[long] < 0
    for at in np.ndindex(*counts[:long], 1, *counts[long + 1 :]):
        first = (
            start + sum(k * s for k, s in zip(at, steps, strict=True)) - step * (count - 1) * back
        )
        low, high = max(0, -(first // step)), min(count, -((first - length) // step))
        if low < high:
            ends = (count - 1 - low, count - 1 - high if high < count else None, -1)
            along = slice(*ends) if back else slice(low, high)
            yield (
                (*at[:long], along, *at[long + 1 :]),
                slice(first + step * low, first + step * high, step),
            )


def _reach(start, steps, counts):
    """The first and last of the positions start + sum(steps * indices); 0, -1 if there are none."""
    ends = [step * (count - 1) for step, count in zip(steps, counts, strict=True)]
    return (
        (0, -1)
        if 0 in counts
        else (start + sum(e for e in ends if e < 0), start + sum(e for e in ends if e > 0))
    )


def _running_arg(operation, array, axes):
    """Where the first maximum or minimum along the axes stands, counted along all of them."""
    best = _running(operation, array, axes)
    array = np.moveaxis(array, axes, range(len(axes)))
    places = list(np.ndindex(array.shape[: len(axes)]))
    found = np.zeros(best.shape, np.min_scalar_type(len(places)))
    for number in reversed(range(len(places))):
        found = np.where(array[places[number]] == best, found.dtype.type(number), found)
    return found.astype(np.intp)


def _running(operation, array, axes):
    """The array reduced along the axes, one place after another: windows are not copied."""
    array = np.moveaxis(array, axes, range(len(axes)))
    places = list(np.ndindex(array.shape[: len(axes)]))
    if not places and operation.identity is None:
        raise ValueError(f"{LAYER}: nothing has no {operation.__name__}")
    result = (
        array[places[0]].copy()
        if places
        else np.full(array.shape[len(axes) :], operation.identity, array.dtype)
    )
    for place in places[1:]:
        operation(result, array[place], out=result)
    return result


def _read_at(array, fill, *positions):
    """The elements at the positions, and the fill where these lie outside."""
    positions = np.broadcast_arrays(*positions)
    inside = np.logical_and.reduce(
        [(at >= 0) & (at < n) for at, n in zip(positions, array.shape, strict=True)]
    )
    found = np.full(inside.shape, fill, array.dtype)
    found[inside] = array[tuple(at[inside] for at in positions)]
    return found


def _add_at(values, axes, lengths, *positions):
    """The last axes of values, so many, added up at the positions along axes of these lengths. What
    lies outside is dropped."""
    values, *positions = np.broadcast_arrays(values, *positions)
    batch = values.shape[: values.ndim - axes]
    places, inside = np.arange(math.prod(batch)).reshape(*batch, *(1,) * axes), True
    for at, length in zip(positions, lengths, strict=True):
        places, inside = places * length + at, inside & (at >= 0) & (at < length)
    if not inside.all():
        values, places = values[inside], places[inside]
    rows = values.ravel(), places.ravel(), np.array([0, values.size])
    added = csr_matrix(rows, shape=(1, math.prod(batch) * math.prod(lengths)))
    return added.toarray().reshape(*batch, *lengths)


def _logdet(matrices):
    """The logarithm of the determinant, which is nan where that is negative."""
    sign, size = np.linalg.slogdet(matrices)
    return np.log(sign) + size


def _inverse(matrices):
    """The inverse of each matrix."""
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"{LAYER}: a matrix is singular, it has no inverse") from None
