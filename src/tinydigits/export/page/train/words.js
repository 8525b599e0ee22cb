/** A training, in words. */

/** Returns a share, 0 to 1, with two digits: runs are compared by them. */
export function share(value) {
  return value === null || value === undefined ? "–" : `${(100 * value).toFixed(2)} %`;
}

/** Returns seconds as a text. */
export function duration(seconds) {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

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

/** Returns the place of a run among all of the server by its accuracy on test images: "2 of 14"; "–" without one. */
export function placeAmong(runs, test) {
  const others = runs.map(({ accuracy }) => accuracy.test).filter((value) => value !== null);
  if (test === null || test === undefined || !others.length) return "–";
  return `${1 + others.filter((other) => other > test).length} of ${others.length}`;
}
