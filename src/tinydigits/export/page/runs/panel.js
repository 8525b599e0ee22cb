/** The panel of runs: a list that is always what is there, a look at one, and a comparison of several. */
import { networkOf } from "../network.js";
import { register } from "../page.js";
import { element, made, rowOf } from "../served/elements.js";
import { request } from "../served/request.js";
import { counted, duration, placeAmong, share } from "../served/words.js";
import { showComparison } from "./compare.js";
import "./exports.js";
import { drawFilters, drawHistory, show } from "./look.js";

/** The list is asked for again every so many milliseconds while it is on the screen. */
const AGAIN = 4000;
/** Most runs that are compared. */
const MOST_COMPARED = 8;
const ORDERS = {
  newest: () => 0, // as the server lists them
  best: (a, b) => (b.accuracy.test ?? -1) - (a.accuracy.test ?? -1),
  smallest: (a, b) => a.parameters - b.parameters,
};

register(runs);

function runs(page) {
  const part = (name) => element(`runs-${name}`);
  const own = { ...page.network };
  let [all, rest, told, look, visible, pending] = [[], "", null, null, false, false];
  let [looking, comparing, failed] = [0, 0, false];
  const ticked = new Set();

  const list = async () => {
    if (pending) return;
    pending = true;
    const { value, fault } = await request(page, "GET", "/v1/runs");
    pending = false;
    if (fault) return fail(fault);
    const text = JSON.stringify(value);
    if (failed) count();
    if (text === told) return;
    told = text;
    all = value.runs;
    render();
    if (look && !all.some(({ folder }) => folder === look.run.folder)) {
      part("look-state").textContent = "This run's folder has been deleted.";
    }
  };

  const render = () => {
    const wanted = part("find").value.trim().toLowerCase();
    const shown = all.filter(({ folder, model }) => `${folder} ${model}`.toLowerCase().includes(wanted));
    shown.sort(ORDERS[part("order").value]);
    part("list").hidden = !all.length;
    const focused = part("rows").contains(document.activeElement) ? document.activeElement.dataset.name : null;
    part("rows").replaceChildren(...shown.map(rowFor));
    if (focused) [...part("rows").querySelectorAll("[data-name]")].find((one) => one.dataset.name === focused)?.focus();
    rest = shown.length < all.length ? `, ${shown.length.toLocaleString("en")} shown` : "";
    count();
    mark();
    const gone = [...ticked].filter((folder) => !all.some((run) => run.folder === folder));
    for (const folder of gone) ticked.delete(folder);
    if (gone.length) compare();
  };

  const fail = (sentence) => {
    failed = true;
    part("state").textContent = sentence;
  };
  const count = () => {
    failed = false;
    part("state").textContent = all.length
      ? `${counted(all.length, "run")}${rest}.`
      : "There is no run yet. Train a net above, or start the server where run folders are.";
  };

  const rowFor = (run) => {
    const tick = made("input", { type: "checkbox", checked: ticked.has(run.folder) });
    tick.setAttribute("aria-label", `Compare ${run.folder}`);
    tick.addEventListener("change", () => {
      ticked[tick.checked ? "add" : "delete"](run.folder);
      compare();
    });
    const open = made("button", { type: "button", textContent: run.folder });
    [tick.dataset.name, open.dataset.name] = [`compare ${run.folder}`, `look at ${run.folder}`];
    open.addEventListener("click", () => lookAt(run.folder));
    const row = rowOf([
      "",
      "",
      run.model,
      run.seed,
      share(run.accuracy.test),
      run.parameters.toLocaleString("en"),
      run.epochs,
      duration(run.seconds),
    ]);
    row.cells[0].append(tick);
    row.cells[1].append(open);
    return row;
  };

  /** Marks the run that is looked at. */
  const mark = () => {
    for (const button of part("rows").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.textContent === look?.run.folder));
    }
  };

  const seen = (folder) => request(page, "GET", `/v1/look?run=${encodeURIComponent(folder)}`);

  const lookAt = async (folder) => {
    const mine = ++looking;
    part("state").textContent = `Looking at ${folder} …`;
    const { value, fault, status } = await seen(folder);
    if (mine !== looking) return;
    if (status === 404) await list();
    count();
    if (fault) return (part("state").textContent = fault);
    look = value;
    part("look").hidden = false;
    part("look").setAttribute("aria-busy", "true");
    part("name").textContent = folder;
    page.tell("look", look);
    mark();
    await show(look, placeAmong(all, look.run.accuracy.test), () => mine === looking);
    if (mine !== looking) return;
    part("look").setAttribute("aria-busy", "false");
    part("name").focus({ preventScroll: true });
    part("name").scrollIntoView({ block: "nearest" });
  };

  const compare = async () => {
    const mine = ++comparing;
    const folders = [...ticked].slice(0, MOST_COMPARED);
    part("compared").hidden = folders.length < 2;
    if (folders.length < 2) return;
    const looks = (await Promise.all(folders.map(seen))).map(({ value }) => value).filter(Boolean);
    if (looks.length && mine === comparing) await showComparison(part("compared-rows"), looks);
  };

  const use = (network, sentence) => {
    page.use(network);
    part("look-state").textContent = sentence;
  };

  part("order").addEventListener("change", render);
  part("find").addEventListener("input", render);
  part("use").addEventListener("click", () => {
    const { folder, parameters, accuracy } = look.run;
    const about =
      `A run of the server: ${parameters.toLocaleString("en")} parameters, ` +
      `${share(accuracy.test)} of MNIST's test images right.`;
    const network = { ...networkOf(look.network), name: folder, about };
    use(network, `What is drawn on the sheet above is now read by ${folder}.`);
  });
  part("back").addEventListener("click", () => use(own, "The page reads with its own net again."));
  page.on("network", () => (part("back").disabled = page.network.weights === own.weights));
  page.on("runs", list);
  page.on("server", (state) => (state === "back" ? list() : fail("The server does not answer.")));
  addEventListener("focus", list);
  new IntersectionObserver(([{ isIntersecting }]) => {
    visible = isIntersecting;
    if (visible) list();
  }).observe(element("runs"));
  setInterval(() => visible && !document.hidden && list(), AGAIN);
  const redraw = () => {
    if (!look) return;
    drawHistory(look.history);
    drawFilters(look.network && networkOf(look.network));
  };
  new ResizeObserver(redraw).observe(part("look"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  list();
}
