/** Elements of panels. */

/** Returns the element of this name. */
export function element(name) {
  return document.getElementById(name);
}

/** Returns a new element with properties and children. */
export function made(tag, properties = {}, ...children) {
  const one = Object.assign(document.createElement(tag), properties);
  one.append(...children);
  return one;
}

/** Returns a fact for a list of them: its name and its value. */
export function fact(name, value) {
  return made("div", {}, made("dt", { textContent: name }), made("dd", { textContent: value }));
}

/** Returns a row of a table, a cell for each text. */
export function rowOf(texts, tag = "td") {
  return made("tr", {}, ...texts.map((textContent) => made(tag, { textContent })));
}
