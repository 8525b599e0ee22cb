/** Shows what each layer makes of the chosen digit: its feature maps, a tile a channel. */
import { forward } from "./net.js";
import { paintMaps } from "./maps.js";
import { register } from "./page.js";

/** Layers whose output is their input; they are not shown. */
const UNCHANGED = ["Dropout", "Flatten"];

register(layers);

function layers(page) {
  const section = document.getElementById("layers");
  const place = document.getElementById("maps");
  let figures = [];
  const begin = () => {
    figures = page.network.layers.flatMap((layer, index) =>
      UNCHANGED.includes(layer.kind) ? [] : [{ index, shape: mapShape(layer.output), ...figureOf(layer, index) }],
    );
    place.replaceChildren(...figures.map(({ figure }) => figure));
  };
  let chosen = null;
  let [visible, waiting] = [false, false];

  const paint = () => {
    waiting = false;
    if (!visible) return;
    const activations = chosen && forward(page.network, chosen.image).activations;
    figures.forEach(({ canvas, index, shape }) =>
      paintMaps(canvas, activations ? activations[index] : null, shape, place.clientWidth),
    );
  };
  /** Paints after the answer is on the screen, and only what is looked at. */
  const paintSoon = () => {
    if (!waiting) requestAnimationFrame(() => setTimeout(paint));
    waiting = true;
  };
  begin();
  page.on("net", begin);
  page.on("chosen", (digit) => {
    chosen = digit;
    paintSoon();
  });
  new IntersectionObserver(([{ isIntersecting }]) => {
    visible = isIntersecting;
    paintSoon();
  }).observe(section);
  new ResizeObserver(paintSoon).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintSoon);
}

/** Returns [height, width, channels]; a vector is a row of maps of one pixel. */
function mapShape(shape) {
  if (shape.length === 3) return shape;
  return shape.length === 2 ? [...shape, 1] : [1, 1, shape[0]];
}

function figureOf(layer, index) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const canvas = document.createElement("canvas");
  const words = `Layer ${index + 1}, ${layer.kind}: ${sizeInWords(layer.output)}`;
  caption.textContent = words;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  figure.append(caption, canvas);
  return { figure, canvas };
}

function sizeInWords(shape) {
  const [height, width, channels] = mapShape(shape);
  if (shape.length === 1) return `${channels} numbers`;
  return `${channels} ${channels === 1 ? "map" : "maps"} of ${height} × ${width}`;
}
