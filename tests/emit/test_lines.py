"""Long statements are broken where a reader would break them."""

from symbp.emit.lines import WIDTH, call, line
from symbp.plan import Assign, Call, Name


def chain(function: str, *names: str) -> Call:
    result = Call(function, (Name(names[0]), Name(names[1])))
    for name in names[2:]:
        result = Call(function, (result, Name(name)))
    return result


def test_a_short_statement_stays_on_one_line() -> None:
    assert line(Assign("y", chain("add", "a", "b"), 2), "    ") == ["    y = a + b  # (2)"]


def test_a_long_sum_has_an_operand_a_line_and_its_number_at_the_end() -> None:
    a, b, c = ("a" * 60, "b" * 60, "c" * 10)
    assert line(Assign("y", chain("subtract", a, b, c), 2), "") == ["y = (", f"    {a}", f"    - {b}", f"    - {c}", ")  # (2)"]


def test_a_long_call_is_broken_between_its_arguments() -> None:
    a, b = "a" * 60, "b" * 60
    assert line(Assign("y", Call("maximum", (Name(a), Name(b)))), "") == ["y = np.maximum(", f"    {a},", f"    {b},", ")"]


def test_no_line_is_too_long_however_deep_the_expression() -> None:
    node: Name | Call = Name("x")
    for k in range(12):
        node = Call("multiply", (Call("exp", (node,)), Call("add", (Name(f"first_name_{k}"), Name(f"second_name_{k}")))))
    assert max(map(len, line(Assign("y", node, 7), "        "))) <= WIDTH


def test_a_signature_is_broken_between_its_names() -> None:
    names = [f"tensor_with_a_long_name_{k}" for k in range(5)]
    assert call("def forward", names, ":") == ["def forward(", *(f"    {name}," for name in names), "):"]
