/** What was read in a picture, in words. */
import { counted } from "../served/words.js";
import { percent } from "../words.js";

/** Returns a sentence about a reading. */
export function summary({ text, digits, rejected, doubtful, runner_up: other }) {
  if (!digits.length && !rejected.length) return "No ink was found in this picture.";
  if (!digits.length) return "No digit was found in this picture; what there is was refused.";
  const least = digits.reduce((a, b) => (b.confidence < a.confidence ? b : a));
  const lines = text.split("\n").length;
  const where = lines > 1 ? ` in ${lines} lines` : "";
  const doubt = doubtful && other ? ` Nearly as likely is ${other}.` : "";
  return `${counted(digits.length, "digit")}${where}; the least sure is a ${least.digit}: ${percent(least.confidence)}.${doubt}`;
}

/** Returns a row of the table for each mark: what it is, how sure, where; digits first. */
export function rows({ digits, rejected }) {
  const place = ([left, top, width, height]) => `${left}, ${top}; ${width} × ${height}`;
  return [
    ...digits.map(({ digit, confidence, box }) => [String(digit), percent(confidence), place(box)]),
    ...rejected.map(({ reason, sign, box }) => [`refused: ${reason}${sign ? ` ${sign}` : ""}`, "–", place(box)]),
  ];
}
