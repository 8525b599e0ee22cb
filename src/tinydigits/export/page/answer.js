/** Says what was read: the number, a sentence, and a button for each digit to look into it. */
import { paintImage } from "./paint.js";
import { register } from "./page.js";
import { percent, sentenceOf, textOf } from "./words.js";

register(answer);

function answer(page) {
  const [number, sentence, digits] = ["number", "sentence", "digits"].map((name) => document.getElementById(name));
  let buttons = [];
  let shown = [];
  page.on("reading", (reading) => {
    shown = reading;
    number.textContent = textOf(reading) || "–";
    sentence.textContent = sentenceOf(reading);
    buttons = reading.map((digit) => buttonOf(digit, () => page.tell("chosen", digit)));
    digits.replaceChildren(...buttons);
  });
  page.on("chosen", (chosen) => {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(shown[i] === chosen)));
  });
  page.on("message", (message) => (sentence.textContent = message));
}

function buttonOf(digit, choose) {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  const canvas = document.createElement("canvas");
  paintImage(canvas, digit.image);
  button.append(canvas, digit.digit === null ? "no digit" : `${digit.digit}, ${percent(digit.confidence)}`);
  button.addEventListener("click", choose);
  return button;
}
