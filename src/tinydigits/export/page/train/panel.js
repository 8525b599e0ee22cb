/** The panel that has the server train: what is ordered, how far it is, and what came of it. */
import { drawChart, lossScale, RIGHT_SCALE } from "../served/chart.js";
import { element, fact } from "../served/elements.js";
import { request } from "../served/request.js";
import { duration, placeAmong, share } from "../served/words.js";
import { register } from "../page.js";
import { add, band, goOn, line, noCurves } from "./curves.js";
import { listen } from "./stream.js";
import { sentenceOf } from "./words.js";

/** What is ordered beside the recipe. */
const SETTINGS = ["epochs", "batch_size", "learning_rate", "seeds", "seed"];

register(train);

function train(page) {
  const field = (name) => element(`train-${name}`);
  let [recipes, known, training, curves, stream, runs] = [[], [], null, noCurves(), null, []];
  let [since, drawing, pending] = [0, false, false];

  const say = (sentence) => (field("state").textContent = sentence);
  const underWay = () => training !== null && ["running", "stopping"].includes(training.state);

  const show = () => {
    field("fields").disabled = underWay() || !recipes.length;
    field("start").disabled = underWay() || !recipes.length || pending;
    field("stop").disabled = training?.state !== "running" || pending;
    field("resume").disabled = !["stopped", "failed"].includes(training?.state) || pending;
    field("discard").disabled = !training || underWay() || pending;
    element("train").setAttribute("aria-busy", String(underWay()));
    if (training) say(sentenceOf({ ...training, reached: curves.size > 0 }));
    field("curves").hidden = !training;
    drawSoon();
  };

  const drawSoon = () => {
    if (!drawing) requestAnimationFrame(draw);
    drawing = true;
  };
  const draw = () => {
    drawing = false;
    if (!training) return;
    const all = [...curves.values()];
    const bands = band(curves, "validation_accuracy");
    const losses = band(curves, "loss");
    const means = (points) => points.map(([at, , , mean]) => [at, mean]);
    const several = training.seeds > 1;
    field("band").hidden = !several;
    drawChart(field("right"), training.epochs, RIGHT_SCALE, [
      ...(several ? [{ kind: "band", points: bands }] : []),
      ...all.map((own) => ({ kind: "thin", points: line(own, "accuracy") })),
      { kind: "thick", points: means(bands) },
    ]);
    drawChart(field("loss"), training.epochs, lossScale(all.flatMap((own) => own.parts.map(({ loss }) => loss))), [
      ...(several ? [{ kind: "band", points: losses }] : []),
      ...all.map((own) => ({ kind: "thin", points: line(own, "loss") })),
      ...(several ? [{ kind: "thick", points: means(losses) }] : []),
    ]);
    showFacts(all);
  };

  const showFacts = (all) => {
    const done = all.reduce((sum, { ends }) => sum + (ends.at(-1)?.at ?? 0), 0);
    const report = training.report;
    const run = report?.runs?.[0] ?? report;
    const test = report?.summary?.mean ?? report?.accuracy?.test;
    const parameters = run?.parameters ?? recipes.find(({ recipe }) => recipe === training.recipe)?.parameters;
    const best = band(curves, "validation_accuracy").at(-1);
    const seconds = training.seconds + (underWay() ? (performance.now() - since) / 1000 : 0);
    field("facts").replaceChildren(
      fact("Epochs", `${done} of ${training.epochs * training.seeds}`),
      fact("Time", duration(seconds)),
      fact("Parameters", parameters?.toLocaleString("en") ?? "–"),
      fact("Right, others", share(best?.[3])),
      fact("Right, test", share(test)),
      fact("Place among all runs", report ? placeAmong(runs, test) : "–"),
    );
  };

  const heard = (kind, data) => {
    if (kind === "state") {
      Object.assign(training, data);
      since = performance.now();
      if (data.state === "running") goOn(curves);
      if (data.state === "finished") finished();
      show();
    } else if (kind === "note") {
      say(data.note);
    } else {
      const first = !curves.size;
      add(curves, kind, data);
      if (kind === "epoch") addRow(field("epochs-told"), data);
      first ? show() : drawSoon();
    }
  };

  const finished = async () => {
    page.tell("runs");
    runs = (await request(page, "GET", "/v1/runs")).value?.runs ?? [];
    drawSoon();
  };

  /** Shows a training from its first event on. */
  const follow = (chosen) => {
    stream?.close();
    [training, curves, since] = [chosen, noCurves(), performance.now()];
    field("epochs-told").replaceChildren();
    stream = listen(chosen.id, heard, () => page.tell("server", "gone"));
    show();
  };

  const load = async () => {
    const [offered, ordered] = await Promise.all(
      ["recipes", "trainings"].map((name) => request(page, "GET", `/v1/${name}`)),
    );
    const fault = offered.fault ?? ordered.fault;
    if (fault) return say(fault);
    recipes = offered.value.recipes;
    fillRecipes(field("recipe"), recipes);
    if (!training) propose();
    showKnown(ordered.value.trainings);
    const newest = ordered.value.trainings[0];
    const same = ordered.value.trainings.find(({ id }) => id === training?.id);
    if (training && !same) {
      stream.close();
      training = null;
      show();
      return say("The server was started anew, and knows this training no more. Finished runs are in the list below.");
    }
    if (same && (underWay() || same.state !== training.state)) stream.again();
    else if (!same && newest) follow(newest);
    else if (!same) say("Nothing is being trained. Choose a recipe, and start.");
    show();
  };

  /** Offers all trainings that the server knows, where there are several. */
  const showKnown = (all) => {
    known = all;
    field("choice").hidden = all.length < 2;
    field("known").replaceChildren(...all.map(({ id, folder, state }) => new Option(`${folder}/, ${state}`, id)));
    if (training) field("known").value = training.id;
  };

  const propose = () => {
    const shipped = recipes.find(({ recipe }) => recipe === field("recipe").value);
    for (const name of ["epochs", "batch_size", "learning_rate"]) field(name).value = shipped[name];
  };

  /** Asks for something, with all buttons off meanwhile. */
  const asked = async (method, path, value) => {
    pending = true;
    show();
    const outcome = await request(page, method, path, value);
    pending = false;
    show();
    if (outcome.fault) say(outcome.fault);
    return outcome.value;
  };

  field("recipe").addEventListener("change", propose);
  field("order").addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = Object.fromEntries(SETTINGS.map((name) => [name, field(name).valueAsNumber]));
    const begun = await asked("POST", "/v1/trainings", { recipe: field("recipe").value, ...order });
    if (!begun) return;
    follow(begun);
    showKnown([begun, ...known]);
  });
  field("known").addEventListener("change", () => follow(known.find(({ id }) => id === field("known").value)));
  field("discard").addEventListener("click", async () => {
    const { id } = training;
    if (!(await asked("DELETE", `/v1/trainings/${id}`))) return;
    stream.close();
    training = null;
    field("start").focus();
    load();
  });
  field("stop").addEventListener("click", () => asked("POST", `/v1/trainings/${training.id}/stop`));
  field("resume").addEventListener("click", async () => {
    if (await asked("POST", `/v1/trainings/${training.id}/resume`)) stream.again();
  });
  page.on("server", (state) => (state === "back" ? load() : say("The server does not answer.")));
  new ResizeObserver(drawSoon).observe(field("right"));
  setInterval(() => underWay() && drawSoon(), 1000); // the time goes on between events
  load();
}

function fillRecipes(select, recipes) {
  if (select.options.length) return;
  for (const { recipe, parameters } of recipes) {
    const size = parameters === null ? "" : ` (${parameters.toLocaleString("en")} parameters)`;
    select.add(new Option(recipe + size, recipe));
  }
  select.value = "cnn";
}

function addRow(body, { seed, at, accuracy, validation_accuracy: others, loss }) {
  const row = body.insertRow();
  for (const text of [seed, at, share(accuracy), share(others), loss?.toPrecision(4) ?? "–"]) {
    row.insertCell().textContent = text;
  }
}
