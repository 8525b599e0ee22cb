/** Trainings and runs, in words. */

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

/** Returns the place of a run among all of the server by its accuracy on test images: "2 of 14"; "–" without one. */
export function placeAmong(runs, test) {
  const others = runs.map(({ accuracy }) => accuracy.test).filter((value) => value !== null);
  if (test === null || test === undefined || !others.length) return "–";
  return `${1 + others.filter((other) => other > test).length} of ${others.length}`;
}

/** Returns how many there are of something, as a text. */
export function counted(number, name) {
  return `${number.toLocaleString("en")} ${name}${number === 1 ? "" : "s"}`;
}
