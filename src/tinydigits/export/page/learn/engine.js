/**
 * The engine's C as WebAssembly: `export/wasm/driver.c` is the other side.
 *
 * Memory may grow with a call, and views of it then are of no use; so views are made anew after each call.
 */

/** Returns the exports of a module, whose memory is zero. Throws where the browser has no WebAssembly with SIMD. */
export async function engineOf(bytes) {
  const { instance } = await WebAssembly.instantiate(bytes);
  instance.exports._initialize?.();
  return instance.exports;
}

/** Returns a view of the engine's memory. */
export function view(engine, Kind, at, length) {
  return new Kind(engine.memory.buffer, at, length);
}

/** Returns the address of `bytes` zeroed bytes. */
export function reserve(engine, bytes) {
  const at = engine.reserve(bytes);
  if (!at) throw new Error(`there is no memory for ${bytes.toLocaleString("en")} bytes`);
  return at;
}

/** Sets the numbers of the optimiser; those not named are 0. */
export function follow(engine, { momentum = 0, beta_1 = 0, beta_2 = 0, epsilon = 0, weight_decay = 0 }) {
  engine.follow(momentum, beta_1, beta_2, epsilon, weight_decay);
}

/** Returns the net's weights in Keras' order and layout. `places` as `export/learn_panel.py` describes them. */
export function weightsOf(engine, places) {
  const all = view(engine, Float32Array, engine.weights_at(), engine.size_of_weights());
  return places.map((place) => Float32Array.from({ length: place.size }, (_, i) => all[positionOf(place, i)]));
}

/** Writes weights in Keras' order and layout, and forgets what the optimiser has gathered. */
export function setWeights(engine, places, weights) {
  const all = view(engine, Float32Array, engine.weights_at(), engine.size_of_weights());
  places.forEach((place, n) => weights[n].forEach((value, i) => (all[positionOf(place, i)] = value)));
  for (const which of [0, 1]) view(engine, Float32Array, engine.slots_at(which), engine.size_of_trained()).fill(0);
}

/** Returns where the engine keeps the number `i` of a weight. A dense kernel is transposed, its features by channel. */
function positionOf({ offset, stride, image, units }, i) {
  if (!image) return offset + i;
  const [rows, columns, channels] = image;
  const [feature, unit] = [Math.floor(i / units), i % units];
  const [pixel, channel] = [Math.floor(feature / channels), feature % channels];
  return offset + unit * stride + channel * rows * columns + pixel;
}
