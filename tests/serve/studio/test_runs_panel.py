"""The panel of runs: its list is what is there, and a run can be looked at, compared and used."""

import shutil

import numpy as np
import pytest

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.exports import FAILS, WRITES
from helpers.runs import LABELS, write_run
from tinydigits.serve.studio import exports

pytestmark = needs_browser


@pytest.fixture
def place(trainer):
    return trainer.server.app.settings.runs


def rows(page):
    return page.locator("#runs-rows button").all_text_contents()


def state(page):
    return page.locator("#runs-state").text_content()


def look_at(page, folder):
    page.locator("#runs-rows button", has_text=folder).click()
    page.locator("#runs-name", has_text=folder).wait_for()
    page.locator("#runs-look[aria-busy='false']").wait_for()


def test_a_folder_without_runs_is_told_in_words(open_page):
    with open_page() as page:
        page.locator("#runs-state", has_text="There is no run yet.").wait_for()
        assert not page.locator("#runs-list").is_visible()


def test_runs_are_listed_ordered_and_found(open_page, place):
    write_run(place / "first", mistakes=range(50))
    write_run(place / "second", mistakes=range(2), parameters=5_000)
    write_run(place / "third" / "seed-0", mistakes=range(90), parameters=100)
    with open_page() as page:
        page.locator("#runs-state", has_text="3 runs.").wait_for()
        page.select_option("#runs-order", "best")
        assert rows(page) == ["second", "first", "third/seed-0"]
        page.select_option("#runs-order", "smallest")
        assert rows(page) == ["third/seed-0", "first", "second"]
        page.fill("#runs-find", "SEED")
        assert rows(page) == ["third/seed-0"]
        assert state(page) == "3 runs, 1 shown."


def test_a_run_that_is_deleted_is_gone_from_the_list(open_page, place):
    write_run(place / "a")
    write_run(place / "b")
    with open_page() as page:
        page.locator("#runs-state", has_text="2 runs.").wait_for()
        look_at(page, "b")
        shutil.rmtree(place / "b")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.locator("#runs-state", has_text="1 run.").wait_for()
        assert rows(page) == ["a"]
        assert page.locator("#runs-look-state").text_content() == "This run's folder has been deleted."


def test_a_server_that_is_gone_is_told_until_it_is_back(open_page, place):
    write_run(place / "a")
    with open_page(expected=("ERR_FAILED",)) as page:
        page.locator("#runs-state", has_text="1 run.").wait_for()
        page.route("**/*", lambda route: route.abort())
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.locator("#runs-state", has_text="The server does not answer.").wait_for()
        page.unroute("**/*")
        page.click("#served-now")
        page.locator("#runs-state", has_text="1 run.").wait_for()
        assert rows(page) == ["a"]


def test_the_focus_stays_where_it_is_when_the_list_changes(open_page, place):
    write_run(place / "a")
    with open_page() as page:
        page.locator("#runs-rows button", has_text="a").focus()
        write_run(place / "b")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.locator("#runs-state", has_text="2 runs.").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "a"


def test_a_deleted_run_is_no_longer_compared(open_page, place):
    for name in ("a", "b", "c"):
        write_run(place / name)
    with open_page() as page:
        for name in ("a", "b", "c"):
            page.get_by_label(f"Compare {name}").check()
        page.locator("#runs-compared-rows tr").nth(2).wait_for()
        shutil.rmtree(place / "a")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.locator("#runs-compared-rows tr", has_text="a").wait_for(state="detached")
        assert page.locator("#runs-compared-rows tr").count() == 2


def test_a_run_is_shown_with_its_mistakes_and_the_images_of_a_cell(open_page, place):
    write_run(place / "a", mistakes=(3, 7))
    with open_page() as page:
        look_at(page, "a")
        assert page.locator("#runs-sheet .wrong").all_text_contents() == [
            f"{LABELS[place]}, read as {(LABELS[place] + 1) % 10}" for place in (3, 7)
        ]
        assert page.locator("#runs-worst li").count() == 2
        assert page.locator("#runs-filters-words").text_content().startswith("The first layer's ")
        label = LABELS[3]
        page.locator(f"[aria-label='{label} read as {(label + 1) % 10}: 1']").click()
        assert page.locator("#runs-cell-images li").all_text_contents() == ["image 3"]
        assert page.locator("#runs-cell").text_content() == f"{label} read as {(label + 1) % 10}: 1 image"


