/** NumPy's `.npz`: a zip archive, here not compressed, of arrays in NumPy's `.npy`. */

/** Returns the bytes of a `.npz` of digits as `tinydigits --data` takes it: uint8 `images` [n, 28, 28] and `labels` [n]. */
export function npzOf(images, labels) {
  const count = labels.length;
  return zipped({ "images.npy": npyOf(images, [count, 28, 28]), "labels.npy": npyOf(labels, [count]) });
}

/** Returns a `.npy` of bytes: a text about them, as long as makes them begin at a multiple of 64, and they. */
function npyOf(bytes, shape) {
  const about = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const length = 64 * Math.ceil((10 + about.length + 1) / 64) - 10;
  const head = [0x93, ...codes("NUMPY"), 1, 0, length & 255, length >> 8, ...codes(`${about.padEnd(length - 1)}\n`)];
  return Uint8Array.from([...head, ...bytes]);
}

/** Returns a zip archive: each file after its header, then a list of them, then where the list is (PKWARE's APPNOTE). */
function zipped(files) {
  let [bodies, list] = [[], []];
  for (const [name, bytes] of Object.entries(files)) {
    const size = little(bytes.length, 4);
    // Needs version 2.0; no flags, not compressed; midnight of 1 January 1980; no extra field.
    const facts = [20, 0, 0, 0, 0, 0, 0, 0, 33, 0, ...little(checksum(bytes), 4), ...size, ...size, name.length, 0, 0, 0];
    list.push(...codes("PK\x01\x02"), 20, 0, ...facts, ...new Array(10).fill(0), ...little(bodies.length, 4), ...codes(name));
    bodies = [...bodies, ...codes("PK\x03\x04"), ...facts, ...codes(name), ...bytes];
  }
  const count = little(Object.keys(files).length, 2);
  const end = [0, 0, 0, 0, ...count, ...count, ...little(list.length, 4), ...little(bodies.length, 4), 0, 0];
  return Uint8Array.from([...bodies, ...list, ...codes("PK\x05\x06"), ...end]);
}

/** CRC-32, bit by bit. */
function checksum(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function little(number, bytes) {
  return Array.from({ length: bytes }, (_, i) => Math.floor(number / 256 ** i) % 256);
}

function codes(text) {
  return Array.from(text, (character) => character.charCodeAt(0));
}
