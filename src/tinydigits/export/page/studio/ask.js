/** Asks the server to read a picture. */

/** Largest picture, in bytes, as the server takes it. */
const MOST_BYTES = 16 * 1000 * 1000;
/** How often a server that has too much to do is asked, in all. */
const ATTEMPTS = 4;

/**
 * Returns {reading}: see `/v1/read`; or {fault}: a sentence, with `again`: whether another try may help.
 *
 * @param waiting is called each time that the server has too much to do and will be asked again.
 * @param signal ends it all when another picture is chosen.
 */
export async function ask(picture, waiting, signal) {
  if (picture.size > MOST_BYTES) return { fault: `This file is larger than ${MOST_BYTES / 1e6} MB.` };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch("/v1/read", { method: "POST", body: picture, signal }).catch(() => null);
    if (!answer) return { fault: "The server does not answer. Start it again: tinydigits serve.", again: true };
    if (answer.status !== 503 || attempt === ATTEMPTS) return outcome(answer);
    waiting();
    await new Promise((done) => setTimeout(done, 1000 * (Number(answer.headers.get("retry-after")) || 1)));
  }
}

async function outcome(answer) {
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return { reading: said };
  if (answer.status === 503) return { fault: "The server has too much to do.", again: true };
  return { fault: said?.error ?? `The server answered ${answer.status}.`, again: answer.status >= 500 };
}
