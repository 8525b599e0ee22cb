/**
 * The curves of a training, of the events that the server tells.
 *
 * Each seed has `parts`: [{at, loss, accuracy}, …], within epochs and at their ends, and `ends`: the ends alone, with
 * `validation_accuracy`. `at` counts epochs.
 */

/** Returns curves of no seed yet. */
export function noCurves() {
  return new Map();
}

/** Adds an event, "part" or "epoch". */
export function add(curves, kind, { seed, ...point }) {
  const own = curves.get(seed) ?? { parts: [], ends: [] };
  curves.set(seed, own);
  own.parts.push(point);
  if (kind === "epoch") own.ends.push(point);
}

/** A training that goes on begins after its last whole epoch: what came after that is told again. */
export function goOn(curves) {
  for (const own of curves.values()) {
    const last = own.ends.at(-1)?.at ?? 0;
    own.parts = own.parts.filter(({ at }) => at <= last);
  }
}

/** Returns [[epoch, lowest, highest, mean], …] over all seeds that have a value there. */
export function band(curves, name) {
  const values = new Map();
  for (const { ends } of curves.values()) {
    for (const { at, [name]: value } of ends) {
      if (value !== null) values.set(at, [...(values.get(at) ?? []), value]);
    }
  }
  return [...values]
    .sort(([a], [b]) => a - b)
    .map(([at, all]) => [at, Math.min(...all), Math.max(...all), all.reduce((a, b) => a + b) / all.length]);
}

/** Returns the line of one seed: [[epoch, value], …]. */
export function line({ parts }, name) {
  return parts.filter((point) => point[name] !== null).map((point) => [point.at, point[name]]);
}
