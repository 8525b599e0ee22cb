"""Rows that are needed at the same time never share memory."""

from hypothesis import given
from hypothesis import strategies as st

from tinydigits.export.c.memory import laid_out, needed_together, placed
from tinydigits.export.c.units import float_units
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import load_network


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=8))
def test_rows_needed_together_lie_apart(rows):
    sizes = [size for size, _ in rows]
    before = [set(range(index)) if alone else {index - 1} - {-1} for index, (_, alone) in enumerate(rows)]
    places = placed(sizes, before)
    for index, others in enumerate(before):
        for other in others:
            first, then = sorted((index, other), key=lambda each: places[each])
            assert places[first] + sizes[first] <= places[then]


def test_the_memory_of_the_pocket_net_is_two_rows_a_layer_and_what_is_passed_on():
    units = float_units(stages_of(load_network("pocket")[0]))
    memory = laid_out(units)
    kept = sum((unit.window[0] - 1) * row for unit, row in zip(units, memory.rows, strict=True))
    assert memory.size - kept < 0.25 * memory.size
    assert [unit.kind for unit in units] == ["CONVOLVE", *["SEPARABLE"] * 7, "MEAN"]
    assert needed_together(units, 4) == {0, 1, 2, 3}  # a row after the pooling, written twice
