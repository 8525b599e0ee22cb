/**
 * Trains beside the page. It is told {kind: "start", module, settings, train, test}, "stop" or "go on"; `train` and
 * `test` are {images, labels}: bytes, or base64 of gzip. It tells {kind, …}: "part", "epoch", "stopped", "ended", "failed".
 * Or it is told "tune" with the same, `weights` and `own`, digits of the user as bytes, and tells "tuned".
 */
import { bytesOf, unpacked } from "../bytes.js";
import { engineOf } from "./engine.js";
import { tested, trainSlice, trainedWeights, trainingOf } from "./training.js";
import { tuned } from "./tuning.js";

let training = null;
let going = false;
let looping = false;

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "tune") return self.postMessage({ kind: "tuned", ...(await tune(data)) });
    going = data.kind !== "stop";
    if (data.kind === "start") training = await started(data);
    if (data.kind === "start" || (going && training && !looping)) await train();
  } catch (error) {
    going = false;
    self.postMessage({ kind: "failed", message: String(error.message ?? error) });
  }
};

async function started({ module, settings, train, test }) {
  return trainingOf(await engineOf(bytesOf(module)), settings, await setsOf(train, test));
}

async function tune({ module, settings, train, test, weights, own }) {
  return tuned(await engineOf(bytesOf(module)), settings, weights, own, await setsOf(train, test));
}

async function setsOf(train, test) {
  return { train: await setOf(train), test: await setOf(test) };
}

async function setOf({ images, labels }) {
  const read = (part) => (typeof part === "string" ? unpacked(part) : part);
  return { images: await read(images), labels: await read(labels) };
}

async function train() {
  looping = true;
  while (going && training.epoch < training.settings.epochs) {
    const part = trainSlice(training);
    self.postMessage({ kind: "part", ...part });
    if (training.step === 0) {
      self.postMessage({ kind: "epoch", epoch: training.epoch, test: tested(training), weights: trainedWeights(training) });
    }
    await new Promise((heard) => setTimeout(heard)); // messages of the page come in between
  }
  looping = false;
  const ended = training.epoch >= training.settings.epochs;
  self.postMessage({ kind: ended ? "ended" : "stopped", weights: trainedWeights(training) });
}
