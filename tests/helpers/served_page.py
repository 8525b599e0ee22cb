"""Pages of a live server, in a browser."""

from contextlib import contextmanager

from helpers.served import PATIENCE


@contextmanager
def served_page(chromium, port, width=1024, scheme="light", expected=(), **options):
    """Opens the page of a server. Errors, breaches of its policy and requests to others fail the test.

    Args:
        expected: parts of errors that the test is about.
        options: of the browser's context.
    """
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    faults = []
    own = (f"http://127.0.0.1:{port}/", "data:", "blob:")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
    try:
        page.goto(own[0])
        yield page
        assert [fault for fault in faults if not any(part in fault for part in expected)] == []
    finally:
        context.close()
