/** A training: epochs of steps, which can be stopped between slices and gone on with. */
import { follow, reserve, setWeights, view, weightsOf } from "./engine.js";
import { freshWeights, ratesOf, shuffled } from "./schedule.js";

/** How long a slice of steps shall take, in milliseconds: so soon a stop is obeyed. */
const SLICE = 100;
/** The engine answers images in groups of so many. */
const GROUP = 16;

/**
 * Returns a training of fresh weights.
 *
 * @param engine   of `engine.js`.
 * @param settings of `export/learn_panel.py`.
 * @param sets     {train, test}: {images: Uint8Array, labels: Uint8Array}
 * @param random   () => number from 0 to below 1
 */
export function trainingOf(engine, settings, { train, test }, random = Math.random) {
  const pixels = engine.pixels();
  const count = train.labels.length;
  const from = Math.ceil(count / GROUP) * GROUP;
  const room = from + Math.ceil(test.labels.length / GROUP) * GROUP;
  const places = {
    images: reserve(engine, room * pixels),
    targets: reserve(engine, 4 * room * engine.classes()),
    order: reserve(engine, 4 * count),
    rates: reserve(engine, 4 * Math.ceil(count / settings.batch)),
  };
  put(engine, places, train, 0, settings.smoothing);
  put(engine, places, test, from, 0);
  engine.read_from(places.images, places.targets);
  follow(engine, settings.numbers);
  setWeights(engine, settings.places, freshWeights(settings.places, random));
  return { engine, settings, places, count, from, tests: test.labels.length, random, epoch: 0, step: 0, pace: GROUP };
}

/** Writes images and their targets. */
function put(engine, places, { images, labels }, first, smoothing) {
  const classes = engine.classes();
  view(engine, Uint8Array, places.images + first * engine.pixels(), images.length).set(images);
  const targets = view(engine, Float32Array, places.targets + 4 * first * classes, labels.length * classes);
  targets.fill(smoothing / classes);
  labels.forEach((label, i) => (targets[i * classes + label] += 1 - smoothing));
}

/** Returns how many steps an epoch has. */
export function stepsOf({ count, settings }) {
  return Math.ceil(count / settings.batch);
}

/**
 * Trains for a moment: to the end of the epoch at most. Returns {epoch, done, loss, accuracy} of the epoch so far;
 * `done` is the finished share of it. At its end `epoch` of the training is one more.
 */
export function trainSlice(training) {
  const { engine, settings, count } = training;
  if (training.step === 0) beginEpoch(training);
  const started = performance.now();
  const last = Math.min(training.step + training.pace, stepsOf(training));
  const reached = engine.steps_to(last);
  if (reached < last) throw new Error("the loss became infinite: start again");
  const spent = Math.max(1, performance.now() - started);
  training.pace = Math.max(1, Math.round(((last - training.step) * SLICE) / spent));
  const seen = Math.min(last * settings.batch, count);
  const part = { epoch: training.epoch, done: seen / count, loss: engine.loss() / seen, accuracy: engine.hits() / seen };
  training.step = last === stepsOf(training) ? 0 : last;
  if (training.step === 0) training.epoch += 1;
  return part;
}

function beginEpoch({ engine, settings, places, count, epoch, random }) {
  const steps = Math.ceil(count / settings.batch);
  view(engine, Int32Array, places.order, count).set(shuffled(count, random));
  view(engine, Float32Array, places.rates, steps).set(ratesOf(settings, epoch, steps));
  const varied = settings.augmentation;
  if (varied) {
    const amplitudes = epoch < settings.epochs - varied.gentle_epochs ? varied.full : varied.gentle;
    view(engine, Int32Array, engine.amplitudes_at(), amplitudes.length).set(amplitudes);
  }
  const seed = Math.floor(random() * 2 ** 31);
  if (engine.begin(places.order, count, settings.batch, places.rates, seed, epoch * steps, varied ? 1 : 0)) {
    throw new Error("there is no memory to train in");
  }
}

/** Returns loss and accuracy on the test images. */
export function tested({ engine, from, tests }) {
  if (engine.answer(from, from + tests, 0)) throw new Error("there is no memory to answer images in");
  return { loss: engine.answered_loss() / tests, accuracy: engine.answered_hits() / tests };
}

/** Returns the weights, in Keras' order and layout. */
export function trainedWeights({ engine, settings }) {
  return weightsOf(engine, settings.places);
}
