import io
import sys

import pytest

from tinydigits.cli.streams import write_what_the_terminal_can


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("ascii", b"- +/- 28x28 ?"), ("latin-1", b"- \xb1 28\xd728 ?"), ("utf-8", "– ± 28×28 ✓".encode())],
)
def test_what_an_encoding_lacks_is_written_plainly(encoding, written, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    write_what_the_terminal_can()
    stream.write("– ± 28×28 ✓")
    stream.flush()
    assert stream.buffer.getvalue() == written


def test_a_closed_stream_stays_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    write_what_the_terminal_can()
    assert sys.stdout is None
