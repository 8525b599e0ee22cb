/** A network as `net.js` takes it, of the description that `tinydigits export --to html` writes. */
import { bytesOf } from "./bytes.js";

/** Returns the network of a model's description, whose weights are base64 of float32, all in a row. */
export function networkOf(model) {
  const all = new Float32Array(bytesOf(model.weights).buffer);
  let from = 0;
  const weights = model.sizes.map((length) => all.slice(from, (from += length)));
  return { ...model, weights };
}
