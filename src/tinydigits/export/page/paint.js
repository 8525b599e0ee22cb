/** Paints numbers as pixels. */
import { SIDE } from "./normalise.js";

/** Shows an image of 28×28 on a canvas, ink bright on black, as the net gets it. */
export function paintImage(canvas, image) {
  canvas.width = canvas.height = SIDE;
  const pixels = new ImageData(SIDE, SIDE);
  image.forEach((ink, i) => pixels.data.set([ink, ink, ink, 255], 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
