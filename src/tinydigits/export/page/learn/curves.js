/** Curves of a training, as SVG: accuracy while it trains, and on the test images after each epoch. */

const [WIDTH, HEIGHT] = [600, 160];

/**
 * Draws points [[epoch, share right], …] as lines.
 *
 * @param svg    the element, whose lines have the classes `train` and `test`.
 * @param epochs how many the whole width is.
 */
export function drawCurves(svg, epochs, { train, test }) {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.querySelector(".train").setAttribute("points", lineOf(train, epochs));
  svg.querySelector(".test").setAttribute("points", lineOf(test, epochs));
}

/** Errors are drawn on a logarithmic scale, from all wrong at the bottom to 1 in 1,000 at the top. */
function lineOf(points, epochs) {
  return points.map(([epoch, right]) => `${(epoch / epochs) * WIDTH},${heightOf(right)}`).join(" ");
}

function heightOf(right) {
  return HEIGHT + (Math.log10(Math.max(0.001, 1 - right)) / 3) * HEIGHT;
}
