"""The panel that trains: each of its states is one that a user understands."""

import re

import pytest

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser
from helpers.light_training import ENDLESS, FAILING

pytestmark = needs_browser
GONE = ("ERR_", "503", "incomplete chunked encoding")


def state(page):
    return page.locator("#train-state").text_content()


def wait_for(page, words):
    """Waits until the panel's sentence holds words."""
    page.locator("#train-state", has_text=words).wait_for()


def begin(page, recipe="mlp", **settings):
    page.locator("#train-start:enabled").wait_for()
    page.select_option("#train-recipe", recipe)
    for name, value in {"epochs": 30, **settings}.items():
        page.fill(f"#train-{name}", str(value))
    page.click("#train-start")


def facts(page):
    names, values = (page.locator(f"#train {tag}").all_text_contents() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def epochs_told(page):
    """The epochs of the table, in order."""
    rows = "[...document.getElementById('train-epochs-told').rows]"
    return page.evaluate(f"{rows}.map((row) => Number(row.cells[1].textContent))")


def test_links_lead_to_the_parts_of_the_page(open_page):
    with open_page() as page:
        links = page.get_by_role("navigation").get_by_role("link")
        names = ["Draw", "Answer", "Read a sheet", "Train", "Runs", "Learn", "Inside the net"]
        assert links.all_text_contents() == names
        links.nth(3).press("Enter")
        assert page.url.endswith("#train")
        assert page.evaluate("document.getElementById('train').getBoundingClientRect().top") < 200


def test_at_first_nothing_is_trained_and_the_settings_are_the_recipes(open_page):
    with open_page() as page:
        wait_for(page, "Nothing is being trained. Choose a recipe, and start.")
        assert not page.locator("#train-curves").is_visible()
        assert page.locator("#train-recipe option").first.text_content() == "mlp (9,862 parameters)"
        page.select_option("#train-recipe", "pocket")
        settings = [page.input_value(f"#train-{name}") for name in ("epochs", "batch_size", "learning_rate")]
        assert settings == ["80", "128", "0.02"]


def test_a_training_is_watched_to_its_end_and_told_in_numbers(open_page):
    with open_page() as page:
        begin(page)
        wait_for(page, "mlp is trained: 65.00 % of the test images are right. It is in mlp/.")
        page.locator("#train dd", has_text="1 of 1").wait_for()
        assert facts(page)["Epochs"] == "30 of 30"
        assert facts(page)["Right, others"] == "70.00 %"
        assert page.locator("#train-epochs-told tr").count() == 30
        assert page.locator("#train-right polyline").count() == 2
        assert page.locator("#train-start").is_enabled()


def test_several_seeds_have_a_band(open_page):
    with open_page() as page:
        begin(page, seeds=3)
        wait_for(page, "is trained")
        assert page.locator("#train-right polygon.band").count() == 1
        assert page.locator("#train-right polyline.thin").count() == 3
        assert page.locator("#train-band").is_visible()


def test_it_is_stopped_and_gone_on_with_by_keys_alone(open_page):
    with open_page() as page:
        page.locator("#train-start:enabled").wait_for()
        page.select_option("#train-recipe", "mlp")
        page.locator("#train-epochs").focus()
        page.keyboard.type("3")
        page.keyboard.press("Enter")  # 330 epochs, or 303: wherever the caret was
        page.locator("#train-stop:enabled").wait_for()
        wait_for(page, "Training mlp")
        page.locator("#train-stop").press("Enter")
        wait_for(page, "mlp was stopped. It can go on from its last whole epoch.")
        page.locator("#train-resume").press("Space")
        wait_for(page, "is trained")
        epochs = epochs_told(page)
        assert epochs == sorted(epochs)
        assert len(epochs) - len(set(epochs)) <= 1


def test_a_page_that_is_opened_later_shows_the_whole_curve(open_page):
    with open_page() as page:
        begin(page, epochs=5)
        wait_for(page, "is trained")
    with open_page() as page:
        page.locator("#train-epochs-told tr").nth(4).wait_for(state="attached")
        wait_for(page, "is trained")
        assert epochs_told(page) == [1, 2, 3, 4, 5]


def test_another_training_is_chosen_and_one_is_forgotten(open_page):
    with open_page() as page:
        begin(page, batch_size=ENDLESS)
        page.locator("#train-epochs-told tr").first.wait_for(state="attached")
        page.click("#train-stop")
        wait_for(page, "was stopped")
        begin(page, recipe="cnn", epochs=2)
        wait_for(page, "cnn is trained")
        page.locator("#train-known option", has_text="mlp/").wait_for(state="attached")
        page.select_option("#train-known", index=1)
        wait_for(page, "mlp was stopped")
        page.click("#train-discard")
        wait_for(page, "cnn is trained")
        assert not page.locator("#train-choice").is_visible()


def test_a_training_that_fails_says_why(open_page):
    with open_page() as page:
        begin(page, batch_size=FAILING)
        wait_for(page, "mlp failed. training: found a loss of nan; expected a number.")
        assert page.locator("#train-resume").is_enabled()


def test_what_the_server_refuses_is_said(open_page):
    with open_page(expected=("409",)) as page, open_page() as other:
        page.locator("#train-start:enabled").wait_for()
        begin(other, batch_size=ENDLESS)
        wait_for(other, "Training mlp")
        begin(page)
        wait_for(page, "found a training that is under way, of `mlp` into mlp/; expected one at a time.")
        other.click("#train-stop")
        wait_for(other, "was stopped")


def test_a_server_that_is_gone_is_asked_again_and_curves_go_on_without_loss_or_repetition(open_page):
    with open_page(expected=GONE) as page:
        begin(page, epochs=400)
        wait_for(page, "Training mlp")
        page.locator("#train-epochs-told tr").nth(3).wait_for(state="attached")
        page.route("**/*", lambda route: route.abort())
        page.context.set_offline(True)
        page.locator("#served", has_text="This device is offline. Drawing still works.").wait_for()
        page.context.set_offline(False)
        page.locator("#served", has_text="The server does not answer.").wait_for()
        page.unroute("**/*")
        page.click("#served-now")
        page.locator("#served").wait_for(state="hidden")
        wait_for(page, "is trained")
        epochs = epochs_told(page)
        assert epochs == [*range(1, 401)]


def test_pauses_between_questions_grow(open_page):
    with open_page(expected=GONE) as page:
        page.locator("#train-start:enabled").wait_for()
        page.clock.install()
        page.route("**/*", lambda route: route.abort())
        page.evaluate("window.tinydigits.page.tell('server', 'gone')")
        pauses = []
        for pause in (1, 2, 4, 8, 16, 16):
            page.locator("#served-words", has_text=f"It is asked again in {pause} s.").wait_for()
            pauses.append(int(re.search(r"(\d+) s", page.locator("#served-words").text_content()).group(1)))
            for _ in range(pause):
                page.clock.run_for(1000)
        assert pauses == [1, 2, 4, 8, 16, 16]


def test_a_server_that_was_started_anew_is_noticed(open_page, trainer):
    with open_page(expected=GONE) as page:
        begin(page, epochs=3)
        wait_for(page, "is trained")
        trainer.server.app.trainings.known.clear()
        page.evaluate("window.tinydigits.page.tell('server', 'gone')")
        page.click("#served-now")
        wait_for(page, "The server was started anew, and knows this training no more.")


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(open_page, width, scheme):
    with open_page(width, scheme) as page:
        begin(page, epochs=5, seeds=2)
        wait_for(page, "is trained")
        page.locator("#train summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_faults(page) == []
