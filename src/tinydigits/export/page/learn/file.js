/** A file of what was learnt: the page's `.onnx` with other weights. */
import { bytesOf } from "../bytes.js";
import { sha256 } from "./sha256.js";

/**
 * Returns the bytes of an `.onnx` file.
 *
 * @param file    {bytes, places, sha256, own} of `export/learnt_file.py`
 * @param weights [Float32Array, …] in Keras' order and layout
 */
export function filled(file, weights) {
  const bytes = bytesOf(file.bytes);
  const places = new Int32Array(bytesOf(file.places).buffer);
  const all = Float32Array.from(weights.flatMap((values) => Array.from(values)));
  const data = new DataView(bytes.buffer);
  all.forEach((value, i) => data.setFloat32(places[i], value, true));
  bytes.set(digits(new Uint8Array(all.buffer)), file.sha256);
  bytes.set(digits(bytes.subarray(0, file.own)), file.own);
  return bytes;
}

/** Returns the 64 digits of the SHA-256 of `bytes`, as bytes. */
function digits(bytes) {
  return new TextEncoder().encode(sha256(bytes));
}
