/**
 * The page: a network, and parts that tell one another what happens.
 *
 * A part is a function `(page) => void`. It finds its own elements, listens, and tells. A module that holds a part
 * registers it when it is imported; so a part is left out of a page by not importing its module. What is told:
 *
 *   "drawing"  pieces of ink, from which digits are read: see `pieces.js`
 *   "reading"  what was read of them: see `read.js`
 *   "chosen"   the digit of the reading that is looked into, or null
 *   "network"  `page.network.weights` were replaced: everything is read again
 *   "net"      `page.use` put another net in the place of `page.network`, with a line `about` it; "network" follows
 *   "picture"  marks of a picture, to be put on the sheet in place of what is there
 *   "message"  a sentence for the user
 *   "server"   "gone" or "back": whether the server of the page answers, where it has one
 *
 * Where the page has a server, `page.mnist(name)` gives MNIST's images and labels from there.
 */

const parts = [];

/** Adds a part to the page. */
export function register(part) {
  parts.push(part);
}

/** Starts a page of the parts that are registered. */
export function start(network) {
  const listeners = new Map();
  const page = {
    network,
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    tell: (event, value) => (listeners.get(event) ?? []).forEach((listener) => listener(value)),
    use: (other) => {
      Object.assign(page.network, { about: null }, other); // parts hold the object
      page.tell("net");
      page.tell("network");
    },
  };
  parts.forEach((part) => part(page));
  return page;
}
