/** One run, looked at: its facts, curves, filters, answers and mistakes. */
import { bytesOf } from "../bytes.js";
import { networkOf } from "../network.js";
import { drawChart, lossScale, RIGHT_SCALE } from "../served/chart.js";
import { element, fact } from "../served/elements.js";
import { setOf } from "../served/mnist.js";
import { counted, duration, share } from "../served/words.js";
import { percent } from "../words.js";
import { counts, showConfusion } from "./confusion.js";
import { filtersOf, paintFilters } from "./filters.js";
import { showImages } from "./gallery.js";
import { mistakes } from "./mistakes.js";

/** Images of each list. */
const [SHEET, WORST, CELL] = [40, 20, 60];

/**
 * Shows a look, as `/v1/look` gives it.
 *
 * @param place of the run among all: "2 of 14".
 * @param still tells whether it is still this run that is looked at.
 */
export async function show(look, place, still) {
  const part = (name) => element(`runs-${name}`);
  const { run, history, network: model, reason } = look;
  const network = model && networkOf(model);
  part("facts").replaceChildren(
    fact("Net", run.model),
    fact("Right, test", share(run.accuracy.test)),
    fact("Right, others", share(run.accuracy.validation)),
    fact("Place among all runs", place),
    fact("Parameters", run.parameters.toLocaleString("en")),
    fact("Epochs", run.epochs),
    fact("Time", duration(run.seconds)),
    fact("Trained by", run.engine === "native" ? "the native engine" : "Keras"),
    fact("Seed", run.seed),
  );
  part("look-state").textContent = reason ?? "";
  part("use").disabled = !network;
  drawHistory(history);
  drawFilters(network);
  part("answers").hidden = !look.answers;
  if (!look.answers) {
    part("look-state").textContent ||= "It was judged on images that are not MNIST's; its own pictures are in its folder.";
    return;
  }
  const set = await setOf("test").catch(() => null);
  if (!still()) return;
  part("answers").hidden = !set;
  if (set) showAnswers(set, bytesOf(look.answers), network);
  else part("look-state").textContent = "MNIST's images could not be fetched from the server.";
}

function showAnswers(set, answers, network) {
  const part = (name) => element(`runs-${name}`);
  const item = (place, words) => ({ place, words, wrong: answers[place] !== set.labels[place] });
  const both = (place) => `${set.labels[place]}, read as ${answers[place]}`;
  const first = Array.from({ length: SHEET }, (_, place) => place);
  const wordsOf = (place) => (answers[place] === set.labels[place] ? String(answers[place]) : both(place));
  showImages(part("sheet"), set, first.map((place) => item(place, wordsOf(place))));
  const worst = network ? mistakes(network, set, answers).slice(0, WORST) : [];
  part("worst-title").hidden = !worst.length;
  showImages(part("worst"), set, worst.map(({ place, sure }) => item(place, `${both(place)}, ${percent(sure)}`)));
  part("cell").textContent = "";
  part("cell-images").replaceChildren();
  showConfusion(part("confusion"), counts(set.labels, answers), (label, answer) => {
    const places = [...answers.keys()].filter((i) => set.labels[i] === label && answers[i] === answer);
    const some = places.length > CELL ? `, the first ${CELL} of them` : "";
    part("cell").textContent = `${label} read as ${answer}: ${counted(places.length, "image")}${some}`;
    showImages(part("cell-images"), set, places.slice(0, CELL).map((place) => item(place, `image ${place}`)));
  });
}

/** Draws the curves of a history, with values by name, one an epoch. */
export function drawHistory(history) {
  const right = element("runs-right");
  const loss = element("runs-loss");
  for (const chart of [right, loss]) chart.parentElement.hidden = !history;
  if (!history) return;
  const epochs = history.loss.length;
  const line = (name) => (history[name] ?? []).map((value, i) => [i + 1, value]);
  const lines = (name) => [
    { kind: "thin", points: line(name) },
    { kind: "thick", points: line(`val_${name}`) },
  ];
  drawChart(right, epochs, RIGHT_SCALE, lines("accuracy"));
  drawChart(loss, epochs, lossScale([...history.loss, ...(history.val_loss ?? [])]), lines("loss"));
}

/** Paints the first layer's filters of a network; null hides them. */
export function drawFilters(network) {
  const filters = network && filtersOf(network);
  element("runs-filters-figure").hidden = !filters;
  if (!filters) return;
  element("runs-filters-words").textContent = filters.words;
  paintFilters(element("runs-filters"), filters, element("runs-filters-place").clientWidth);
}
