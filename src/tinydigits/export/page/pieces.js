/**
 * Pieces of ink: strokes of a pen, or connected marks of a picture. Places and lengths are in units of the sheet.
 *
 *   {id, points: [[x, y], …], pen}            a stroke; `pen` is its width
 *   {id, left, top, scale, height, width,     a mark: ink 0 to 1, rows from the top; height and width are those of the
 *    data: Float32Array}                      data, and `scale` is the side of one of its pixels
 */
import { normalise } from "./normalise.js";
import { LEAST_WIDTH, atLeast } from "./pen.js";

/** Digits are drawn with their longer side so many pixels long, before they are normalised. */
const LONGER_SIDE = 80;

let count = 0;

/** Returns a stroke. */
export function strokeOf(points, pen) {
  return { id: count++, points, pen };
}

/** Returns a mark of a picture, {height, width, data}, at its place on the sheet. */
export function markOf({ height, width, data }, left, top, scale) {
  return { id: count++, left, top, scale, height, width, data };
}

/** Returns the smallest box around pieces: {left, top, right, bottom}. */
export function boxAround(pieces) {
  const boxes = pieces.map((piece) => (piece.points ? boxOfStroke(piece) : boxOfMark(piece)));
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

function boxOfStroke({ points, pen }) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { left: left - pen / 2, top: top - pen / 2, right: right + pen / 2, bottom: bottom + pen / 2 };
}

function boxOfMark({ left, top, scale, height, width }) {
  return { left, top, right: left + width * scale, bottom: top + height * scale };
}

/** Returns pieces together as the net sees them: 784 pixels; null if there is no ink. */
export function imageOf(pieces) {
  const box = boxAround(pieces);
  const longer = Math.max(box.right - box.left, box.bottom - box.top);
  const scale = LONGER_SIDE / longer;
  const pen = LEAST_WIDTH * LONGER_SIDE;
  const [strokes, marks] = [sheetFor(box, scale, pen), sheetFor(box, scale, pen)];
  for (const piece of pieces) {
    if (piece.points) paintStroke(strokes, piece, Math.max(piece.pen * scale, pen));
    else paintMark(marks, piece);
  }
  if (pieces.every(({ points }) => points)) return normalise(strokes);
  const { data } = atLeast(marks, pen);
  return normalise({ ...strokes, data: data.map((ink, i) => Math.max(ink, strokes.data[i])) });
}

/** Returns an empty sheet of ink for a box, with a border for strokes that become wider. */
function sheetFor(box, scale, border) {
  const sides = [box.bottom - box.top, box.right - box.left].map((side) => Math.ceil(side * scale + 2 * border));
  const place = ([x, y]) => [(x - box.left) * scale + border, (y - box.top) * scale + border];
  return { height: sides[0], width: sides[1], data: new Float32Array(sides[0] * sides[1]), place, scale };
}

/** Draws a stroke `pen` pixels wide, with soft edges. */
function paintStroke(sheet, { points }, pen) {
  const places = points.map(sheet.place);
  if (places.length === 1) paintLine(sheet, places[0], places[0], pen / 2);
  for (let i = 1; i < places.length; i++) paintLine(sheet, places[i - 1], places[i], pen / 2);
}

function paintLine({ data, height, width }, [x0, y0], [x1, y1], radius) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const reach = radius + 1;
  const end = (length, a, b) => Math.min(length, Math.ceil(Math.max(a, b) + reach));
  const first = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  for (let y = first(y0, y1); y < end(height, y0, y1); y++) {
    for (let x = first(x0, x1); x < end(width, x0, x1); x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = square > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / square)) : 0;
      const ink = radius + 0.5 - Math.hypot(px - along * dx, py - along * dy);
      const i = y * width + x;
      if (ink > data[i]) data[i] = Math.min(1, ink);
    }
  }
}

/** Draws a mark; each pixel of the sheet takes the nearest one of the mark, or the mean of those that it covers. */
function paintMark(sheet, mark) {
  const [left, top] = sheet.place([mark.left, mark.top]);
  const side = mark.scale * sheet.scale;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(sheet.height, top + mark.height * side); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(sheet.width, left + mark.width * side); x++) {
      const ink = meanOf(mark, (x + 0.5 - left) / side, (y + 0.5 - top) / side, 1 / side);
      const i = y * sheet.width + x;
      if (ink > sheet.data[i]) sheet.data[i] = ink;
    }
  }
}

/** Returns the mean ink of a mark's pixels in a square around (x, y); outside the mark there is none. */
function meanOf({ data, height, width }, x, y, side) {
  const [y0, y1, x0, x1] = [...nearest(y, side), ...nearest(x, side)];
  let sum = 0;
  for (let row = Math.max(0, y0); row < Math.min(height, y1); row++) {
    for (let column = Math.max(0, x0); column < Math.min(width, x1); column++) sum += data[row * width + column];
  }
  return sum / ((y1 - y0) * (x1 - x0));
}

/** Returns the first pixel, and the one after the last, of a length around a place; at least one pixel. */
function nearest(middle, length) {
  const first = Math.floor(middle - length / 2 + 0.5);
  const end = Math.floor(middle + length / 2 + 0.5);
  return end > first ? [first, end] : [Math.floor(middle), Math.floor(middle) + 1];
}
