/** Starts the page with its own parts, and those that are registered before. */
import "./heading.js";
import "./drawing.js";
import "./reading.js";
import "./answer.js";
import "./look.js";
import "./layers.js";
import "./picture.js";
import { forward } from "./net.js";
import { networkOf } from "./network.js";
import { start } from "./page.js";

const page = start(networkOf(JSON.parse(document.getElementById("model").textContent)));

/** For the browser's console, and for the proof that `tinydigits export` makes. */
window.tinydigits = { page, answer: (images) => forward(page.network, images).probabilities };
