/** Starts the worker, and says what it is to work with. */

/** Returns a worker of the script in the page; from disk none can be loaded from a file. */
export function workerOf(heard) {
  const place = URL.createObjectURL(new Blob([textOf("learn-worker")], { type: "text/javascript" }));
  const worker = new Worker(place);
  worker.addEventListener("message", ({ data }) => heard[data.kind](data));
  worker.addEventListener("error", (error) => heard.failed(error));
  return worker;
}

/** Returns what a worker needs to train: settings, module, and images, of the page or of its server. */
export async function work(page) {
  const held = (name) => ({ images: textOf(`learn-${name}-images`), labels: textOf(`learn-${name}-labels`) });
  const [train, test] = await Promise.all(["train", "test"].map(page.mnist ?? held));
  return { settings: settings(), module: textOf("learn-module"), train, test };
}

export function settings() {
  return JSON.parse(textOf("learn-settings"));
}

/** Returns the text of an element of the page. */
export function textOf(name) {
  return document.getElementById(name).textContent;
}
