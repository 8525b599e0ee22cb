import sys

import pytest

from tinydigits.errors import MissingDependencyError
from tinydigits.system.parquet import pyarrow_for


def test_both_modules_of_pyarrow_are_given():
    pytest.importorskip("pyarrow")
    pyarrow, parquet = pyarrow_for("a.parquet")
    assert (pyarrow.__name__, parquet.__name__) == ("pyarrow", "pyarrow.parquet")


def test_without_pyarrow_the_error_says_for_what_it_is_needed_and_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"a\.parquet: .*pip install 'tinydigits\[parquet\]'"):
        pyarrow_for("a.parquet")
