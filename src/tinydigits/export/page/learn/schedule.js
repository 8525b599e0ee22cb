/** What a training begins with, and how it proceeds: weights, orders, learning rates; as Keras has them. */

/** Returns weights as Keras makes them: kernels uniform to a limit (Glorot and Bengio 2010), all else a constant. */
export function freshWeights(places, random) {
  return places.map(({ size, limit, constant }) =>
    Float32Array.from({ length: size }, () => (limit === null ? constant : (2 * random() - 1) * limit)),
  );
}

/** Returns the numbers below `count` in a random order (Fisher and Yates). */
export function shuffled(count, random) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Returns the learning rate of each step of an epoch: constant; or up in a line to `peak`, then down half a cosine. */
export function ratesOf({ rate, epochs }, epoch, steps) {
  if (typeof rate === "number") return new Float32Array(steps).fill(rate);
  const rising = rate.warm_up * epochs * steps;
  return Float32Array.from({ length: steps }, (_, i) => {
    const step = epoch * steps + i;
    if (step < rising) return (rate.peak * step) / rising;
    const fallen = Math.min(1, (step - rising) / (epochs * steps - rising));
    return (rate.peak * (1 + Math.cos(Math.PI * fallen))) / 2;
  });
}
