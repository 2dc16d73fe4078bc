"""Array operations -> NumPy expressions."""

from __future__ import annotations

import math
from collections.abc import Callable

from sympy import Rational

from symbp.plan import Array, Call, Name, Number

CHOICE, COMPARE, OR, AND, SUM, PRODUCT, SIGN, POWER, ATOM = range(9)
INFIX = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT), "matmul": ("@", PRODUCT),
    "floor_divide": ("//", PRODUCT), "remainder": ("%", PRODUCT), "less": ("<", COMPARE), "less_equal": ("<=", COMPARE),
    "greater": (">", COMPARE), "greater_equal": (">=", COMPARE), "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE),
    "and": ("&", AND), "or": ("|", OR),
}  # fmt: skip
PREFIX = {"negative": "-", "not": "~"}
NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
SCIPY = frozenset({"erf", "erfc", "gammaln", "digamma", "polygamma"})
MATH = {"gammaln": "lgamma", "abs": "fabs"}  # what Python's math calls differently
DTYPES: dict[object, str] = {"integer": "np.intp", "boolean": "bool"}
SAFE = {"max": "initial=-np.inf", "min": "initial=np.inf"}
Text = tuple[str, int]


def text(node: Array) -> str:
    """The expression on one line."""
    return _print(node)[0]


def within(node: Array, least: int) -> str:
    """The expression in parentheses, unless it binds at least as tightly as the place needs."""
    printed, precedence = _print(node)
    return printed if precedence >= least else f"({printed})"


def _print(node: Array) -> Text:
    if isinstance(node, Name):
        return node.text, ATOM
    if isinstance(node, Number):
        return _number(node.value)
    assert isinstance(node, Call), node
    if node.function in INFIX:
        return _infix(node)
    if node.function in PREFIX:
        return PREFIX[node.function] + within(node.args[0], SIGN), SIGN
    if node.function == "power":
        return _power(node)
    if node.function == "choose":
        condition, then, otherwise = node.args
        return f"{within(then, COMPARE)} if {text(condition)} else {text(otherwise)}", CHOICE
    if node.function in FORMS:
        return FORMS[node.function](node), ATOM
    printed = f"{_function(node)}({', '.join(map(text, node.args))})"
    # a Python number, which leaves float32 as it is, also where math lacks the function
    return f"float({printed})" if "scalar" in node.options and not printed.startswith("math.") else printed, ATOM


def _number(value: Rational) -> Text:
    if value.q == 1:
        return str(value), ATOM if value >= 0 else SIGN
    if 10**6 % value.q == 0 or value.q % 10 == 0:
        return decimal(value), ATOM if value >= 0 else SIGN
    return f"{value.p} / {value.q}", PRODUCT if value >= 0 else SIGN


def decimal(value: Rational) -> str:
    """The shortest text of the number: 1e-5, 0.01, 3."""
    if value.q == 1:
        return str(value)
    return repr(float(value)).replace("e-0", "e-").replace("e+0", "e+")


def _infix(node: Call) -> Text:
    """Left to right: a right operand that binds as loosely stands in parentheses, so the order of evaluation is kept."""
    symbol, precedence = INFIX[node.function]
    if precedence in (AND, OR):
        return f" {symbol} ".join(within(arg, SUM) for arg in node.args), precedence
    left, right = node.args
    return f"{within(left, precedence + (precedence == COMPARE))} {symbol} {within(right, precedence + 1)}", precedence


def _power(node: Call) -> Text:
    base, exponent = within(node.args[0], ATOM), within(node.args[1], SIGN)
    simple = base.replace(".", "").replace("_", "").isalnum() and exponent.replace(".", "").isalnum()
    return (f"{base}**{exponent}" if simple else f"{base} ** {exponent}"), POWER


def _function(node: Call) -> str:
    name = node.function
    if "scalar" in node.options and hasattr(math, MATH.get(name, name)):
        return f"math.{MATH.get(name, name)}"
    return name if name in SCIPY else f"np.{NUMPY.get(name, name)}"


# ---------------------------------------------------------------- forms of their own


def _method(node: Call) -> str:
    axis, *safe = node.options
    args = ([f"axis={axis}"] if axis is not None else []) + ([SAFE[node.function]] if safe else [])
    return f"{within(node.args[0], ATOM)}.{node.function}({', '.join(args)})"


def _transpose(node: Call) -> str:
    base = within(node.args[0], ATOM)
    return f"{base}.T" if node.options == (1, 0) else f"{base}.transpose({', '.join(map(str, node.options))})"


def _item(node: Call) -> str:
    array, *places = node.args
    found = iter(places)
    slots = [{"@": "", "#": "", "*@": "*"}[str(s)] + text(next(found)) if s in ("@", "#", "*@") else str(s) for s in node.options]
    inside = ", ".join(slots)
    return f"{within(array, ATOM)}[({inside})]" if "*@" in node.options else f"{within(array, ATOM)}[{inside}]"


def _expand(node: Call) -> str:
    return f"{within(node.args[0], ATOM)}[{', '.join(map(str, node.options))}]"


def _dims(node: Call) -> str:
    parts = [("*" if is_shape else "") + text(arg) for arg, is_shape in zip(node.args, node.options, strict=True)]
    if len(parts) == 1:
        return parts[0][1:] if parts[0].startswith("*") else f"({parts[0]},)"
    return f"({', '.join(parts)})"


