/** Paints feature maps: a tile a channel; 0 has the colour of the ground, the largest number of the layer its own. */

/** The longer side of a tile is multiplied to at most this, in pixels of the page. */
const TILE = 56;
/** A value is shown as a square of at most so many pixels a side; of a vector, so many. */
const MOST_SCALE = 6;
const VECTOR_SCALE = 14;
/** Pixels between tiles. */
const GAP = 4;

/**
 * @param canvas    whose CSS has the colours: `color` above 0, `outline-color` below; 0 has that of the page's ground.
 * @param values    one number a pixel and channel, rows first; or null: the tiles are empty.
 * @param shape     [height, width, channels]
 * @param available width of the place, in pixels.
 * @param most      pixels a side of the square that shows a value, at most.
 */
export function paintMaps(canvas, values, shape, available, most = MOST_SCALE) {
  const [height, width, channels] = shape;
  const scale = scaleFor(Math.max(height, width), most);
  const [tall, wide] = [height * scale, width * scale];
  const columns = Math.min(channels, Math.max(1, Math.floor((available + GAP) / (wide + GAP))));
  const rows = Math.ceil(channels / columns);
  canvas.width = columns * (wide + GAP) - GAP;
  canvas.height = rows * (tall + GAP) - GAP;
  const pixels = new ImageData(canvas.width, canvas.height);
  const colours = new Uint32Array(pixels.data.buffer);
  const shade = shadesOf(canvas, values ?? [0]);
  for (let channel = 0; channel < channels; channel++) {
    const [row, column] = [Math.floor(channel / columns), channel % columns];
    const corner = row * (tall + GAP) * canvas.width + column * (wide + GAP);
    for (let y = 0; y < tall; y++) {
      const from = Math.floor(y / scale) * width * channels + channel;
      for (let x = 0; x < wide; x++) {
        const value = values ? values[from + Math.floor(x / scale) * channels] : 0;
        colours[corner + y * canvas.width + x] = shade(value);
      }
    }
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function scaleFor(side, most) {
  return side === 1 ? VECTOR_SCALE : Math.max(1, Math.min(most, Math.floor(TILE / side)));
}

/** Returns a function that gives the colour of a number, as four bytes. */
function shadesOf(canvas, values) {
  const { color, outlineColor } = getComputedStyle(canvas);
  const { backgroundColor } = getComputedStyle(document.body);
  const [above, zero, below] = [color, backgroundColor, outlineColor].map(bytesOf);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  const table = new Uint8ClampedArray(4 * 511);
  for (let i = -255; i <= 255; i++) {
    const end = i < 0 ? below : above;
    const part = Math.abs(i) / 255;
    table.set([...zero.map((value, c) => value + part * (end[c] - value)), 255], 4 * (i + 255));
  }
  const shades = new Uint32Array(table.buffer);
  const factor = largest > 0 ? 255 / largest : 0;
  return (value) => shades[255 + Math.round(value * factor)];
}

/** Returns red, green and blue of a colour as the browser computes it: "rgb(1, 2, 3)". */
function bytesOf(colour) {
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}
