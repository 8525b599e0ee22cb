/** Lists of MNIST's images with a word below each. */
import { made } from "../served/elements.js";
import { imageAt } from "../served/mnist.js";
import { paintImage } from "../paint.js";

/**
 * Shows images.
 *
 * @param list  the element.
 * @param set   {images, labels} of `mnist.js`
 * @param items [{place, words, wrong}, …]
 */
export function showImages(list, set, items) {
  list.replaceChildren(
    ...items.map(({ place, words, wrong }) => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true"); // the words say what can be said
      paintImage(canvas, imageAt(set, place));
      return made("li", { className: wrong ? "wrong" : "", title: `image ${place}` }, canvas, words);
    }),
  );
}
