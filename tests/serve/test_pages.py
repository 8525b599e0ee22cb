"""The pages of the server, as a browser gets them: they run nothing but what they hold, and ask nobody else."""

import re
from contextlib import contextmanager

from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.served import running, with_net
from tinydigits.serve import application as application_module
from tinydigits.serve import pages
from tinydigits.serve.reference import reference
from tinydigits.serve.settings import Settings


def test_a_policy_names_the_hashes_of_what_is_run_and_of_no_data():
    policy = pages.alive('<script type="text/plain">a</script><script>b</script><style>c</style>').policy
    assert re.search(r"script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=' 'wasm-unsafe-eval';", policy)
    assert "style-src 'sha256-Ln0sA6lQeuJl7PW1NWiFpTOTogKdJBOUmXJloaJa78Y=';" in policy
    assert "unsafe-inline" not in policy


def test_a_page_without_script_may_run_none():
    assert "script-src" not in pages.still("<p>a</p>").policy
    assert "style-src 'none'" in pages.still("<p>a</p>").policy


def test_the_reference_names_each_operation_and_escapes_what_it_shows():
    described = {"operationId": "x", "summary": "A <b>", "responses": {"200": {"description": "C & D"}}}
    html = reference({"info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": described}}})
    assert '<h2 id="x"><code>GET /a</code></h2>' in html
    assert "A &lt;b&gt;" in html
    assert "C &amp; D" in html


def test_a_net_that_no_page_computes_has_no_page(monkeypatch):
    with_net(monkeypatch, lambda images: images[:, 0, :11].astype(float))
    with running(Settings()) as server:
        answer = server.ask("GET", "/")
        assert answer.status == 404
        assert "stand-in" in answer.json["error"]


def test_before_the_net_is_loaded_the_page_looks_again_by_itself(monkeypatch):
    service = application_module.application(Settings(), application_module.Log(None)).service
    answer = application_module.states.page_answer(service)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert b'http-equiv="refresh"' in answer.body


@contextmanager
def opened(chromium, served, path, **options):
    """A page of the server. Errors, breaches of its policy and requests to others fail the test."""
    context = chromium.new_context(**options)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    own = f"http://127.0.0.1:{served.port}/"
    page.on(
        "request",
        lambda request: None if request.url.startswith((own, "data:", "blob:")) else faults.append(request.url),
    )
    try:
        page.goto(own + path.lstrip("/"))
        yield page, faults
    finally:
        context.close()


@needs_browser
def test_a_stroke_on_the_served_page_gets_a_digit_and_breaks_no_policy(chromium, served):
    with opened(chromium, served, "/", viewport={"width": 1024, "height": 800}) as (page, faults):
        sheet = Sheet(page)
        sheet.digit(7)
        assert sheet.number == "7"
        assert page.evaluate("self.crossOriginIsolated")
        assert faults == []


@needs_browser
def test_what_the_page_does_not_hold_is_not_run(chromium, served):
    with opened(chromium, served, "/") as (page, faults):
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
            }"""
        )
        assert page.evaluate("window.ran === undefined")
        assert "inline script violates the following Content Security Policy" in faults.pop(0)
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\\'color: red\\'>')")
        assert "inline style violates the following Content Security Policy" in faults.pop(0)


@needs_browser
def test_the_reference_is_shown_as_it_is_styled(chromium, served):
    with opened(chromium, served, "/docs", viewport={"width": 360, "height": 800}) as (page, faults):
        operations = [name for methods in served.ask("GET", "/openapi.json").json["paths"].values() for name in methods]
        assert page.locator("h2").count() == len(operations)
        assert page.evaluate("getComputedStyle(document.querySelector('section')).borderTopStyle") == "solid"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert faults == []


@needs_browser
def test_a_browser_that_knows_the_token_gets_the_page(chromium):
    with running(Settings(token="secret")) as server:
        assert server.ask("GET", "/").status == 401
        credentials = {"username": "me", "password": "secret"}
        with opened(chromium, server, "/", http_credentials=credentials) as (page, faults):
            assert page.locator("#sheet").count() == 1
            assert [fault for fault in faults if "401" not in fault] == []
