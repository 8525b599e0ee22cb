/** Trains a net on a user's own digits, mixed with MNIST's, so that it does not forget those. */
import { setWeights } from "./engine.js";
import { shuffled } from "./schedule.js";
import { tested, trainSlice, trainedWeights, trainingOf } from "./training.js";

const SIDE = 28;
const EPOCHS = 8;
/** No slice of steps begins later, in milliseconds; it takes 100. */
const LONGEST = 1800;
/** Images of an epoch: the user's, each repeated and shifted by at most a pixel; and MNIST's. */
const [OWN, OTHERS] = [1000, 2000];
/** No digit is repeated more often in an epoch: one digit shall not be all that a net learns. */
const MOST_COPIES = 50;

/**
 * Trains for at most 2 s, from `weights`. Returns {before, after, weights}: shares of right answers on `sets.test`.
 *
 * @param own  {images, labels} of the user
 * @param sets {train, test} of MNIST
 */
export function tuned(engine, settings, weights, own, sets, random = Math.random) {
  const gentle = { ...settings, rate: rateOf(settings), epochs: EPOCHS, augmentation: null };
  const training = trainingOf(engine, gentle, { train: mixed(own, sets.train, random), test: sets.test }, random);
  setWeights(engine, settings.places, weights);
  const before = tested(training).accuracy;
  const end = performance.now() + LONGEST;
  while (training.epoch < EPOCHS && performance.now() < end) trainSlice(training);
  return { before, after: tested(training).accuracy, weights: trainedWeights(training) };
}

/** A rate that rises and falls in a training from the start is too high for a net that has learnt. */
function rateOf({ rate }) {
  return typeof rate === "number" ? rate : rate.peak / 10;
}

function mixed(own, others, random) {
  const copies = Math.min(MOST_COPIES, Math.ceil(OWN / own.labels.length));
  const chosen = shuffled(others.labels.length, random).subarray(0, OTHERS);
  const labels = new Uint8Array(copies * own.labels.length + chosen.length);
  const images = new Uint8Array(labels.length * SIDE * SIDE);
  let count = 0;
  const add = (image, label) => {
    images.set(image, count * SIDE * SIDE);
    labels[count++] = label;
  };
  for (let copy = 0; copy < copies; copy++) {
    own.labels.forEach((label, i) => add(shifted(imageAt(own, i), step(random), step(random)), label));
  }
  for (const i of chosen) add(imageAt(others, i), others.labels[i]);
  return { images, labels };
}

function imageAt({ images }, i) {
  return images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);
}

function step(random) {
  return Math.floor(3 * random()) - 1;
}

/** Returns an image whose ink lies `down` and `right` of where it was; what leaves it is lost. */
function shifted(image, down, right) {
  return image.map((_, i) => {
    const [row, column] = [Math.floor(i / SIDE) - down, (i % SIDE) - right];
    return row < 0 || row >= SIDE || column < 0 || column >= SIDE ? 0 : image[row * SIDE + column];
  });
}
