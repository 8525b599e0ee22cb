/** The canvas that shows pieces of ink. Places on it are in its own units, however large it is on the screen. */

/** Size of the sheet, in its own units. */
export const WIDTH = 600;
export const HEIGHT = 400;

/** Returns {canvas, show(pieces), place(event), redraw, pen}; `pen` is where keys have moved the pen, or null. */
export function canvasOf(canvas) {
  const context = canvas.getContext("2d");
  const sheet = {
    canvas,
    redraw: () => {},
    pen: null,
    place: ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      return [((clientX - box.left) * WIDTH) / box.width, ((clientY - box.top) * HEIGHT) / box.height];
    },
    show: (pieces) => {
      context.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
      pieces.forEach((piece) => (piece.points ? drawStroke(context, piece) : drawMark(context, piece)));
      if (sheet.pen) drawCross(context, sheet.pen);
    },
  };
  const fit = () => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round((canvas.width * HEIGHT) / WIDTH);
    sheet.redraw();
  };
  new ResizeObserver(fit).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => sheet.redraw());
  return sheet;
}

function drawStroke(context, { points, pen }) {
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  points.forEach((point) => context.lineTo(...point));
  context.stroke();
}

function drawMark(context, mark) {
  const { left, top, scale, width, height } = mark;
  context.drawImage(bitmapOf(mark, context.fillStyle), left, top, width * scale, height * scale);
}

/** Pictures of marks, by mark: {colour, canvas}. */
const bitmaps = new WeakMap();

/** Returns a picture of a mark in a colour; what is not ink is transparent. */
function bitmapOf(mark, colour) {
  if (bitmaps.get(mark)?.colour !== colour) bitmaps.set(mark, { colour, canvas: bitmapIn(mark, colour) });
  return bitmaps.get(mark).canvas;
}

function bitmapIn({ data, height, width }, colour) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const pixels = new ImageData(width, height);
  data.forEach((ink, i) => (pixels.data[4 * i + 3] = 255 * ink));
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas;
}

/** Shows where the pen is that keys move. */
function drawCross(context, [x, y]) {
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 12, y);
  context.lineTo(x + 12, y);
  context.moveTo(x, y - 12);
  context.lineTo(x, y + 12);
  context.stroke();
}
