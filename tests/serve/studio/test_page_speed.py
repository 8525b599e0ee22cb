"""How soon the served page answers and lists."""

import json

import pytest

from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.runs import REPORT

pytestmark = [needs_browser, pytest.mark.timing]

# Notes the milliseconds from the end of the first stroke to the number on the page.
WATCH = """() => {
    let begun = null;
    addEventListener("pointerup", () => (begun ??= performance.now()), true);
    const observer = new MutationObserver(() => {
        if (begun !== null) window.took ??= performance.now() - begun;
    });
    observer.observe(document.getElementById("number"), { childList: true, characterData: true, subtree: true });
}"""


def test_the_first_stroke_is_answered_in_50_milliseconds(open_page):
    with open_page() as page:
        page.evaluate(WATCH)
        sheet = Sheet(page)
        sheet.stroke([(0.4, 0.2), (0.6, 0.2), (0.45, 0.8)])
        page.wait_for_function("window.took !== undefined")
        assert sheet.number == "7"
        took = page.evaluate("window.took")
        print(f"first stroke to answer: {took:.1f} ms")
        assert took < 50


def test_a_thousand_runs_are_listed_in_half_a_second(open_page, trainer):
    place = trainer.server.app.settings.runs
    for number in range(1_000):
        folder = place / f"run-{number:03}"
        folder.mkdir()
        (folder / "report.json").write_text(json.dumps(REPORT))
    with open_page() as page:
        page.locator("#runs-state", has_text="1,000 runs.").wait_for()
        (place / "run-500" / "report.json").unlink()
        took = page.evaluate(
            """() => new Promise((done) => {
                const begun = performance.now();
                const state = document.getElementById("runs-state");
                new MutationObserver(() => state.textContent === "999 runs." && done(performance.now() - begun))
                    .observe(state, { childList: true });
                window.dispatchEvent(new Event("focus"));
            })"""
        )
        print(f"1,000 runs asked for and shown: {took:.0f} ms")
        assert took < 500
