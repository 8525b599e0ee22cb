/** A training, in words. */
import { share } from "../served/words.js";

/** Returns a sentence about the state of a training. */
export function sentenceOf({ recipe, folder, state, message, report, reached }) {
  const name = `${recipe}, into ${folder}/`;
  if (state === "running") return reached ? `Training ${name} …` : `Starting ${name}: Keras is being loaded …`;
  if (state === "stopping") return `Stopping ${recipe} …`;
  if (state === "stopped") return `${recipe} was stopped. It can go on from its last whole epoch.`;
  if (state === "failed") return `${recipe} failed. ${message}`;
  return `${recipe} is trained: ${resultOf(report)}. It is in ${folder}/.`;
}

/** Returns the accuracy of a report, of one run or of several seeds, in words. */
export function resultOf(report) {
  if (!report.runs) return `${share(report.accuracy.test)} of the test images are right`;
  const { mean, min, max, n } = report.summary;
  return `${share(mean)} of the test images are right, the mean of ${n} seeds (${share(min)} to ${share(max)})`;
}
