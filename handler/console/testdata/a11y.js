// What a page has to keep to so that everybody can use it, as far as a program
// can tell. The tests evaluate this file in a page and then ask
// a11y.check({lang, width}); a finding is {rule, where, why}.
globalThis.a11y = (() => {
  // A rule yields what breaks it: an element, and why.
  const rules = {
    *lang(want) {
      const root = document.documentElement;
      if (root.lang !== want.lang) yield [root, `lang is "${root.lang}", want "${want.lang}"`];
      for (const el of all("[lang='']")) yield [el, "lang is empty"];
      if (!document.title.trim()) yield [root, "the page has no title"];
    },

    *headings() {
      const list = all("h1, h2, h3, h4, h5, h6").filter(rendered);
      const first = list.filter((h) => h.localName === "h1").length;
      if (first !== 1) yield [document.body, `there are ${first} h1, want 1`];
      let last = 0;
      for (const h of list) {
        const level = Number(h.localName[1]);
        if (level > last + 1) yield [h, `h${level} follows h${last}`];
        if (!contents(h)) yield [h, "the heading is empty"];
        last = level;
      }
    },

    *landmarks() {
      const inner = "main, article, aside, nav, section";
      const outermost = (name) => all(name).filter((el) => rendered(el) && !el.parentElement.closest(inner));
      const mains = all("main").filter(rendered);
      for (const [name, { length: n }] of Object.entries({ main: mains, header: outermost("header"), footer: outermost("footer") })) {
        if (n !== 1) yield [document.body, `there are ${n} ${name} of the page, want 1`];
      }
      const names = all("nav").filter(rendered).map(nameOf);
      if (names.length > 1 && (names.includes("") || new Set(names).size < names.length)) {
        yield [document.body, `nav cannot be told apart: ${names.map((n) => `"${n}"`).join(", ")}`];
      }
      for (const { el } of texts()) {
        if (!el.closest("main, header, footer, nav, aside, a[href^='#']")) yield [el, "stands outside of every landmark"];
      }
    },

    *label() {
      for (const el of all(fields).filter(rendered)) {
        if (!referred(el, "aria-labelledby") && !el.ariaLabel?.trim() && ![...el.labels].some(contents)) yield [el, "has no label"];
      }
    },

    *name() {
      for (const el of all("a[href], button, input[type=submit], input[type=button], summary, [role=img], [role=region], progress, meter").filter(rendered)) {
        if (!nameOf(el)) yield [el, "has no name"];
      }
    },

    *alt() {
      for (const el of all("img:not([alt])")) yield [el, "has no alt"];
      for (const el of all("svg")) {
        if (el.ariaHidden !== "true" && !el.closest("[aria-hidden=true]") && el.getAttribute("role") !== "img") {
          yield [el, "is neither aria-hidden nor an img with a name"];
        }
      }
    },

    *table() {
      for (const el of all("table").filter(rendered)) {
        if (!el.querySelector("th")) yield [el, "has no headers"];
        if (!nameOf(el)) yield [el, "has no name: neither a caption nor aria-label"];
      }
      for (const el of all("th:not([scope])").filter(rendered)) yield [el, "has no scope"];
    },

    *ids() {
      const seen = new Set();
      for (const el of all("[id]")) {
        if (seen.has(el.id)) yield [el, `the id "${el.id}" is there twice`];
        seen.add(el.id);
      }
      for (const attribute of ["for", "list", "aria-labelledby", "aria-describedby", "aria-controls"]) {
        for (const el of all(`[${attribute}]`)) {
          const lost = el.getAttribute(attribute).split(/\s+/).filter((id) => !seen.has(id));
          if (lost.length) yield [el, `${attribute} names "${lost}", which is not there`];
        }
      }
      for (const el of all("a[href^='#']")) {
        if (!seen.has(decodeURIComponent(el.hash.slice(1)))) yield [el, `${el.hash} is not there`];
      }
    },

    *order() {
      for (const el of all("[tabindex]")) {
        if (el.tabIndex > 0) yield [el, "has a place of its own in the order of Tab"];
      }
      for (const el of all("[aria-hidden=true]").flatMap((hidden) => [hidden, ...hidden.querySelectorAll(stops)])) {
        if (el.matches(stops)) yield [el, "can have the focus but is hidden from screen readers"];
      }
    },

    *contrast() {
      for (const { el, pseudo } of texts()) {
        const style = getComputedStyle(el, pseudo);
        const { ink, ground, picture } = paint(el, pseudo);
        if (picture) {
          yield [el, "stands on a picture"];
          continue;
        }
        const size = parseFloat(style.fontSize);
        const want = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        const got = ratio(ink, ground);
        if (got < want) yield [el, `the contrast is ${got.toFixed(2)}, want ${want}: ${hex(ink)} on ${hex(ground)}`];
      }
    },

    *target() {
      for (const el of all(`a[href], button, summary, ${fields}`).filter(rendered)) {
        const { width, height } = el.getBoundingClientRect();
        if (Math.min(width, height) < 23.5 && !inText(el)) yield [el, `is ${Math.round(width)} x ${Math.round(height)} px, want 24 each way`];
      }
    },

    *width(want) {
      if (document.documentElement.scrollWidth <= want.width) return;
      const wide = all("body *").filter((el) => rendered(el) && el.getBoundingClientRect().right + scrollX > want.width + 0.5);
      for (const el of wide.filter((el) => !wide.some((other) => el !== other && el.contains(other)))) {
        yield [el, `makes the page wider than its window of ${want.width} px`];
      }
    },

    *clipped() {
      for (const el of all("body *").filter((el) => rendered(el) && !el.closest(".sr, svg, input, select, textarea, option"))) {
        const style = getComputedStyle(el);
        const cut = (overflow, contents, box) => ["hidden", "clip"].includes(overflow) && contents > box + 1;
        if (unseen(el)) continue;
        if (cut(style.overflowX, el.scrollWidth, el.clientWidth)) yield [el, "cuts off its contents at the side"];
        if (cut(style.overflowY, el.scrollHeight, el.clientHeight)) yield [el, "cuts off its contents below"];
      }
    },

    *inline() {
      for (const el of all("[style], style, script:not([src]), [href^='javascript:']")) yield [el, "needs what the content security policy forbids"];
      for (const el of all("*")) {
        for (const name of el.getAttributeNames().filter((n) => n.startsWith("on"))) yield [el, `has the attribute ${name}`];
      }
    },
  };

  const fields = "input:not([type=hidden], [type=submit], [type=button]), select, textarea";
  const controls = `a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary, [role=button], [role=link]`;
  const stops = `${controls}, [tabindex]:not([tabindex^="-"])`;

  function all(selector) {
    return [...document.querySelectorAll(selector)];
  }

  function rendered(el) {
    return el.checkVisibility({ visibilityProperty: true });
  }

  // unseen tells of what is there for screen readers alone.
  function unseen(el) {
    for (; el; el = el.parentElement) {
      if (getComputedStyle(el).clipPath === "inset(50%)") return true;
    }
    return false;
  }

  function seen(el) {
    const { width, height } = el.getBoundingClientRect();
    return width > 0 && height > 0 && el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !unseen(el);
  }

  // texts are the places where something can be read: elements with text of
  // their own, fields, and what style sheets put before and after elements.
  // What cannot be used now may be faint.
  function texts() {
    const list = [];
    for (const el of all("body, body *")) {
      if (!seen(el) || el.closest("script, svg, :disabled")) continue;
      const own = [...el.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
      if (own || el.matches(fields)) list.push({ el });
      for (const pseudo of ["::before", "::after"]) {
        if (!["none", "normal", '""'].includes(getComputedStyle(el, pseudo).content)) list.push({ el, pseudo });
      }
      if (el.placeholder) list.push({ el, pseudo: "::placeholder" });
    }
    return list;
  }

  // inText tells of links within a sentence: their size is that of the line.
  function inText(el) {
    if (el.localName !== "a" || getComputedStyle(el).display !== "inline") return false;
    let block = el.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return block.innerText.trim() !== el.innerText.trim();
  }

  // nameOf is what a screen reader calls an element.
  function nameOf(el) {
    return referred(el, "aria-labelledby") || el.ariaLabel?.trim() || el.caption?.innerText.trim() ||
      (el.labels?.length && contents(el.labels[0])) || (el.matches("input") && el.value.trim()) ||
      (!el.matches("nav, table, [role=region], [role=img]") && contents(el)) || el.title?.trim?.() || "";
  }

  function referred(el, attribute) {
    const ids = el.getAttribute(attribute)?.split(/\s+/) ?? [];
    return ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
  }

  // contents is the text in an element as a screen reader says it.
  function contents(el) {
    let text = "";
    for (const node of el.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      if (node.nodeType !== Node.ELEMENT_NODE || node.ariaHidden === "true" || !rendered(node)) continue;
      text += " " + (node.alt ?? node.ariaLabel ?? contents(node));
    }
    return text.trim();
  }

  // paint returns in which colours the text of an element comes out: the
  // backgrounds of all around it lie under each other, and each may be
  // translucent as a whole.
  function paint(el, pseudo) {
    const layers = pseudo ? [getComputedStyle(el, pseudo)] : [];
    for (let at = el; at; at = at.parentElement) layers.unshift(getComputedStyle(at));
    let picture = false;
    const lay = (i, below) => {
      const style = layers[i];
      const own = color(style.backgroundColor);
      if (own[3] === 1) picture = false;
      if (style.backgroundImage !== "none") picture = true;
      const mine = over(own, below);
      const { ink, ground } = i + 1 < layers.length ? lay(i + 1, mine) : { ink: over(color(style.color), mine), ground: mine };
      const fade = ([r, g, b]) => over([r, g, b, Number(style.opacity)], below);
      return { ink: fade(ink), ground: fade(ground) };
    };
    return { ...lay(0, canvas()), picture };
  }

  // canvas is the colour below everything.
  function canvas() {
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
    return dark ? [18, 18, 18, 1] : [255, 255, 255, 1];
  }

  function over([r, g, b, a], [r2, g2, b2]) {
    const mix = (top, bottom) => top * a + bottom * (1 - a);
    return [mix(r, r2), mix(g, g2), mix(b, b2), 1];
  }

  function color(text) {
    const n = text.match(/[\d.]+(?:e-?\d+)?/g)?.map(Number) ?? [];
    if (/^rgba?\(/.test(text)) return [n[0], n[1], n[2], n[3] ?? 1];
    if (text.startsWith("color(srgb ")) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
    throw new Error(`the colour ${text} is of a kind that is not known here`);
  }

  function ratio(a, b) {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  }

  function luminance(rgb) {
    const [r, g, b] = rgb.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function hex(rgb) {
    return "#" + rgb.slice(0, 3).map((v) => Math.round(v).toString(16).padStart(2, "0")).join("");
  }

  function describe(el) {
    const id = el.id ? `#${el.id}` : "";
    const classes = [...el.classList].map((c) => `.${c}`).join("");
    const text = (el.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${el.localName}${id}${classes}${text && ` "${text}"`}`;
  }

  const finding = (rule, [el, why]) => ({ rule, where: describe(el), why });

  const reached = new Map(); // by Tab: elements, and what is wrong with how their focus shows

  // unclear tells what is wrong with how an element shows that it has the
  // focus.
  function unclear(el) {
    const style = getComputedStyle(el);
    const box = el.getBoundingClientRect();
    if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0) return "has the focus outside of the page";
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "does not show that it has the focus";
    const { ground } = paint(el.parentElement ?? el);
    const got = ratio(over(color(style.outlineColor), ground), ground);
    return got < 3 ? `shows its focus with a contrast of ${got.toFixed(2)}, want 3` : "";
  }

  return {
    rules: () => [...Object.keys(rules), "reach", "focus"],

    check: (want) => Object.entries(rules).flatMap(([rule, broken]) => [...broken(want)].map((found) => finding(rule, found))),

    // watchFocus begins to note where Tab leads, and returns how many places
    // there are to lead to.
    watchFocus() {
      document.addEventListener("focusin", ({ target }) => reached.set(target, unclear(target)));
      document.activeElement?.blur();
      return all(stops).filter(rendered).length;
    },

    // focusFindings are those of what Tab reached since then, and did not.
    focusFindings() {
      const missed = all(stops).filter((el) => rendered(el) && !reached.has(el));
      const faint = [...reached].filter(([, why]) => why);
      return [...missed.map((el) => finding("reach", [el, "Tab does not lead to it"])), ...faint.map((found) => finding("focus", found))];
    },
  };
})();
