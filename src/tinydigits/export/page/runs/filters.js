/** The filters of a net's first layer with weights. */
import { paintMaps } from "../maps.js";

/** A weight is shown as a square of at most so many pixels a side. */
const MOST_SCALE = 18;
const SIDE = 28;

/** Returns {words, values, shape} of the first layer's filters; null if they are no small pictures. */
export function filtersOf(network) {
  const layer = network.layers.find(({ kind, weights }) => weights.length && kind !== "BatchNormalization");
  const values = network.weights[layer.weights[0]];
  if (layer.kind === "Dense" && layer.input.length === 1 && layer.input[0] === SIDE * SIDE) {
    const units = layer.output[0];
    return { words: `The weights of the first layer's ${units} units`, values, shape: [SIDE, SIDE, units] };
  }
  if (!layer.window || layer.input[2] !== 1) return null;
  const [height, width] = layer.window;
  const filters = layer.output[2];
  const words = `The first layer's ${filters} filters of ${height} × ${width}`;
  return { words, values, shape: [height, width, filters] };
}

export function paintFilters(canvas, { values, shape }, available) {
  paintMaps(canvas, values, shape, available, MOST_SCALE);
}
