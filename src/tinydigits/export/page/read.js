/**
 * Reads digits drawn in a row: the cheapest way to share out pieces of ink among digits.
 *
 * Pieces are sorted from the left. Every run of at most five neighbours may be one digit. It costs −log p of the digit
 * that the net reads in it, and what its shape costs; a run that is no digit has a small p. The cheapest way through
 * all pieces is found from left to right (Viterbi 1967).
 */
import { NO_DIGIT, calibrated } from "./confidence.js";
import { forward } from "./net.js";
import { boxAround, imageOf } from "./pieces.js";

/** Most pieces of one digit. */
const MOST_PIECES = 5;
/** Price of each row height of gap between neighbouring pieces of one digit. */
const GAP = 12;
/** Price of splitting two pieces of which the narrower one lies wholly above or below the other. */
const SPLIT = 6;
/** Price of a low digit: times the square of what is missing to 0.6 of the row's height. */
const LOW = 16;
/** Price of each width, in heights, beyond 1.1. */
const WIDE = 2;
/** What is read is no digit from this log-odds of no digit against the best digit; so the Python package's reader. */
const REFUSED = 0.66;
/** A piece smaller than this share of the row's height may be left out, as a speck, for a price of 1. */
const SPECK = 0.2;

/**
 * Returns a function that reads pieces and remembers what the net said of them, until the network's weights change.
 *
 * It returns digits from the left: {digit, confidence, probabilities, image, pieces, box}. `digit` is null for what is
 * no digit; `probabilities` has eleven numbers, the last one for no digit; `image` is what the net sees.
 */
export function readerOf(network) {
  let known = new Map();
  const judged = (pieces) => {
    const key = pieces.map((piece) => piece.id).join();
    if (!known.has(key)) known.set(key, judge(network, pieces));
    return known.get(key);
  };
  return {
    read: (pieces) => read(pieces, judged),
    forget: () => (known = new Map()),
  };
}

function judge(network, pieces) {
  const image = imageOf(pieces);
  const probabilities = calibrated(network, image, forward(network, image).probabilities);
  const confidence = Math.max(...probabilities.slice(0, NO_DIGIT));
  const refused = probabilities[NO_DIGIT] >= confidence * Math.exp(REFUSED);
  return {
    digit: refused ? null : probabilities.indexOf(confidence),
    confidence,
    probabilities,
    image,
    pieces,
    box: boxAround(pieces),
  };
}

function read(pieces, judged) {
  const sorted = pieces.map((piece) => ({ piece, ...boxAround([piece]) })).sort(byMiddle);
  const tall = Math.max(...sorted.map(({ top, bottom }) => bottom - top));
  const ways = [{ price: 0, digits: [] }];
  for (let end = 1; end <= sorted.length; end++) {
    let best = { price: Infinity, digits: [] };
    for (let first = end - 1; first >= Math.max(0, end - MOST_PIECES); first--) {
      const run = sorted.slice(first, end);
      best = cheapest([best, ...waysTo(ways[first], sorted[first - 1], run, tall, judged, best.price)]);
    }
    ways.push(best);
  }
  const { digits } = ways.at(-1);
  return digits.length || !pieces.length ? digits : [judged(pieces)];
}

function cheapest(ways) {
  return ways.reduce((a, b) => (b.price < a.price ? b : a));
}

function byMiddle(a, b) {
  return a.left + a.right - b.left - b.right;
}

/**
 * Returns ways that go on from `way` with a run of pieces: as a digit, or as a speck left out. The net is not asked where
 * the run's shape alone costs `most`.
 */
function waysTo(way, before, run, tall, judged, most) {
  const pieces = run.map(({ piece }) => piece);
  const price = way.price + shapePrice(run, boxAround(pieces), tall) + splitPrice(before, run[0]);
  const left = { price: way.price + 1, digits: way.digits };
  const ways = run.length === 1 && isSpeck(run[0], tall) ? [left] : [];
  if (price >= most) return ways;
  const digit = judged(pieces);
  return [...ways, { price: price + readingPrice(digit), digits: [...way.digits, digit] }];
}

function isSpeck({ left, right, top, bottom }, tall) {
  return Math.max(right - left, bottom - top) < SPECK * tall;
}

/** Returns the price of what the net says of a digit. */
function readingPrice({ probabilities }) {
  return -Math.log(Math.max(1e-7, ...probabilities.slice(0, NO_DIGIT)));
}

/** Returns the price of the shape of some pieces as one digit. */
function shapePrice(run, box, tall) {
  const [height, width] = [box.bottom - box.top, box.right - box.left];
  const low = LOW * Math.max(0, 0.6 - height / tall) ** 2;
  const wide = WIDE * Math.max(0, width / Math.max(height, 0.3 * tall) - 1.1);
  let [gaps, right] = [0, run[0].right];
  for (const piece of run.slice(1)) {
    gaps += Math.max(0, piece.left - right);
    right = Math.max(right, piece.right);
  }
  return low + wide + (GAP * gaps) / tall;
}

/** Returns the price of a new digit that begins right of the piece `before`. */
function splitPrice(before, piece) {
  if (!before) return 0;
  const shared = Math.min(before.right, piece.right) - Math.max(before.left, piece.left);
  const narrower = Math.min(before.right - before.left, piece.right - piece.left);
  return SPLIT * Math.max(0, shared / narrower);
}
