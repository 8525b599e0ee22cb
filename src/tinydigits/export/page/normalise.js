/**
 * Makes an image of 28×28 of ink of any size, as MNIST's images were made; the steps are those of the Python package's
 * `normalise`: cut to the ink, scale the longer side to 20 pixels by the mean of the area that each pixel covers, make
 * the brightest 1, put the centre of mass into pixel 14, round to 0 to 255. Halves are rounded up.
 */

export const SIDE = 28;
const BOX = 20;

/**
 * @param ink {data: Float32Array, height, width}: rows from the top, 0 to 1, exactly 0 where there is none.
 * @returns {Uint8Array | null} 784 pixels; null if there is no ink.
 */
export function normalise(ink) {
  const box = boxOf(ink);
  if (!box) return null;
  const scale = BOX / Math.max(box.height, box.width);
  const [rows, columns] = [fitted(box.height, scale), fitted(box.width, scale)];
  const small = shrunk(ink, box, rows, columns);
  const brightest = small.reduce((a, b) => Math.max(a, b), 0);
  return onCanvas(small.map((value) => value / brightest), rows, columns);
}

/** Returns the smallest box that contains every value above 0. */
export function boxOf({ data, height, width }) {
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!(data[y * width + x] > 0)) continue;
      [top, bottom] = [Math.min(top, y), y + 1];
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    }
  }
  return bottom > top ? { top, left, height: bottom - top, width: right - left } : null;
}

/** Returns a side after scaling, at least 1. */
function fitted(side, scale) {
  return Math.max(1, Math.floor(side * scale + 0.5));
}

/** Returns the box as rows × columns; each pixel is the mean of the area that it covers. */
function shrunk(ink, box, rows, columns) {
  const [down, across] = [shares(box.height, rows), shares(box.width, columns)];
  const small = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (const [i, part] of down[y]) {
        const from = (box.top + i) * ink.width + box.left;
        let row = 0;
        for (const [j, share] of across[x]) row += share * ink.data[from + j];
        sum += part * row;
      }
      small[y * columns + x] = sum;
    }
  }
  return small;
}

/** Returns for each new pixel [old pixel, its share] of the old ones that it covers; the shares of each sum to 1. */
function shares(old, count) {
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [(i * old) / count, ((i + 1) * old) / count];
    const first = Math.floor(start);
    const covered = Array.from({ length: Math.min(old, Math.ceil(end)) - first }, (_, k) => first + k);
    return covered.map((j) => [j, ((Math.min(end, j + 1) - Math.max(start, j)) * count) / old]);
  });
}

function onCanvas(small, rows, columns) {
  const [down, across] = [new Float64Array(rows), new Float64Array(columns)];
  small.forEach((value, i) => {
    down[Math.floor(i / columns)] += value;
    across[i % columns] += value;
  });
  const [top, left] = [offset(down), offset(across)];
  const image = new Uint8Array(SIDE * SIDE);
  small.forEach((value, i) => {
    image[(top + Math.floor(i / columns)) * SIDE + left + (i % columns)] = Math.floor(value * 255 + 0.5);
  });
  return image;
}

/** Returns the first pixel that puts the centre of mass, along one axis, into pixel 14; the ink stays in the image. */
function offset(mass) {
  const sum = mass.reduce((a, b) => a + b, 0);
  const centre = mass.reduce((total, value, i) => total + value * (i + 0.5), 0) / sum;
  return Math.min(Math.max(Math.ceil(SIDE / 2 - centre), 0), SIDE - mass.length);
}
