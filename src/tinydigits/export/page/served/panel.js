/**
 * Watches whether the server answers. A part that gets no answer tells "server", "gone"; the server is then asked again,
 * after longer and longer pauses, until it answers: "server", "back" is told, and parts ask again for what they show.
 */
import { register } from "../page.js";
import { setOf } from "./mnist.js";
import "./parts.js";

/** Pauses, in seconds: the first, and the longest. */
const [FIRST, LONGEST] = [1, 16];

register(served);

function served(page) {
  page.mnist = setOf;
  const [box, words, now] = ["served", "served-words", "served-now"].map((name) => document.getElementById(name));
  let gone = false;
  let wake = () => {};

  const pause = async (seconds) => {
    for (let left = seconds; left > 0; left--) {
      words.textContent = `${sentence()} It is asked again in ${left} s.`;
      const skipped = await new Promise((done) => {
        wake = () => done(true);
        setTimeout(() => done(false), 1000);
      });
      if (skipped) return;
    }
  };
  const watch = async () => {
    for (let seconds = FIRST; gone; seconds = Math.min(2 * seconds, LONGEST)) {
      await pause(seconds);
      words.textContent = `${sentence()} It is asked now …`;
      const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null);
      gone = !answer?.ok;
    }
    box.hidden = true;
    page.tell("server", "back");
  };
  page.on("server", (state) => {
    if (state !== "gone" || gone) return;
    gone = true;
    box.hidden = false;
    watch();
  });
  now.addEventListener("click", () => wake());
  addEventListener("online", () => wake());
  addEventListener("offline", () => page.tell("server", "gone"));
}

/** Returns what is the matter, in words. */
function sentence() {
  const cause = navigator.onLine ? "The server does not answer." : "This device is offline.";
  return `${cause} Drawing still works.`;
}
