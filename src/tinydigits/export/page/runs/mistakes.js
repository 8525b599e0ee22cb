/** What a net answered to MNIST's test images, and where it was most sure of a wrong answer. */
import { forward } from "../net.js";
import { imageAt } from "../served/mnist.js";

/** Returns the places of images with a wrong answer, the one first of which the net is most sure: [{place, sure}, …]. */
export function mistakes(network, set, answers) {
  const wrong = [...answers.keys()].filter((place) => answers[place] !== set.labels[place]);
  const images = new Uint8Array(wrong.length * 784);
  wrong.forEach((place, i) => images.set(imageAt(set, place), 784 * i));
  const { probabilities } = forward(network, images);
  return wrong
    .map((place, i) => ({ place, sure: probabilities[i * network.classes + answers[place]] }))
    .sort((a, b) => b.sure - a.sure);
}

/** Returns {first, second}: how many images only the one net answers right, and only the other. */
export function onlyRight(labels, first, second) {
  const only = { first: 0, second: 0 };
  labels.forEach((label, i) => {
    if (first[i] === second[i]) return;
    if (first[i] === label) only.first++;
    if (second[i] === label) only.second++;
  });
  return only;
}

/** Returns the two-sided p-value of the sign test: so uneven a split, or a more uneven one, of fair coins. */
export function signTest(one, other) {
  const all = one + other;
  let [term, sum] = [-all * Math.log(2), 0];
  for (let k = 0; k <= Math.min(one, other); k++) {
    sum += Math.exp(term);
    term += Math.log((all - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}
