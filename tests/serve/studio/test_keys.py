"""The whole page with keys alone, from its first link to a run that reads."""

from helpers.browser import needs_browser
from helpers.runs import write_run

pytestmark = needs_browser
# Presses of Tab after which something cannot be reached.
MOST_PRESSES = 150


def tab_to(page, selector):
    """Presses Tab until an element has the focus."""
    for _ in range(MOST_PRESSES):
        if page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached")


def test_a_net_is_trained_looked_at_compared_and_used(open_page, trainer):
    write_run(trainer.server.app.settings.runs / "before")
    with open_page() as page:
        page.locator("#runs-rows tr").first.wait_for()
        page.locator("#train-start:enabled").wait_for()
        tab_to(page, "#served-parts a[href='#train']")
        page.keyboard.press("Enter")
        tab_to(page, "#train-recipe")
        page.keyboard.type("mlp")
        tab_to(page, "#train-start")
        page.keyboard.press("Enter")
        page.locator("#train-state", has_text="mlp is trained").wait_for()
        page.locator("#runs-rows tr").nth(1).wait_for()
        for name in ("mlp", "before"):
            tab_to(page, f"[aria-label='Compare {name}']")
            page.keyboard.press("Space")
        page.locator("#runs-compared-rows tr").nth(1).wait_for()
        tab_to(page, "#runs-rows tr:nth-child(2) button")
        page.keyboard.press("Enter")
        page.locator("#runs-look[aria-busy='false']").wait_for()
        assert page.evaluate("document.activeElement.id") == "runs-name"
        tab_to(page, "#runs-use")
        page.keyboard.press("Enter")
        assert page.locator("h1").text_content() == "before reads digits"
        tab_to(page, "#runs-confusion button")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        assert page.locator("#runs-cell").text_content().startswith("0 read as 1: ")
