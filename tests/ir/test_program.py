"""What the checker of a Program refuses."""

import pytest

from symbp.ir import Element, Equation, Index, Program, Reduce, Size, Tensor, reads, validate

NI, NJ = Size("I"), Size("J")
i, j = Index("i", NI), Index("j", NJ)
x, A, y = Tensor("x", (NI,)), Tensor("A", (NI, NJ)), Tensor("y", (NI,))
t = Tensor("t", (NI,), "integer")


def program(value, target=None, inputs=(x, A, t), outputs=(y,)):
    return Program("f", inputs, (Equation(Element(y, i) if target is None else target, value),), outputs)


def test_a_program_that_is_one_is_given_back():
    right = program(Element(x, i))
    assert validate(right) is right


def test_a_scatter_may_read_its_position():
    assert validate(program(Element(x, i), Element(y, Element(t, i))))


def test_a_position_has_to_be_defined():
    with pytest.raises(AssertionError, match=r"^f: y\[t\[i\]\] = x\[i\]: t is read but not defined"):
        validate(program(Element(x, i), Element(y, Element(t, i)), inputs=(x,)))


def test_a_tensor_has_to_be_defined():
    with pytest.raises(AssertionError, match=r"^f: y\[i\] = x\[i\]: x is read but not defined"):
        validate(program(Element(x, i), inputs=()))


def test_a_tensor_has_one_head():
    with pytest.raises(AssertionError, match="x is read but not defined"):
        validate(program(Element(Tensor("x", (NJ,)), i)))


def test_an_element_has_a_position_for_every_axis():
    with pytest.raises(AssertionError, match=r"rank of A\[i\]"):
        validate(program(Element(A, i)))


def test_a_free_index_has_to_be_on_the_left():
    with pytest.raises(AssertionError, match=r"free indices \{j\} are not on the left"):
        validate(program(Element(A, i, j)))


def test_an_index_is_not_bound_twice():
    with pytest.raises(AssertionError, match="bound twice"):
        validate(program(Reduce("sum", Element(x, i), i)))


def test_a_name_is_assigned_once():
    twice = Program("f", (x,), (Equation(Element(y, i), Element(x, i)),) * 2, (y,))
    with pytest.raises(AssertionError, match="y is assigned twice"):
        validate(twice)


def test_an_output_has_to_be_assigned():
    with pytest.raises(AssertionError, match="output z is never assigned"):
        validate(program(Element(x, i), outputs=(Tensor("z"),)))


def test_reads_are_the_names_of_all_tensors_in_the_expressions():
    assert reads([Element(x, Element(t, i)), Reduce("sum", Element(A, i, j), j)]) == {"x", "t", "A"}


def test_a_program_knows_its_tensors_and_definitions_by_name():
    one = program(Element(x, i))
    assert list(one.tensors) == ["x", "A", "t", "y"]
    assert one.definitions["y"] == one.equations[0]
    assert str(one) == "y[i] = x[i]"
