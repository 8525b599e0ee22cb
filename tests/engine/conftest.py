"""Compiled nets of these tests stay out of the user's cache."""

import pytest

from tinydigits.engine.compiler import build


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """The cache folder of this run."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "cache_folder", lambda: folder)
        yield folder
