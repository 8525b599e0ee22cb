/** Links to the parts of the page, below its heading. */
import { register } from "../page.js";
import { made } from "./elements.js";

register(parts);

function parts() {
  const links = [...document.querySelectorAll("main > section")].map((section) =>
    made("a", { href: `#${section.id}`, textContent: section.querySelector("h2").textContent }),
  );
  const list = made("nav", { id: "served-parts" }, ...links);
  list.setAttribute("aria-label", "Parts of the page");
  document.querySelector("header").append(list);
}
