from pathlib import Path

import pytest

from mutation.own_tests import LEFT_OUT, OTHERS, modules, own_tests

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("module", modules(ROOT))
def test_each_module_has_tests_of_its_own(module):
    for test in own_tests(module):
        assert (ROOT / test).is_file(), f"{test} is not there: write it, or name others in tools/mutation/own_tests.py"


def test_what_is_said_of_a_module_is_said_of_one_that_exists():
    assert set(OTHERS) <= set(modules(ROOT))
    for pattern in LEFT_OUT:
        assert list((ROOT / "src/tinydigits").glob(f"{pattern}.py"))
