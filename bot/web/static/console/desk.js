// The desk by keyboard: listen, type, choose a word, send; the note stays hers while the page is open.
"use strict";

const note = document.querySelector("[data-note]");
if (note) {
  const EVERY = 60000;
  const BACK = 3;
  const player = note.querySelector("[data-player]");
  const field = document.getElementById("f-text");
  const form = document.getElementById("words");
  const heard = document.getElementById("heard");
  const lost = document.getElementById("lost");

  const options = () => [...heard.querySelectorAll("[role=option]")];
  const chosen = () => heard.querySelector('[aria-selected="true"]');

  function choose(step) {
    const all = options();
    if (!all.length) return false;
    const here = all.indexOf(chosen());
    const next = here + step;
    all.forEach((each, place) => each.setAttribute("aria-selected", String(place === next)));
    if (all[next]) field.setAttribute("aria-activedescendant", all[next].id);
    else field.removeAttribute("aria-activedescendant");
    return true;
  }

  function take(option) {
    const word = option.querySelector("button").dataset.word;
    field.value = `${field.value.replace(/\S+$/, "")}${word} `;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  function listen(event) {
    const inField = event.target === field;
    const free = event.ctrlKey || !inField || field.value === "";
    if (event.key === " " && free && event.target.tagName !== "BUTTON") player.toggle();
    else if (event.key === "ArrowLeft" && free) player.back(BACK);
    else if (event.key === "ArrowUp" && event.ctrlKey) player.rate(1);
    else if (event.key === "ArrowDown" && event.ctrlKey) player.rate(-1);
    else if (event.key === "+" && !inField) player.rate(1);
    else if (event.key === "-" && !inField) player.rate(-1);
    else if (event.key === "F8") document.getElementById("unheard").requestSubmit();
    else if (event.key === "F9") document.getElementById("skip").requestSubmit();
    else return false;
    return true;
  }

  function type(event) {
    if (event.target !== field || event.isComposing) return false;
    if (event.key === "ArrowDown") return choose(1);
    if (event.key === "ArrowUp") return choose(-1);
    if (event.key === "Escape" && chosen()) return choose(-1 - options().indexOf(chosen()));
    if ((event.key === "Enter" || event.key === "Tab") && chosen()) take(chosen());
    else if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (!event.altKey && (listen(event) || type(event))) event.preventDefault();
  });
  heard.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  document.addEventListener("htmx:afterSwap", () => {
    field.setAttribute("aria-expanded", String(options().length > 0));
    field.removeAttribute("aria-activedescendant");
  });

  async function renew() {
    const body = new FormData();
    for (const name of ["csrf_token", "claim"]) body.set(name, form.elements[name].value);
    try {
      const answer = await fetch(note.dataset.renew, { method: "POST", body, headers: { "HX-Request": "true" } });
      const { wrong } = answer.status === 200 || answer.status === 409 ? await answer.json() : { wrong: null };
      lost.hidden = !wrong;
      lost.textContent = wrong || "";
    } catch {
      // Without a network the claim may run out; it still counts while nobody else has the note.
    }
    setTimeout(renew, EVERY);
  }
  setTimeout(renew, EVERY);
  // What was typed before the network went is read to the bot again.
  const again = () => field.value && !heard.children.length && htmx.trigger(field, "kept");
  document.addEventListener("htmx:load", again, { once: true });
}
