/** Draws with keys: arrows move a pen over the sheet, Space or Enter puts it down and lifts it. */
import { HEIGHT, WIDTH } from "./sheet.js";

/** How far a press of an arrow moves the pen, in units of the sheet; with Shift, a fifth of it. */
const STEP = 20;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function keysDraw(sheet, pen, page) {
  let place = [WIDTH / 2, HEIGHT / 4];
  let down = false;
  const lift = () => {
    if (!down) return;
    down = false;
    pen.end();
  };
  const keys = {
    " ": () => {
      if (down) return lift();
      if (pen.isDown()) return;
      down = true;
      pen.begin(place);
      page.tell("message", "The pen is down.");
    },
    Enter: () => keys[" "](),
    Escape: lift,
  };
  sheet.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [arrow, key] = [ARROWS[event.key], keys[event.key]];
    if (!arrow && !key) return;
    event.preventDefault();
    if (key) key();
    if (arrow) {
      place = moved(place, arrow, event.shiftKey ? STEP / 5 : STEP);
      if (down) pen.move([place]);
    }
    sheet.pen = place;
    sheet.redraw();
  });
  sheet.canvas.addEventListener("blur", () => {
    lift();
    sheet.pen = null;
    sheet.redraw();
  });
}

function moved([x, y], [dx, dy], step) {
  return [Math.min(WIDTH, Math.max(0, x + dx * step)), Math.min(HEIGHT, Math.max(0, y + dy * step))];
}