def _reshape(node: Call) -> str:
    array, shape = node.args
    inside = text(shape)
    inside = inside[1:-1].rstrip(",") if inside.startswith("(") else inside
    return f"{within(array, ATOM)}.reshape({inside})"


def _cast(node: Call) -> str:
    array, source = node.args
    if isinstance(array, Call) and array.function == "arange":
        return f"np.arange({text(array.args[0])}, dtype={text(source)}.dtype)"
    return f"{within(array, ATOM)}.astype({text(source)}.dtype)"


def _einsum(node: Call) -> str:
    args = [f'"{node.options[0]}"', *map(text, node.args), *(["optimize=True"] if len(node.args) > 1 else [])]  # it takes BLAS
    return f"np.einsum({', '.join(args)})"


def _made(node: Call) -> str:
    """An array of a dtype: that of another array, or of a kind."""
    *args, last = map(text, node.args)
    inside = [*args, last, DTYPES[node.options[0]]] if node.options else [*args, f"{last}.dtype"]
    return f"np.{node.function}({', '.join(inside)})"


def _tuple(nodes: tuple[Array, ...]) -> str:
    return f"({', '.join(map(text, nodes))}{',' * (len(nodes) == 1)})"


def _slice(node: Call) -> str:
    """start:stop, and the step if there is one; spaces where they are more than names and numbers."""
    start, stop, step = map(text, node.args)
    parts = [start, stop, *([step] if step else [])]
    if all(part.isalnum() or part in ("", "-1") for part in parts):
        return ":".join(parts)
    return " : ".join(parts).replace("  ", " ").strip()


def _spanned(function: str, node: Call) -> str:
    """The spans by the axes that they are of, and the fill last, if there is one."""
    array, *spans = map(text, node.args)
    fill = [f"fill={value}" for value in spans[len(node.options) :]]
    places = ", ".join(f"{axis}: {span}" for axis, span in zip(node.options, spans, strict=False))
    return f"{function}({', '.join([array, f'{{{places}}}', *fill])})"


def _add_at(node: Call) -> str:
    values, *places = map(text, node.args)
    return f"_add_at({', '.join([values, str(node.options[0]), *places])})"


def _named(function: str) -> Callable[[Call], str]:
    """A call whose first arguments are texts."""

    def printed(node: Call) -> str:
        args = [*(f'"{option}"' for option in node.options), *map(text, node.args)]
        return f"{function}({', '.join(args)})"

    return printed


def _attribute(name: str) -> Callable[[Call], str]:
    return lambda node: f"{within(node.args[0], ATOM)}.{name}"


FORMS: dict[str, Callable[[Call], str]] = {
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "argmax", "argmin"), _method),
    **{name: _attribute(name) for name in ("shape", "size", "dtype")},
    "inf": lambda node: "np.inf",
    "pi": lambda node: "np.pi",
    "e": lambda node: "np.e",
    "transpose": _transpose,
    "swap": lambda node: f"{within(node.args[0], ATOM)}.swapaxes(-1, -2)",
    "moveaxis": lambda node: f"np.moveaxis({text(node.args[0])}, {node.options[0]}, {node.options[1]})",
    "item": _item,
    "expand": _expand,
    "dims": _dims,
    "reshape": _reshape,
    "flatten": lambda node: f"{within(node.args[0], ATOM)}.ravel()",
    "lead": lambda node: f"{text(node.args[0])}.shape[:-{node.options[0]}]",
    "prod_of": lambda node: f"math.prod({text(node.args[0])})",
    "grid": lambda node: f"np.indices({within(node.args[0], ATOM)}.shape, sparse=True)",
    "zeros": _made,
    "empty": _made,
    "concatenate": lambda node: f"np.concatenate({', '.join([_tuple(node.args), *(f'axis={axis}' for axis in node.options)])})",
    "full": _made,
    "broadcast": lambda node: f"np.broadcast_to({text(node.args[0])}, {text(node.args[1])})",
    "copy": lambda node: f"{within(node.args[0], ATOM)}.copy()",
    "cast": _cast,
    "einsum": _einsum,
    "log_cosh": lambda node: f"_log_cosh({text(node.args[0])})",
    "tanhshrink": lambda node: f"_tanhshrink({text(node.args[0])})",
    "unbroadcast": lambda node: f"_unbroadcast({text(node.args[0])}, {text(node.args[1])})",
    "slice": _slice,
    "span": lambda node: _tuple(node.args),
    "tuple": lambda node: _tuple(node.args),
    "windows": lambda node: _spanned("_windows", node),
    "fold": lambda node: _spanned("_fold", node),
    "running": lambda node: f"_running(np.{node.options[0]}, {text(node.args[0])}, {node.options[1]})",
    "running_arg": lambda node: f"_running_arg(np.{node.options[0]}, {text(node.args[0])}, {node.options[1]})",
    "read_at": lambda node: f"_read_at({', '.join(map(text, node.args))})",
    "add_at": _add_at,
    "largest": lambda node: f"max({', '.join(map(text, node.args))})",
    "smallest": lambda node: f"min({', '.join(map(text, node.args))})",
    "det": lambda node: f"np.linalg.det({text(node.args[0])})",
    "logdet": lambda node: f"_logdet({text(node.args[0])})",
    "inverse": lambda node: f"_inverse({text(node.args[0])})",
    **{name: _named(f"_{name}") for name in ("fitting", "check_inside", "check_fit", "check_taken")},
    "scatter_add": lambda node: f"_scatter_add({', '.join(map(text, node.args))})",
}
