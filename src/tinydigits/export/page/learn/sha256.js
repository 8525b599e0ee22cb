/** SHA-256 (FIPS 180-4). Browsers offer it to pages of some addresses only, and then not at once. */

const PRIMES = Array.from({ length: 310 }, (_, i) => i + 2).filter(isPrime);
/** The first 32 bits of the fractions of roots of the first primes. */
const BEGIN = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = PRIMES.slice(0, 64).map((prime) => fraction(Math.cbrt(prime)));

/** Returns the SHA-256 of bytes, as 64 hexadecimal digits. */
export function sha256(bytes) {
  const padded = new DataView(new ArrayBuffer(64 * Math.ceil((bytes.length + 9) / 64)));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, 8n * BigInt(bytes.length));
  const state = Uint32Array.from(BEGIN);
  for (let at = 0; at < padded.byteLength; at += 64) mix(state, wordsOf(padded, at));
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** Returns the 64 words of a block of 64 bytes. */
function wordsOf(data, at) {
  const words = new Uint32Array(64);
  for (let i = 0; i < 16; i++) words[i] = data.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [a, b] = [words[i - 15], words[i - 2]];
    const small = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
    const large = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
    words[i] = words[i - 16] + small + words[i - 7] + large;
  }
  return words;
}

/** Mixes a block's words into the state, whose words FIPS 180-4 calls a to h. */
function mix(state, words) {
  let [a, b, c, d, e, f, g, h] = state;
  words.forEach((word, i) => {
    const chosen = (e & f) ^ (~e & g);
    const most = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + ROUNDS[i] + word) | 0;
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + most;
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  });
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] += value));
}

function turned(word, places) {
  return (word >>> places) | (word << (32 - places));
}

function fraction(number) {
  return Math.floor((number % 1) * 2 ** 32);
}

function isPrime(number) {
  for (let i = 2; i * i <= number; i++) if (number % i === 0) return false;
  return true;
}
