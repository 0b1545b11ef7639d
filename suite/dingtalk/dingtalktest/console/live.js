// Keeps the page current and presses its buttons without reloading it, so that
// scroll position and keyboard focus stay. Without this script the page reloads
// itself, and its buttons are plain forms.

const problem = document.getElementById("problem");
let turns = 0; // requests sent
let shown = 0; // the turn of the newest answer on the page
const every = Number(document.body.dataset.refresh) * 1000;

// show puts what the server sent in the place of what is shown. Whoever selects
// text keeps it until the selection ends.
function show(html, force) {
  if (!force && !document.getSelection().isCollapsed) return;
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!next) return;
  const focused = document.activeElement.closest("main :is(a, button)");
  const where = focused && placeOf(focused);
  document.querySelector("main").replaceWith(next);
  if (where) [...next.querySelectorAll("a, button")].find((b) => placeOf(b) === where)?.focus({ preventScroll: true });
}

// placeOf tells which link or button of the page it is; the one that starts a
// fault and the one that ends it stand in the same place.
function placeOf(button) {
  if (!button.form) return button.href;
  const { suite, corp } = button.form.elements;
  return [suite?.value, corp?.value, button.value.replace(/^(start|end)\//, "")].join(" ");
}

async function ask(request, force) {
  const turn = ++turns;
  try {
    const answer = await fetch(...request);
    const text = await answer.text();
    if (turn < shown) return; // a later one was faster
    shown = turn;
    problem.textContent = answer.ok ? "" : text;
    if (answer.ok) show(text, force);
  } catch {
    problem.textContent = document.documentElement.lang === "en" ? "The stand-in does not answer." : "模拟服务没有应答。";
  }
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  ask([event.target.action, { method: "POST", body: new URLSearchParams(form) }], true);
});

if (every) setInterval(() => document.hidden || ask([location.pathname]), every);
