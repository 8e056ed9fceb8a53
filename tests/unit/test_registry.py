"""Tables that others may add to: rows come, keep their names to themselves, and go."""

from __future__ import annotations

import pytest

from dicom_widgets.registry import Registry


def test_a_row_is_there_until_it_is_closed():
    table = Registry("A number", {"one": 1})
    with table.register("two", 2):
        assert dict(table) == {"one": 1, "two": 2}
    assert dict(table) == {"one": 1}


def test_a_name_that_is_taken_is_refused_in_a_sentence():
    table = Registry("A number", {"one": 1})
    with pytest.raises(ValueError, match="A number named 'one' is there already"):
        table.register("one", 11)
    assert table["one"] == 1


def test_closing_twice_does_not_take_out_the_row_of_somebody_else():
    table = Registry("A number", {"one": 1})
    first = table.register("two", 2)
    first.close()
    table.register("two", 22)
    first.close()
    assert table["two"] == 22


def test_who_watches_hears_of_rows_that_come_and_go_until_it_ends():
    table, seen = Registry("A number", {"one": 1}), []
    end = table.watch(lambda: seen.append([*table]))
    two = table.register("two", 2)
    two.close()
    two.close()
    assert seen == [["one", "two"], ["one"]]
    end()
    table.register("three", 3)
    assert len(seen) == 2