def test_the_matrix_is_walked_with_arrows(open_page, place):
    write_run(place / "a")
    with open_page() as page:
        look_at(page, "a")
        page.locator("#runs-confusion button[tabindex='0']").focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        assert (
            page.locator("#runs-cell").text_content()
            == f"1 read as 1: {np.sum(LABELS == 1):,} images, the first 60 of them"
        )
        assert page.locator("#runs-confusion button[tabindex='0']").count() == 1


def test_runs_are_compared_image_by_image(open_page, place):
    write_run(place / "a", mistakes=range(10))
    write_run(place / "b", mistakes=range(8, 11))
    with open_page() as page:
        page.locator("#runs-state", has_text="2 runs.").wait_for()
        page.get_by_label("Compare a").check()
        assert not page.locator("#runs-compared").is_visible()
        page.get_by_label("Compare b").check()
        page.locator("#runs-compared-rows tr").nth(1).wait_for()
        second = page.locator("#runs-compared-rows tr").nth(1).locator("td").all_text_contents()
        assert second[0] == "b"
        assert second[-3:] == ["8", "1", "0.039"]  # 2 (1 + 9) / 2 ** 9


def test_the_page_reads_with_a_run_and_with_its_own_net_again(open_page, place):
    write_run(place / "a", net="mlp")
    with open_page() as page:
        sheet = Sheet(page)
        sheet.digit(7)
        assert sheet.number == "7"
        rows = page.locator("#probabilities tr").count()
        look_at(page, "a")
        page.click("#runs-use")
        assert page.locator("h1").text_content() == "a reads digits"
        assert page.locator("#about").text_content().startswith("A run of the server: 992 parameters, ")
        assert page.locator("#maps figure").first.text_content().startswith("Layer 2, Dense: 12")
        page.click("#runs-back")
        assert page.locator("h1").text_content() == "reader reads digits"
        assert page.locator("#about").text_content().startswith("A net of 9,997 parameters")
        assert page.locator("#probabilities tr").count() == rows
        assert sheet.number == "7"


def test_a_run_on_other_images_says_so(open_page, place):
    write_run(place / "a", accuracy={"train": 0.5, "validation": 0.5, "test": None})
    with open_page() as page:
        look_at(page, "a")
        assert "judged on images that are not MNIST's" in page.locator("#runs-look-state").text_content()
        assert not page.locator("#runs-answers").is_visible()


def test_names_are_text_and_nothing_else(open_page, place):
    name = "<img src=x onerror=alert(1)> & 'a' \"b\" ?run=c#d%2e"
    write_run(place / name, model="<b>bold</b>")
    with open_page() as page:
        look_at(page, name)
        assert rows(page) == [name]
        assert page.locator("#runs img, #runs b").count() == 0


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(open_page, place, width, scheme):
    write_run(place / "a", mistakes=range(0, 300, 7))
    write_run(place / "b")
    with open_page(width, scheme) as page:
        look_at(page, "a")
        page.locator("#runs-confusion .some").first.click()
        for name in ("a", "b"):
            page.get_by_label(f"Compare {name}").check()
        page.locator("#runs-compared-rows tr").nth(1).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_faults(page) == []


def test_a_run_is_taken_elsewhere(open_page, place, monkeypatch):
    monkeypatch.setattr(exports, "EXPORT", ("-c", WRITES))
    write_run(place / "a")
    with open_page() as page:
        look_at(page, "a")
        page.get_by_role("button", name="C, 8 bits").click()
        page.locator("#runs-export-state", has_text="a as C, 8 bits is written. a note").wait_for()
        cells = page.locator("#runs-written-rows td").all_text_contents()
        assert cells == ["a-int8-c.zip", "9", "20,000", "3,000", "99.00 %", "10,000", "0", "Save"]
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save a-int8-c.zip").click()
        assert saved.value.suggested_filename == "a-int8-c.zip"


def test_a_form_that_answers_otherwise_is_not_given_away_and_a_failure_is_told(open_page, place, monkeypatch):
    write_run(place / "a")
    with open_page(expected=("422",)) as page:
        look_at(page, "a")
        monkeypatch.setattr(exports, "EXPORT", ("-c", FAILS))
        page.get_by_role("button", name="Page", exact=True).click()
        page.locator("#runs-export-state", has_text="net: found a layer; expected none.").wait_for()
        monkeypatch.setattr(exports, "EXPORT", ("-c", WRITES.replace('"disagreements": 0', '"disagreements": 3')))
        page.get_by_role("button", name="ONNX", exact=True).click()
        page.locator("#runs-export-state", has_text="a as ONNX answers other than the net: do not use it.").wait_for()
        assert page.locator("#runs-written-rows button").count() == 0
