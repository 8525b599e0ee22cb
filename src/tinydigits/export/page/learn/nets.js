/** The net that the panel trains: that of the page, or one that the panel holds because the page reads with another. */
import { networkOf } from "../network.js";

/** The line below the heading while the page reads with what was learnt. */
const LEARNT = "A net that was trained in this page.";
/** One for each page: its parts have to mean the same net. */
const known = new WeakMap();

/**
 * Returns what parts do with the net.
 *
 *   net          as it was at first
 *   isHeld       whether the page reads with another one at first
 *   isHome()     whether the page reads with its own net, as at first
 *   reads()      whether the page reads with a net of the layers that are trained
 *   weights()    the weights to begin with: those that the page reads with, or the net's own
 *   use(weights) has the page read with these
 *   back()       has the page read with its own net again
 */
export function learntNet(page) {
  if (!known.has(page)) known.set(page, made(page));
  return known.get(page);
}

function made(page) {
  const home = { ...page.network };
  const held = document.getElementById("learn-network");
  const net = held ? { ...networkOf(JSON.parse(held.textContent)), about: LEARNT } : home;
  const reads = () => page.network.layers === net.layers;
  const use = (other) => {
    if (page.network.layers !== other.layers) return page.use(other);
    page.network.weights = other.weights;
    page.tell("network");
  };
  return {
    net,
    isHeld: Boolean(held),
    isHome: () => page.network.weights === home.weights,
    reads,
    weights: () => (reads() ? page.network.weights : net.weights),
    use: (weights) => use({ ...net, weights }),
    back: () => use(home),
  };
}
