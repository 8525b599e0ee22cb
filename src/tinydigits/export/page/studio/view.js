/** Draws a picture with what was read in it. */

/** The picture is shown with a longer side of at most so many pixels. */
const MOST_SIDE = 1600;
/** Least height of a label on the screen, in pixels. */
const LABEL = 11;
/** A digit is unsure below this confidence. */
const UNSURE = 0.9;

/** Shows a picture on a canvas, which must be visible: a box around each mark, and the digit above it. */
export function draw(canvas, bitmap, reading) {
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { color, caretColor, outlineColor } = getComputedStyle(canvas);
  context.lineWidth = Math.max(2, canvas.width / 400);
  const size = Math.round(Math.max(canvas.width / 50, (LABEL * canvas.width) / canvas.clientWidth));
  context.font = `600 ${size}px system-ui, sans-serif`;
  for (const { box } of reading.rejected) frame(context, box, scale, outlineColor, "?");
  for (const { box, digit, confidence } of reading.digits) {
    frame(context, box, scale, confidence < UNSURE ? caretColor : color, String(digit));
  }
}

function frame(context, box, scale, colour, label) {
  const [left, top, width, height] = box.map((value) => value * scale);
  context.strokeStyle = context.fillStyle = colour;
  context.strokeRect(left, top, width, height);
  const size = parseInt(context.font.split(" ")[1]);
  const wide = context.measureText(label).width + 6;
  const above = top > size + 4 ? top - size - 4 : top;
  context.fillRect(left, above, wide, size + 4);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.textBaseline = "top";
  context.fillText(label, left + 3, above + 2);
}
