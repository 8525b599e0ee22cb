/** Asks the server of this page. */

/**
 * Returns {value} or {fault}: a sentence. Where there is no answer at all, the page is told, and asks again later.
 *
 * @param value is sent as JSON, unless it is left out.
 */
export async function request(page, method, path, value) {
  const body = value === undefined ? {} : { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
  const answer = await fetch(path, { method, cache: "no-cache", ...body }).catch(() => null);
  if (!answer) {
    page.tell("server", "gone");
    return { fault: "The server does not answer.", gone: true };
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return { value: said };
  return { fault: said?.error ?? `The server answered ${answer.status}.`, status: answer.status };
}
