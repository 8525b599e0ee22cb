/** The width of strokes, and thin ones made wider, in the steps of the Python package's `reader.pen`. */

/** Strokes are at least this share of a digit's longer side wide: what nets know from MNIST. */
export const LEAST_WIDTH = 0.11;

/** Returns ink {data, height, width} whose strokes are at least `width` pixels wide; there must be room around them. */
export function atLeast(ink, width) {
  const missing = width - strokeWidth(ink);
  return missing > 0 ? { ...ink, data: grown(ink, missing / 2) } : ink;
}

/**
 * Returns the width of strokes: their area divided by their length. A stroke of area a and width w, at angle t to the
 * rows, starts a·|sin t|/w runs along rows and a·|cos t|/w along columns; the root of their squares' sum is a/w.
 */
function strokeWidth({ data, width }) {
  const isInk = (place) => data[place] > 0.5;
  let [area, alongRows, alongColumns] = [0, 0, 0];
  data.forEach((_, i) => {
    if (!isInk(i)) return;
    area += 1;
    if (i % width === 0 || !isInk(i - 1)) alongRows += 1;
    if (i < width || !isInk(i - width)) alongColumns += 1;
  });
  return area / Math.max(1, Math.hypot(alongRows, alongColumns));
}

/** Spreads ink by `radius` pixels to every side; a cross and a square in turn come close to a disc. */
function grown({ data, width }, radius) {
  let spread = data;
  for (let step = 0; step < radius; step++) {
    const share = Math.min(1, radius - step);
    const along = largest(spread, 1);
    const down = largest(step % 2 ? along : spread, width);
    spread = spread.map((value, i) => (1 - share) * value + share * (step % 2 ? down[i] : Math.max(along[i], down[i])));
  }
  return spread;
}

/** Returns the maximum of each value and those `step` places before and after it. */
function largest(data, step) {
  return data.map((value, i) => Math.max(value, data[i - step] ?? 0, data[i + step] ?? 0));
}
