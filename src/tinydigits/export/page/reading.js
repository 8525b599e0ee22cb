/** Reads what is drawn, and reads it again when the net changes. */
import { register } from "./page.js";
import { strokeOf } from "./pieces.js";
import { readerOf } from "./read.js";

/** A stroke is read so often before the user's first one: a browser compiles what has run some times. */
const TRIALS = 4;

register(reading);

function reading(page) {
  const reader = readerOf(page.network);
  let pieces = [];
  const read = () => {
    const digits = reader.read(pieces);
    page.tell("reading", digits);
    page.tell("chosen", digits.find((digit) => digit.pieces.includes(pieces.at(-1))) ?? digits.at(-1) ?? null);
  };
  page.on("drawing", (drawn) => {
    pieces = drawn;
    read();
  });
  page.on("network", () => {
    reader.forget();
    read();
  });
  (window.requestIdleCallback ?? setTimeout)(() => {
    for (let trial = 0; trial < TRIALS; trial++) readerOf(page.network).read([strokeOf([[200, 100], [260, 300]], 18)]);
  });
}
