/** "Teach it your hand": keeps digits that the user draws, and trains the net that the page reads with on them. */
import { forward } from "../net.js";
import { register } from "../page.js";
import { paintImage } from "../paint.js";
import { imageOf } from "../pieces.js";
import { percent } from "../words.js";
import { download } from "../download.js";
import { keep, keptBefore, setOf } from "./kept.js";
import { learntNet } from "./nets.js";
import { npzOf } from "./npz.js";
import { work, workerOf } from "./workers.js";

register(hand);

const LOST = "This browser keeps nothing for the page: your digits are here until it is closed.";

function hand(page) {
  const [keeps, clears, saves, learns, list] = ["keep", "clear", "save", "learn", "kept"].map(element);
  const trained = learntNet(page);
  let [pieces, label, digits, learning] = [[], null, keptBefore(), false];
  const labels = Array.from({ length: 10 }, (_, digit) => button(String(digit), () => choose(digit)));
  element("labels").append(...labels);

  const show = (sentence) => {
    labels.forEach((each, digit) => each.setAttribute("aria-pressed", String(digit === label)));
    keeps.disabled = label === null || !pieces.length;
    for (const each of [clears, saves]) each.disabled = !digits.length;
    learns.disabled = !digits.length || learning;
    if (sentence !== undefined) element("state").textContent = sentence;
  };
  const choose = (digit) => {
    label = digit;
    show();
  };
  const change = (changed) => {
    digits = changed;
    list.replaceChildren(...digits.map((digit) => thumbnail(digit, () => remove(digit))));
    show(keep(digits) ? amount(digits) : `${amount(digits)} ${LOST}`);
  };
  const remove = (digit) => {
    const place = digits.indexOf(digit);
    change(digits.filter((each) => each !== digit));
    (list.querySelectorAll("button")[Math.min(place, digits.length - 1)] ?? labels[0]).focus();
  };
  const end = (worker, sentence) => {
    worker?.terminate();
    learning = false;
    show(sentence);
  };

  keeps.addEventListener("click", () => {
    const digit = { label, image: Uint8Array.from(imageOf(pieces)) };
    label = null;
    change([...digits, digit]);
    page.tell("picture", []); // an empty sheet for the next digit
    document.getElementById("sheet").focus();
  });
  clears.addEventListener("click", () => {
    change([]);
    labels[0].focus();
  });
  saves.addEventListener("click", () => {
    const { images, labels: answers } = setOf(digits);
    download("my-digits.npz", npzOf(images, answers));
  });
  learns.addEventListener("click", async () => {
    const [own, before] = [setOf(digits), trained.weights()];
    let worker = null;
    const failed = ({ message }) => end(worker, `This browser cannot train here: ${message}. Reading works as before.`);
    const heard = {
      failed,
      tuned: (told) => {
        trained.use(told.weights);
        const right = [before, told.weights].map((weights) => hits({ ...trained.net, weights }, own));
        end(worker, sentenceOf(right, own.labels.length, told));
      },
    };
    learning = true;
    show("Learning your digits …");
    try {
      worker = workerOf(heard);
      worker.postMessage({ kind: "tune", weights: before, own, ...(await work(page)) });
    } catch (error) {
      failed(error);
    }
  });
  page.on("drawing", (drawn) => {
    pieces = drawn;
    show();
  });
  // Only where the user is at it: elsewhere a key of one character may mean something else.
  for (const place of [element("labels"), keeps, document.getElementById("sheet")]) {
    place.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
      if (/^[0-9]$/.test(key) && !(ctrlKey || metaKey || altKey)) choose(Number(key));
    });
  }
  list.replaceChildren(...digits.map((digit) => thumbnail(digit, () => remove(digit))));
  show(amount(digits));
}

/** Returns how many of the user's digits a network reads right. */
function hits(network, { images, labels }) {
  const { probabilities } = forward(network, images);
  return labels.reduce((sum, label, i) => {
    const answers = probabilities.subarray(i * network.classes, (i + 1) * network.classes);
    return sum + (answers.indexOf(Math.max(...answers)) === label ? 1 : 0);
  }, 0);
}

function sentenceOf([first, then], count, { before, after }) {
  return (
    `The page now reads ${then} of your ${count} right, ${first} before; ` +
    `of the test images ${percent(after)}, ${percent(before)} before.`
  );
}

function amount({ length }) {
  return length ? `${length} ${length === 1 ? "digit" : "digits"} kept.` : "No digits are kept yet.";
}

/** Returns an item of the list: an image, its label, and a button that deletes it. */
function thumbnail({ label, image }, remove) {
  const [item, canvas, text] = ["li", "canvas", "span"].map((tag) => document.createElement(tag));
  paintImage(canvas, image);
  canvas.setAttribute("aria-hidden", "true");
  text.textContent = label;
  const erase = button("Delete", remove);
  erase.setAttribute("aria-label", `Delete this ${label}`);
  item.append(canvas, text, erase);
  return item;
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

function element(name) {
  return document.getElementById(`hand-${name}`);
}
