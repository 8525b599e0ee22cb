/** Looks into one digit: what the net sees, and the probabilities of all answers. */
import { NO_DIGIT, knowsNoDigit } from "./confidence.js";
import { paintImage } from "./paint.js";
import { register } from "./page.js";
import { percent } from "./words.js";

register(look);

function look(page) {
  const canvas = document.getElementById("seen");
  let rows = [];
  const begin = () => {
    const answers = Array.from({ length: NO_DIGIT + (knowsNoDigit(page.network) ? 1 : 0) }, (_, i) => i);
    rows = answers.map((answer) => rowOf(answer === NO_DIGIT ? "no digit" : String(answer)));
    document.getElementById("probabilities").replaceChildren(...rows.map(({ row }) => row));
  };
  page.on("net", begin);
  page.on("chosen", (chosen) => {
    paintImage(canvas, chosen ? chosen.image : new Uint8Array(784));
    const best = chosen ? (chosen.digit ?? NO_DIGIT) : -1;
    rows.forEach(({ row, bar, text }, i) => {
      const share = chosen ? chosen.probabilities[i] : 0;
      bar.style.inlineSize = `${100 * share}%`;
      text.textContent = chosen ? percent(share) : "–";
      row.classList.toggle("best", i === best);
    });
  });
  begin();
  page.tell("chosen", null);
}

/** Returns a row of the table with its parts that change. */
function rowOf(name) {
  const [row, bar, text] = ["tr", "div", "td"].map((tag) => document.createElement(tag));
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: name });
  const cell = Object.assign(document.createElement("td"), { className: "bar" });
  cell.append(bar);
  row.append(head, cell, text);
  return { row, bar, text };
}
