/** Takes a picture that is opened, dropped or pasted, and puts its marks on the sheet. */
import { marksIn } from "./ink.js";
import { register } from "./page.js";
import { markOf } from "./pieces.js";
import { HEIGHT, WIDTH } from "./sheet.js";

/** Pictures are looked at with a longer side of at most so many pixels. */
const WORKING_SIDE = 1000;
/** Largest file, in bytes. */
const MOST_BYTES = 16 * 2 ** 20;
/** Most marks; a picture with more shows something else than a row of digits. */
const MOST_MARKS = 40;
/** Share of the sheet's sides that marks are fitted into. */
const FITTED = 0.9;

register(picture);

function picture(page) {
  const input = document.getElementById("picture");
  const take = async (file) => {
    if (!file) return;
    const { marks, fault } = await marksOf(file);
    if (fault) page.tell("message", `${file.name || "The picture"}: ${fault}`);
    else page.tell("picture", fitted(marks));
  };
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = "";
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => take(event.clipboardData.files[0]));
}

/** Returns {marks} of a picture file, or {fault}: a sentence that says why there are none. */
async function marksOf(file) {
  if (file.size > MOST_BYTES) return { fault: `this file is larger than ${MOST_BYTES / 2 ** 20} MB.` };
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return { fault: "this is no picture that the browser can read, or it is broken." };
  const marks = marksIn(pixelsOf(bitmap));
  if (!marks.length) return { fault: "no ink was found in this picture." };
  if (marks.length > MOST_MARKS) return { fault: `${marks.length} marks were found; show one row of digits alone.` };
  return { marks };
}

function pixelsOf(bitmap) {
  const scale = Math.min(1, WORKING_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Returns marks as pieces in the middle of the sheet, as large as it allows. */
function fitted(marks) {
  const [left, top] = [Math.min(...marks.map((mark) => mark.left)), Math.min(...marks.map((mark) => mark.top))];
  const width = Math.max(...marks.map((mark) => mark.left + mark.width)) - left;
  const height = Math.max(...marks.map((mark) => mark.top + mark.height)) - top;
  const scale = FITTED * Math.min(WIDTH / width, HEIGHT / height);
  const [x, y] = [(WIDTH - width * scale) / 2, (HEIGHT - height * scale) / 2];
  return marks.map((mark) => markOf(mark, x + (mark.left - left) * scale, y + (mark.top - top) * scale, scale));
}
