/** Curves over epochs as SVG: lines, bands, and a grid with labels. */

/** Sizes in pixels of the screen: height, and what is left for labels. */
const [HEIGHT, LEFT, BOTTOM, TOP, END] = [220, 52, 24, 10, 8];
/** Least width, as of a chart that is not shown. */
const NARROW = 240;
/** Errors are drawn on a logarithmic scale, from all wrong at the bottom to 1 in 1,000 at the top. */
const RIGHT = [0, 0.9, 0.99, 0.999];

/** The scale of shares that are right. */
export const RIGHT_SCALE = {
  labels: RIGHT.map((value) => [value, `${+(100 * value).toFixed(1)} %`]),
  heightOf: (right) => -Math.log10(Math.max(0.001, 1 - right)) / 3,
};

/** Returns a scale of powers of ten around some losses. */
export function lossScale(losses) {
  const known = losses.filter((loss) => loss > 0);
  const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0.01, 1];
  const first = Math.floor(Math.log10(low));
  const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return {
    labels: powers.map((power) => [power, String(+power.toPrecision(1))]),
    heightOf: (loss) => (Math.log10(Math.max(loss, 1e-12)) - first) / (last - first),
  };
}

/**
 * Draws curves.
 *
 * @param svg    the element; whatever was in it goes.
 * @param epochs that the whole width is.
 * @param scale  {labels: [[value, text], …], heightOf: value → 0 at the bottom to 1 at the top}
 * @param parts  [{kind: "thin" | "thick" | "band", points: [[epoch, value], …] or for a band [[epoch, low, high], …]}]
 */
export function drawChart(svg, epochs, scale, parts) {
  const width = Math.max(NARROW, svg.clientWidth);
  const x = (epoch) => LEFT + (epoch / epochs) * (width - LEFT - END);
  const y = (value) => HEIGHT - BOTTOM - Math.min(1, Math.max(0, scale.heightOf(value))) * (HEIGHT - BOTTOM - TOP);
  const place = (epoch, value) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`;
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.replaceChildren(
    ...scale.labels.flatMap(([value, text]) => [
      shape("line", { class: "grid", x1: LEFT, x2: width - END, y1: y(value), y2: y(value) }),
      label(text, { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }),
    ]),
    label("0", { x: LEFT, y: HEIGHT - 6, "text-anchor": "middle" }),
    label(`${epochs} ${epochs === 1 ? "epoch" : "epochs"}`, { x: width - END, y: HEIGHT - 6, "text-anchor": "end" }),
    ...parts.filter(({ points }) => points.length).map((part) => drawn(part, place)),
  );
}

function drawn({ kind, points }, place) {
  const low = points.map(([at, value]) => place(at, value));
  if (kind !== "band") return shape("polyline", { class: kind, points: low.join(" ") });
  const high = points.map(([at, , value]) => place(at, value)).reverse();
  return shape("polygon", { class: kind, points: [...low, ...high].join(" ") });
}

function label(text, attributes) {
  const made = shape("text", attributes);
  made.textContent = text;
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
