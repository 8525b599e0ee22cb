/** The net of the run that is looked at, in other forms: written and proven by the server, saved by the browser. */
import { download } from "../download.js";
import { register } from "../page.js";
import { element, made, rowOf } from "../served/elements.js";
import { request } from "../served/request.js";
import { share } from "../served/words.js";

const WORDS = { c: "C", onnx: "ONNX", html: "Page", litert: "LiteRT" };

register(exports);

function exports(page) {
  const part = (name) => element(`runs-${name}`);
  let [run, buttons, working] = [null, [], false];

  const say = (sentence) => (part("export-state").textContent = sentence);
  const show = () => {
    part("elsewhere").setAttribute("aria-busy", String(working));
    for (const button of buttons) button.disabled = working;
  };

  const write = async ({ to, int8 }) => {
    const name = `${run} as ${wordsOf({ to, int8 })}`;
    working = true;
    show();
    say(`Writing ${name}, and proving it …`);
    const { value, fault } = await request(page, "POST", "/v1/exports", { run, to, int8 });
    working = false;
    show();
    if (fault) return say(fault);
    const wrong = value.disagreements > 0;
    say([wrong ? `${name} answers other than the net: do not use it.` : `${name} is written.`, ...value.notes].join(" "));
    addRow(value, wrong);
  };

  const addRow = (written, wrong) => {
    part("written").hidden = false;
    const bytes = (number) => number?.toLocaleString("en") ?? "–";
    const row = rowOf([
      written.file,
      bytes(written.bytes),
      bytes(written.flash),
      bytes(written.ram),
      share(written.accuracy),
      bytes(written.checked_images),
      bytes(written.disagreements),
      "",
    ]);
    if (!wrong) row.lastChild.append(saver(written));
    part("written-rows").prepend(row);
  };

  const saver = ({ id, file }) => {
    const save = made("button", { type: "button", textContent: "Save" });
    save.setAttribute("aria-label", `Save ${file}`);
    save.addEventListener("click", async () => {
      const answer = await fetch(`/v1/exports/${id}`).catch(() => null);
      if (!answer) return page.tell("server", "gone");
      if (!answer.ok) return say(`The server does not keep ${file} any more: write it again.`);
      download(file, await answer.arrayBuffer());
    });
    return save;
  };

  const offer = async () => {
    const { value } = await request(page, "GET", "/v1/exports");
    if (!value || buttons.length) return;
    buttons = value.forms.map((form) => {
      const button = made("button", { type: "button", textContent: wordsOf(form) });
      button.addEventListener("click", () => write(form));
      return button;
    });
    part("forms").replaceChildren(...buttons);
    show();
  };

  page.on("look", (look) => {
    run = look.run.folder;
    if (!working) say("");
    offer();
  });
}

function wordsOf({ to, int8 }) {
  return int8 ? `${WORDS[to]}, 8 bits` : WORDS[to];
}
