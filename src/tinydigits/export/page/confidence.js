/** Calibrated confidence, and whether an image is a digit at all, in the steps of the package's `reader.confidence`. */
import { SIDE } from "./normalise.js";

/** The answer that stands for "not one whole digit". */
export const NO_DIGIT = 10;
/** Smaller probabilities are replaced by this, because they are mostly rounding. */
const LEAST = 1e-7;
/** How fast a net of ten answers comes to doubt an image, for each unit of its score beyond the threshold. */
const STEEPNESS = 4;

/** Returns whether the net can say that something is no digit. */
export function knowsNoDigit(network) {
  return network.classes > NO_DIGIT || network.rejection !== null;
}

/**
 * Returns calibrated probabilities of the ten digits and of no digit: eleven numbers that sum to 1.
 *
 * @param image         784 pixels, 0 to 255, normalised.
 * @param probabilities of the net, for this image.
 */
export function calibrated(network, image, probabilities) {
  const sure = tempered(probabilities, network.temperature);
  if (network.classes > NO_DIGIT) return sure;
  const none = network.rejection ? doubt(network.rejection, image, probabilities) : LEAST;
  return [...sure.map((value) => value * (1 - none)), none];
}

/** Returns the probabilities that logits divided by the temperature would give. */
function tempered(probabilities, temperature) {
  const powers = Array.from(probabilities, (value) => Math.max(value, 1e-38) ** (1 / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function doubt(rejection, image, probabilities) {
  const beyond = score(rejection, image, probabilities) - rejection.threshold;
  return 1 / (1 + Math.exp(-Math.min(15, Math.max(-15, STEEPNESS * beyond))));
}

/** Returns how far an image is from the digits of its class, in standard deviations; `precision` is a lower half. */
export function score({ means, precision }, image, probabilities) {
  const logarithms = Array.from(probabilities, (value) => Math.log(Math.max(value, LEAST)));
  const answer = probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));
  const offsets = [...strokeMeasures(image), ...logarithms].map((value, i) => value - means[answer][i]);
  let square = 0;
  precision.forEach((row, i) =>
    row.forEach((value, j) => (square += value * offsets[i] * offsets[j] * (i === j ? 1 : 2))),
  );
  return Math.sqrt(Math.max(square, 0) / offsets.length);
}

/**
 * Returns eight measures of strokes. In grey: total ink, length of edges, height and width. In black and white: ink,
 * length of edges, and the shares of ink at least 1 and 2 pixels inside a stroke.
 */
export function strokeMeasures(image) {
  const grey = Float64Array.from(image, (value) => value / 255);
  const black = Float64Array.from(image, (value) => (value > 127 ? 1 : 0));
  const ink = Math.max(1, total(black));
  const rows = Array.from({ length: SIDE }, (_, y) => total(black.subarray(y * SIDE, (y + 1) * SIDE)));
  const columns = Array.from({ length: SIDE }, (_, x) => total(black.filter((_, i) => i % SIDE === x)));
  const filled = (sums) => sums.filter((sum) => sum > 0).length;
  const deep = [1, 2].map((reach) => core(black, reach) / ink);
  return [total(grey), edge(grey), filled(rows), filled(columns), ink, edge(black), ...deep];
}

function total(values) {
  return values.reduce((a, b) => a + b, 0);
}

/** Returns the sum of the differences between neighbouring pixels. */
function edge(image) {
  let sum = 0;
  image.forEach((value, i) => {
    if (i % SIDE > 0) sum += Math.abs(value - image[i - 1]);
    if (i >= SIDE) sum += Math.abs(value - image[i - SIDE]);
  });
  return sum;
}

/** Returns how many pixels are black together with the four at distance `reach`. */
function core(black, reach) {
  let count = 0;
  for (let y = reach; y < SIDE - reach; y++) {
    for (let x = reach; x < SIDE - reach; x++) {
      const i = y * SIDE + x;
      const around = [i, i - reach, i + reach, i - reach * SIDE, i + reach * SIDE];
      if (around.every((place) => black[place] > 0)) count += 1;
    }
  }
  return count;
}
