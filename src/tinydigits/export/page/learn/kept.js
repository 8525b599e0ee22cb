/** The user's own digits: [{label, image}], an image is 784 bytes. They are kept in the browser, where it lets a page. */
import { bytesOf } from "../bytes.js";

const NAME = "tinydigits.hand";

/** Returns the digits that an earlier visit kept; none where they cannot be had. */
export function keptBefore() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return found.map(({ label, image }) => ({ label, image: bytesOf(image) })).filter(isDigit);
  } catch {
    return []; // refused by the browser, or written by something else
  }
}

/** Keeps the digits in place of those before. Returns whether the browser did. */
export function keep(digits) {
  try {
    const plain = digits.map(({ label, image }) => ({ label, image: btoa(String.fromCharCode(...image)) }));
    localStorage.setItem(NAME, JSON.stringify(plain));
    return true;
  } catch {
    return false;
  }
}

/** Returns the digits as one set, {images, labels}. */
export function setOf(digits) {
  return {
    images: Uint8Array.from(digits.flatMap(({ image }) => Array.from(image))),
    labels: Uint8Array.from(digits, ({ label }) => label),
  };
}

function isDigit({ label, image }) {
  return Number.isInteger(label) && label >= 0 && label <= 9 && image.length === 784;
}
