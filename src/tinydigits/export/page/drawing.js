/** The sheet to draw on, with its tools: mouse, finger, pen, or keys. */
import { keysDraw } from "./keys.js";
import { register } from "./page.js";
import { strokeOf } from "./pieces.js";
import { canvasOf } from "./sheet.js";

register(drawing);

function drawing(page) {
  const element = (name) => document.getElementById(name);
  const sheet = canvasOf(element("sheet"));
  const width = element("width");
  /** Pieces after each deed, the last one as they are now. */
  let states = [[]];
  let stroke = null;
  const pieces = () => states.at(-1);
  const show = () => {
    sheet.show(stroke ? [...pieces(), stroke] : pieces());
    element("undo").disabled = states.length === 1;
    element("clear").disabled = !pieces().length;
  };
  const change = (changed) => {
    states.push(changed);
    show();
    page.tell("drawing", pieces());
  };
  const undo = () => {
    if (states.length > 1) states.pop();
    show();
    page.tell("drawing", pieces());
  };

  const pen = {
    begin: (point) => (stroke = strokeOf([point], width.valueAsNumber)),
    move: (points) => {
      stroke.points.push(...points);
      show();
    },
    end: () => {
      const ended = stroke;
      stroke = null;
      change([...pieces(), ended]);
    },
    isDown: () => stroke !== null,
  };
  pointerDraws(sheet, pen);
  keysDraw(sheet, pen, page);
  element("undo").addEventListener("click", undo);
  element("clear").addEventListener("click", () => change([]));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && event.target.type !== "text") undo();
  });
  page.on("picture", (marks) => change(marks));
  sheet.redraw = show;
  show();
}

/** Draws with a mouse, a pen or a finger: the first one that touches; others are passed over until it leaves. */
function pointerDraws(sheet, pen) {
  let drawing = null;
  const { canvas } = sheet;
  canvas.addEventListener("pointerdown", (event) => {
    if (pen.isDown() || event.button !== 0) return;
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    pen.begin(sheet.place(event));
    pen.move([]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const events = event.getCoalescedEvents?.() ?? [];
    pen.move((events.length ? events : [event]).map(sheet.place));
  });
  canvas.addEventListener("lostpointercapture", (event) => {
    if (event.pointerId !== drawing) return;
    drawing = null;
    pen.end();
  });
}
