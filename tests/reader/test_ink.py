import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.reader.ink import middle


@given(st.lists(st.integers(0, 255), min_size=1, max_size=60))
def test_the_middle_is_numpys_median(values):
    even = np.array(values * 2, np.float32)
    assert middle(even) == np.median(even)
