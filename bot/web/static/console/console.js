// Unsent forms survive a lost network, and a form is sent once. Without this file all pages work too.
"use strict";

const store = window.sessionStorage;
const kept = (form) => `form:${document.body.dataset.who || ""}:${location.pathname}:${form.dataset.keep}`;
const fields = (form) =>
  [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type));
const switched = (field) => field.type === "checkbox" || field.type === "radio";

function remember(form) {
  const values = fields(form).map((field) => [field.name, switched(field) ? field.checked : field.value]);
  try {
    store.setItem(kept(form), JSON.stringify(values));
  } catch {
    // A full or forbidden store: the form works as any other.
  }
}

function restore(form) {
  let values;
  try {
    values = JSON.parse(store.getItem(kept(form)) || "null");
  } catch {
    values = null;
  }
  if (!values) return;
  fields(form).forEach((field, place) => {
    const [name, value] = values[place] || [];
    if (name !== field.name) return;
    if (switched(field)) field.checked = value;
    else if (!field.value || field.value === field.defaultValue) field.value = value;
  });
}

function network() {
  document.getElementById("offline").hidden = navigator.onLine;
}

// The page after a form says which one the server has taken: only then is it forgotten.
const taken = document.querySelector("[data-taken]");
if (taken) {
  for (const key of Object.keys(store)) {
    if (key.startsWith("form:") && key.endsWith(`:${taken.dataset.taken}`)) store.removeItem(key);
  }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  restore(form);
  form.addEventListener("input", () => remember(form));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (!navigator.onLine) {
    event.preventDefault();
    network();
    document.getElementById("offline").scrollIntoView({ block: "nearest" });
    return;
  }
  if (form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
// Back from the next page, the browser shows this one as it was: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.dataset?.keep) store.removeItem(kept(event.target));
});

window.addEventListener("online", network);
window.addEventListener("offline", network);
network();
