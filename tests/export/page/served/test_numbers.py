"""What the server's page computes of trainings and runs."""

import json

import pytest
from scipy.stats import binomtest

from helpers.browser import needs_browser, page_with

pytestmark = needs_browser
SCRIPT = """
import { add, band, goOn, line, noCurves } from "./train/curves.js";
import { counts } from "./runs/confusion.js";
import { onlyRight, signTest } from "./runs/mistakes.js";
import { lossScale, RIGHT_SCALE } from "./served/chart.js";
import { counted, duration, placeAmong, share } from "./served/words.js";
import { sentenceOf } from "./train/words.js";

window.own = {
  add, band, goOn, line, noCurves, counts, onlyRight, signTest, lossScale, RIGHT_SCALE,
  counted, duration, placeAmong, share, sentenceOf,
};
"""


@pytest.fixture(scope="module")
def page(chromium):
    with page_with(chromium, SCRIPT) as opened:
        yield opened


def value(page, script):
    return json.loads(page.evaluate(f"JSON.stringify((() => {{ {script} }})())"))


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 1), (5, 5), (1, 9), (34, 21), (400, 300)])
def test_the_sign_test_is_that_of_scipy(page, one, other):
    expected = binomtest(one, one + other).pvalue if one + other else 1.0
    assert value(page, f"return own.signTest({one}, {other})") == pytest.approx(expected, rel=1e-9)


def test_a_band_goes_from_the_worst_to_the_best_seed_with_their_mean(page):
    told = """
        const curves = own.noCurves();
        for (const [seed, at, loss] of [[0, 1, 0.5], [1, 1, 0.3], [0, 2, 0.2], [1, 2, null]]) {
            own.add(curves, "epoch", { seed, at, loss });
        }
        return own.band(curves, "loss");
    """
    assert value(page, told) == [[1, 0.3, 0.5, 0.4], [2, 0.2, 0.2, 0.2]]


def test_a_training_that_goes_on_drops_what_is_told_again(page):
    told = """
        const curves = own.noCurves();
        own.add(curves, "part", { seed: 0, at: 0.5, loss: 1 });
        own.add(curves, "epoch", { seed: 0, at: 1, loss: 0.8 });
        own.add(curves, "part", { seed: 0, at: 1.5, loss: 0.7 });
        own.goOn(curves);
        return own.line(curves.get(0), "loss");
    """
    assert value(page, told) == [[0.5, 1], [1, 0.8]]


def test_what_only_one_net_has_right_is_counted(page):
    assert value(page, "return own.onlyRight([1, 2, 3, 4], [1, 2, 0, 5], [1, 0, 3, 6])") == {"first": 1, "second": 1}
    table = value(page, "return own.counts([1, 1, 2], [1, 7, 2])")
    assert (table[1][1], table[1][7], table[2][2], sum(map(sum, table))) == (1, 1, 1, 3)


def test_scales_hold_all_losses_and_grow_with_accuracy(page):
    heights = value(page, "const s = own.lossScale([0.004, 0.3]); return [0.004, 0.3].map(s.heightOf)")
    assert 0 <= heights[0] < heights[1] <= 1
    assert value(page, "return own.lossScale([]).labels.length") >= 2
    assert value(page, "return own.lossScale([0.01]).labels.length") >= 2
    assert value(page, "return [0, 0.9, 0.99, 0.999, 1].map(own.RIGHT_SCALE.heightOf)") == pytest.approx(
        [0, 1 / 3, 2 / 3, 1, 1]
    )


def test_places_shares_and_times_are_told_in_words(page):
    runs = json.dumps([{"accuracy": {"test": test}} for test in (0.9, 0.95, None, 0.95)])
    assert value(page, f"return [0.95, 0.9, 0.99, null].map((test) => own.placeAmong({runs}, test))") == [
        "1 of 3",
        "3 of 3",
        "1 of 3",
        "–",
    ]
    assert value(page, "return [own.share(0.98765), own.share(null), own.share(1)]") == ["98.77 %", "–", "100.00 %"]
    assert value(page, "return [3.04, 89.9, 125, 3600].map(own.duration)") == [
        "3.0 s",
        "89.9 s",
        "2 min 5 s",
        "60 min 0 s",
    ]
    assert value(page, "return [own.counted(1, 'run'), own.counted(1234, 'run')]") == ["1 run", "1,234 runs"]


def test_each_state_of_a_training_has_a_sentence(page):
    training = {"recipe": "cnn", "folder": "cnn-2", "message": "Why.", "report": None, "reached": False}

    def sentence(**changes):
        return value(page, f"return own.sentenceOf({json.dumps({**training, **changes})})")

    assert sentence(state="running") == "Starting cnn, into cnn-2/: Keras is being loaded …"
    assert sentence(state="running", reached=True) == "Training cnn, into cnn-2/ …"
    assert sentence(state="stopping") == "Stopping cnn …"
    assert sentence(state="failed") == "cnn failed. Why."
    summary = {"runs": [], "summary": {"mean": 0.97, "min": 0.96, "max": 0.98, "n": 3}}
    assert sentence(state="finished", report=summary) == (
        "cnn is trained: 97.00 % of the test images are right, the mean of 3 seeds (96.00 % to 98.00 %). "
        "It is in cnn-2/."
    )
