/** The panel "Learn": trains the net anew in this page, and lets the page read with what was learnt, or saves it. */
import { register } from "../page.js";
import { percent } from "../words.js";
import { drawCurves } from "./curves.js";
import { download } from "../download.js";
import { filled } from "./file.js";
import "./hand.js";
import { learntNet } from "./nets.js";
import { settings as settingsOf, textOf, work, workerOf } from "./workers.js";

register(learn);

function learn(page) {
  const [start, pause, use, back, save] = ["start", "stop", "use", "back", "save"].map((name) => element(`learn-${name}`));
  const settings = settingsOf();
  const own = learntNet(page);
  let [worker, going, waiting, learnt, curves, clock] = [null, false, false, null, null, null];
  if (own.isHeld) {
    element("learn-about").textContent =
      `Trains a net here in the browser, of the layers of ${own.net.name}, from random weights, on MNIST's images. ` +
      "No server computes; the panel “Train” is faster.";
  }

  const show = (sentence) => {
    element("learn-state").textContent = sentence;
    pause.textContent = going || !worker ? "Stop" : "Go on";
    pause.disabled = !worker || waiting;
    use.disabled = !learnt || page.network.weights === learnt;
    save.disabled = !learnt;
    back.disabled = own.isHome();
  };
  page.on("network", () => {
    if (own.isHome()) return show("The page reads with its own net again.");
    if (!own.reads()) return show("The page now reads with the net of a run.");
    learnt = page.network.weights; // the last that was learnt, here or of the user's digits
    show("The page now reads with what was learnt here.");
  });
  const end = (sentence) => {
    worker?.terminate();
    [worker, going, waiting] = [null, false, false];
    show(sentence);
  };
  const heard = {
    part: ({ epoch, done, loss, accuracy }) => {
      curves.train.push([epoch + done, accuracy]);
      drawCurves(element("learn-curves"), settings.epochs, curves);
      element("learn-now").textContent =
        `Epoch ${epoch + 1} of ${settings.epochs}, ${Math.round(100 * done)} %: loss ${loss.toFixed(4)}, ` +
        `${percent(accuracy)} right; ${(clock.total() / 1000).toFixed(1)} s.`;
    },
    epoch: ({ epoch, test, weights }) => {
      learnt = weights;
      curves.test.push([epoch, test.accuracy]);
      drawCurves(element("learn-curves"), settings.epochs, curves);
      const row = element("learn-epochs").insertRow();
      for (const text of [epoch, percent(curves.train.at(-1)[1]), percent(test.accuracy), test.loss.toFixed(4)]) {
        row.insertCell().textContent = text;
      }
      show(`After epoch ${epoch}, ${percent(test.accuracy)} of the test images are right.`);
    },
    stopped: ({ weights }) => {
      learnt = weights;
      clock.stop();
      show("Stopped.");
    },
    ended: ({ weights }) => {
      learnt = weights;
      clock.stop();
      const right = percent(curves.test.at(-1)[1]);
      end(`Learnt in ${(clock.total() / 1000).toFixed(1)} s: ${right} of the test images are right.`);
    },
    failed: ({ message }) => end(`This browser cannot train here: ${message}. Reading works as before.`),
  };

  start.addEventListener("click", async () => {
    worker?.terminate();
    [going, learnt, curves, clock] = [true, null, { train: [], test: [] }, stopwatch()];
    element("learn-epochs").replaceChildren();
    try {
      const mine = (worker = workerOf(heard));
      waiting = true;
      show("Getting the images …");
      const given = await work(page);
      if (worker !== mine) return; // started anew meanwhile
      waiting = false;
      clock = stopwatch();
      worker.postMessage({ kind: "start", ...given });
      show("Learning …");
    } catch (error) {
      heard.failed(error);
    }
  });
  pause.addEventListener("click", () => {
    going = !going;
    if (going) clock.start();
    worker.postMessage({ kind: going ? "go on" : "stop" });
    show(going ? "Learning …" : "Stopping …");
  });
  use.addEventListener("click", () => own.use(learnt));
  back.addEventListener("click", () => own.back());
  save.addEventListener("click", () => {
    download(`${own.net.name}-learnt.onnx`, filled(JSON.parse(textOf("learn-file")), learnt));
  });
  show("Nothing has been learnt yet.");
}

/** Returns a clock that runs, and counts milliseconds while it does. */
function stopwatch() {
  let [counted, since] = [0, performance.now()];
  const total = () => counted + (since === null ? 0 : performance.now() - since);
  return {
    total,
    start: () => (since ??= performance.now()),
    stop: () => ([counted, since] = [total(), null]),
  };
}

function element(name) {
  return document.getElementById(name);
}
