import warnings

import pytest

from tinydigits.system.notes import Note, note, print_notes_as_lines


def test_a_note_is_a_warning():
    with pytest.warns(Note, match="the disk is full"):
        note("the disk is full")


def test_the_command_line_prints_notes_as_lines_and_leaves_other_warnings(capsys):
    shown = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_: shown.append(str(message))
        print_notes_as_lines()
        print_notes_as_lines()
        note("the disk is full")
        warnings.warn("another", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "note: the disk is full\n"
    assert shown == ["another"]
