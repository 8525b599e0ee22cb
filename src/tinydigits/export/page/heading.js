/** The heading of the page: which net reads. */
import { register } from "./page.js";

register(heading);

function heading(page) {
  const [title, about] = [document.querySelector("h1"), document.getElementById("about")];
  const first = about.textContent;
  page.on("net", () => {
    title.textContent = document.title = `${page.network.name} reads digits`;
    about.textContent = page.network.about ?? first;
  });
}
