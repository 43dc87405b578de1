// The phone with keys: she reads a small screen and presses digits, or letters by pressing again.

import { $, clock, draw, el } from "./dom.js";

const AGAIN_MS = 900;
const ONE_SMS = 160;

export function drawInbox(talk, pending) {
  const waiting = pending.map((item) => ({ ...item, by: "her" }));
  const items = [...talk.messages.map((message) => ({ ...message, key: message.id })), ...waiting];
  draw($("inbox"), items.length ? items : [{ key: "hint" }], line);
}

function line(item) {
  if (item.key === "hint") return el("li", { class: "us" }, "SMS nahi hai.\nBECHNA likhkar bhejiye.");
  const note = item.by === "us" ? `${clock(item.at)} · ${item.parts} SMS` : item.lost ? "nahi gaya" : clock(item.at);
  return el("li", { class: item.by, title: item.utter }, item.text, el("small", {}, note));
}

export function openKeypad(send) {
  const words = $("sms-words");
  let letters = false;
  let last = { key: null, at: 0, turn: 0 };

  const count = () => { $("room").textContent = String(ONE_SMS - ([...words.value].length % ONE_SMS)); };
  const put = (value) => { words.value = value; count(); };

  function submit(event) {
    event?.preventDefault();
    if (words.value.trim()) send({ text: words.value.trim() });
    put("");
  }

  function press(key, group) {
    if (!letters || !group) { last.key = null; return put(words.value + key); }
    const now = performance.now();
    const again = last.key === key && now - last.at < AGAIN_MS;
    const turn = again ? (last.turn + 1) % group.length : 0;
    last = { key, at: now, turn };
    put((again ? words.value.slice(0, -1) : words.value) + group[turn]);
  }

  const doing = {
    send: submit,
    clear: () => { last.key = null; put(words.value.slice(0, -1)); },
    mode: () => { letters = !letters; $("mode").textContent = letters ? "abc" : "123"; },
  };
  document.querySelector(".keys").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do) doing[button.dataset.do]();
    else press(button.dataset.key, button.dataset.letters);
  });
  $("sms-form").addEventListener("submit", submit);
  words.addEventListener("input", count);
}
