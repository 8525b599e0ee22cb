/** The panel that has the server read a picture. */
import { register } from "../page.js";
import { ask } from "./ask.js";
import { counted } from "../served/words.js";
import { rows, summary } from "./marks.js";
import { draw } from "./view.js";

register(studio);

function studio() {
  const parts = Object.fromEntries(
    ["zone", "file", "state", "again", "result", "text", "view", "count", "marks"].map((name) => [
      name,
      document.getElementById(`studio-${name}`),
    ]),
  );
  const section = document.getElementById("studio");
  document.getElementById("privacy").textContent =
    "What you draw is computed in this page. The picture of a sheet is sent to the server of this page, and nowhere else.";
  let current = null;
  let last = null;

  const say = (sentence, { busy = false, again = false } = {}) => {
    parts.state.textContent = sentence;
    parts.again.hidden = !again;
    section.setAttribute("aria-busy", busy);
  };

  const read = async (picture) => {
    if (!picture) return;
    current?.abort();
    const own = (current = new AbortController());
    last = picture;
    const name = picture.name || "the picture";
    say(`Reading ${name} …`, { busy: true });
    const [bitmap, { reading, fault, again }] = await Promise.all([
      createImageBitmap(picture).catch(() => null),
      ask(picture, () => say("The server has much to do. It is asked again …", { busy: true }), own.signal),
    ]);
    if (own.signal.aborted) return;
    parts.result.hidden = !reading || !bitmap;
    if (fault) return say(fault, { again });
    show(reading, bitmap);
  };

  const show = (reading, bitmap) => {
    say(summary(reading));
    if (!bitmap) return say(`${summary(reading)} The browser cannot show this picture. It reads: ${reading.text}`);
    parts.text.textContent = reading.text;
    draw(parts.view, bitmap, reading);
    bitmap.close();
    parts.count.textContent = `${counted(reading.digits.length, "digit")}, ${reading.rejected.length} refused`;
    parts.marks.replaceChildren(...rows(reading).map(row));
  };

  parts.file.addEventListener("change", () => {
    read(parts.file.files[0]);
    parts.file.value = "";
  });
  parts.again.addEventListener("click", () => read(last));
  listenToGifts(section, parts.zone, read);
}

/** Pictures that are dropped or pasted here are not for the sheet to draw on. */
function listenToGifts(section, zone, read) {
  section.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  section.addEventListener("dragleave", () => zone.classList.remove("over"));
  section.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    read(event.dataTransfer.files[0]);
  });
  section.addEventListener("paste", (event) => {
    event.stopPropagation();
    read(event.clipboardData.files[0]);
  });
}

function row(texts) {
  const line = document.createElement("tr");
  line.append(
    ...texts.map((text) => Object.assign(document.createElement("td"), { textContent: text })),
  );
  return line;
}
