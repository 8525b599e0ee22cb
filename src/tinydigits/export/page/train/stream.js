/** The events of a training, one after the other, over as many connections as that takes. */

const KINDS = ["part", "epoch", "state", "note"];
/** The states that end a stream. */
const ENDED = ["stopped", "finished", "failed"];

/**
 * Listens to a training from its first event on.
 *
 * @param heard is called with (kind, data).
 * @param lost  is called when the connection is lost; `again()` of what this returns then goes on where it was.
 * @returns {{again: () => void, close: () => void}}
 */
export function listen(id, heard, lost) {
  let [last, source] = [0, null];
  const close = () => {
    source?.close();
    source = null;
  };
  const again = () => {
    close();
    source = new EventSource(`/v1/trainings/${id}/events?after=${last}`);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        last = Number(event.lastEventId);
        const data = JSON.parse(event.data);
        if (kind === "state" && ENDED.includes(data.state)) close();
        heard(kind, data);
      });
    }
    source.addEventListener("error", () => {
      close(); // a browser's own next try would come without end, and without a word
      lost();
    });
  };
  again();
  return { again, close };
}
