import pytest

from tinydigits.system import progress
from tinydigits.system.progress import Progress, slice_callback


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_slice_is_reported_with_its_epoch_from_one_and_the_part_of_all_epochs(clock):
    reports = []
    slice_callback(reports.append, epochs=4)(1, 0.5, 0.25, 0.75)
    assert reports == [Progress(2, 4, 0.375, 0.25, 0.75)]


def test_slices_that_follow_at_once_are_not_reported(clock):
    reports = []
    tell = slice_callback(reports.append, epochs=1)
    for now in (100, 100.05, 100.1, 100.11, 100.2, 100.25):
        clock[0] = now
        tell(0, now - 100, 0.0, 0.0)
    assert [report.fraction for report in reports] == pytest.approx([0, 0.11, 0.25])
