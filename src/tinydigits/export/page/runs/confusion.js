/** The confusion matrix: a table whose cells are chosen with the mouse, or with arrows and Enter. */
import { made } from "../served/elements.js";

const CLASSES = 10;
/** From so many images on, a mistake is one of many. */
const MANY = 10;
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Returns how often each digit is read as each: [10][10], rows are what it is. */
export function counts(labels, answers) {
  const table = Array.from({ length: CLASSES }, () => new Array(CLASSES).fill(0));
  labels.forEach((label, i) => table[label][answers[i]]++);
  return table;
}

/** Fills a table with counts; `choose(row, column)` is called for a cell that is chosen. */
export function showConfusion(table, numbers, choose) {
  const cells = numbers.map((row, label) => row.map((count, answer) => cellOf(label, answer, count)));
  const digits = Array.from({ length: CLASSES }, (_, digit) => made("th", { scope: "col", textContent: digit }));
  const head = made("thead", {}, made("tr", {}, made("td"), ...digits));
  const body = made("tbody");
  cells.forEach((row, label) => body.append(made("tr", {}, made("th", { scope: "row", textContent: label }), ...row)));
  const select = (label, answer, focus) => {
    cells.flat().forEach((cell) => {
      cell.firstChild.tabIndex = -1;
      cell.setAttribute("aria-selected", "false");
    });
    const cell = cells[label][answer];
    cell.firstChild.tabIndex = 0;
    if (focus) cell.firstChild.focus();
    return cell;
  };
  cells.forEach((row, label) =>
    row.forEach((cell, answer) => {
      cell.firstChild.addEventListener("click", () => {
        select(label, answer, true).setAttribute("aria-selected", "true");
        choose(label, answer);
      });
      cell.firstChild.addEventListener("keydown", (event) => {
        const arrow = ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        select(within(label + arrow[0]), within(answer + arrow[1]), true);
      });
    }),
  );
  select(0, 0, false);
  table.replaceChildren(head, body);
}

function cellOf(label, answer, count) {
  const button = made("button", { type: "button", textContent: count || "·", className: kindOf(label === answer, count) });
  button.setAttribute("aria-label", `${label} read as ${answer}: ${count}`);
  const cell = made("td", {}, button);
  cell.setAttribute("role", "gridcell");
  return cell;
}

function kindOf(right, count) {
  if (right) return "right";
  return count >= MANY ? "many" : count ? "some" : "";
}

function within(place) {
  return Math.min(CLASSES - 1, Math.max(0, place));
}
