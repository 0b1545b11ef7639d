// The one script of the console. Pages work without it; with it they stay up
// to date: the page asks for itself as an event stream, and the server sends
// its contents anew whenever they change.

const live = document.querySelector("#live[data-live]");
const link = document.querySelector("#link");

// How long to wait before asking again after the server refused a stream.
const refusedPause = 15_000;

let source;

// A button that copies what stands in another element is of use only here.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break; // over plain HTTP from afar there is none
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}

if (live && "EventSource" in window) {
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", follow);
  follow();
}

// A browser keeps few connections to one server, so pages that nobody sees
// have none.
function follow() {
  if (document.hidden) {
    stop();
  } else if (!source) {
    start();
  }
}

function stop() {
  source?.close();
  source = undefined;
}

function start() {
  const own = new EventSource(location.pathname + location.search);
  source = own;
  own.addEventListener("open", () => tell(true));
  own.addEventListener("page", (e) => {
    morph(live, parse(e.data));
    retitle();
  });
  own.addEventListener("end", () => location.reload()); // the session has ended: the server asks to sign in
  own.addEventListener("error", () => {
    tell(false);
    if (own.readyState === EventSource.CLOSED && source === own) {
      stop();
      setTimeout(follow, refusedPause);
    }
  });
}

function tell(on) {
  if (!link) return;
  link.hidden = false;
  link.classList.toggle("on", on);
  const words = on ? link.dataset.up : link.dataset.down;
  if (link.textContent !== words) link.textContent = words;
}

// retitle has the title of the page count the alerts that are shown.
function retitle() {
  const counted = live.querySelector("[data-alerts]");
  if (!counted) return;
  const n = Number(counted.dataset.alerts);
  document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

function parse(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return parsed.body;
}

// morph makes the children of one node those of another and keeps every node
// that is the same already, so focus, scrolling, what is selected, typed or
// unfolded stay as they are.
function morph(from, to) {
  let old = from.firstChild;
  for (const next of [...to.childNodes]) {
    const match = find(old, next);
    if (!match) {
      from.insertBefore(document.importNode(next, true), old);
      continue;
    }
    while (old !== match) old = drop(old);
    old = match.nextSibling;
    update(match, next);
  }
  while (old) old = drop(old);
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// find looks for the node that next is the new form of, from old on. Nodes
// with a key match their like wherever it is; others only what stands there.
function find(old, next) {
  const key = keyOf(next);
  for (let node = old; node; node = node.nextSibling) {
    if (alike(node, next)) return node;
    if (!key && node.nodeType === next.nodeType && !keyOf(node)) return undefined;
  }
  return undefined;
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.key || "" : "";
}

function update(node, next) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== next.data) node.data = next.data;
    return;
  }
  // What a person is filling in is theirs.
  if (node.matches("form[data-keep]")) return;
  for (const { name } of [...node.attributes]) {
    if (name !== "open" && !next.hasAttribute(name)) node.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== "open" && node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  morph(node, next);
}
