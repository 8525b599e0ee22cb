/** MNIST, from the server; its files are fetched once. */

/** Bytes before the pixels and before the labels of a file (IDX). */
const HEADS = { images: 16, labels: 8 };
const SIZE = 784;
const known = new Map();

/** Returns {images, labels}: bytes, 784 an image. */
export async function setOf(name) {
  const [images, labels] = await Promise.all(["images", "labels"].map((part) => bytesOf(name, part)));
  return { images, labels };
}

/** Returns the image at a place. */
export function imageAt({ images }, place) {
  return images.subarray(place * SIZE, (place + 1) * SIZE);
}

function bytesOf(name, part) {
  const path = `/v1/mnist/${name}-${part}`;
  if (!known.has(path)) {
    const fetched = loaded(path, HEADS[part]);
    known.set(path, fetched);
    fetched.catch(() => known.delete(path));
  }
  return known.get(path);
}

async function loaded(path, head) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer()).subarray(head);
}
