"""Who is not the server's owner gets the page, and is told why its panels do nothing."""

from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.served import running, without_reading_processes
from helpers.served_page import served_page
from tinydigits.serve.settings import Settings

pytestmark = needs_browser


def test_without_a_token_others_are_told_that_the_panels_are_the_owners(chromium, tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    with (
        running(Settings(loopback=False, runs=tmp_path)) as server,
        served_page(chromium, server.port, expected=("403",)) as page,
    ):
        for panel in ("train", "runs"):
            page.locator(f"#{panel}-state", has_text="found no token, and an address that others reach").wait_for()
        assert page.locator("#train-start").is_disabled()
        sheet = Sheet(page)
        sheet.digit(7)
        assert sheet.number == "7"


def test_with_the_token_a_browser_trains(chromium, tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    with (
        running(Settings(loopback=False, token="secret", runs=tmp_path)) as server,
        served_page(
            chromium, server.port, expected=("401",), http_credentials={"username": "me", "password": "secret"}
        ) as page,
    ):
        page.locator("#train-start:enabled").click()
        page.locator("#train-state", has_text="cnn is trained").wait_for()
        page.locator("#runs-rows button", has_text="cnn").wait_for()
