/** A network as `net.js` takes it, of the description that `tinydigits export --to html` writes. */

/** Returns the network of a model's description, whose weights are base64 of float32, all in a row. */
export function networkOf(model) {
  const bytes = Uint8Array.from(atob(model.weights), (character) => character.charCodeAt(0));
  const all = new Float32Array(bytes.buffer);
  let from = 0;
  const weights = model.sizes.map((length) => all.slice(from, (from += length)));
  return { ...model, weights };
}
