/** Reads what is drawn, and reads it again when the net changes. */
import { register } from "./page.js";
import { readerOf } from "./read.js";

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
}
