// Small ways to make elements; text always goes in as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// The newest stays in sight when messages, pictures or the keyboard come, unless she has scrolled up to read.
export function keepEnd(list) {
  let atEnd = true;
  const down = () => { if (atEnd) list.scrollTop = list.scrollHeight; };
  list.addEventListener("scroll", () => { atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120; });
  list.addEventListener("load", down, true);
  new MutationObserver(() => requestAnimationFrame(down)).observe(list, { childList: true });
  new ResizeObserver(down).observe(list);
}

// Draw only what changed: an unchanged item keeps its element, with its focus, its sound and its half-typed words.
export function draw(list, items, make) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const key = String(item.key);
    const drawn = JSON.stringify(item);
    const before = old.get(key);
    if (before && before.drawn === drawn) return before;
    const made = make(item);
    made.dataset.key = key;
    made.drawn = drawn;
    return made;
  });
  const kept = new Set(wanted);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, position) => {
    if (list.children[position] !== child) list.insertBefore(child, list.children[position] ?? null);
  });
}

// Addresses of our own house work from wherever the page was opened.
export function ours(address) {
  if (!address) return null;
  const url = new URL(address, location.href);
  return /^\/(simulator\/media|media|static)\//.test(url.pathname) ? url.pathname : null;
}

export function clock(at) {
  return new Date(at).toLocaleTimeString("hi-IN-u-nu-latn", { hour: "numeric", minute: "2-digit" });
}
