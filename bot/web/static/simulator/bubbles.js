// The talk as bubbles: her words right, ours left, with what can be pressed below them.

import { $, clock, draw, el, icon, ours } from "./dom.js";

const BUTTONS = 3;
const BUTTON_LETTERS = 20;

// `act` takes what she does on a bubble: press(button, list), write(mediaId, text) and again(key).
export function drawTalk(talk, pending, act) {
  draw($("talk"), items(talk, pending), (item) => bubble(item, act));
}

function items(talk, pending) {
  const lastOurs = Math.max(0, ...talk.messages.filter((message) => message.by === "us").map(({ id }) => id));
  const shown = talk.messages.map((message) => ({
    ...message,
    key: message.id,
    mark: message.by === "us" ? null : message.id < lastOurs ? "read" : "ticks",
  }));
  const waiting = pending.map((item) => ({ ...item, by: "her", mark: item.lost ? "failed" : "clock" }));
  if (!shown.length && !waiting.length) return [{ key: "hint" }];
  const writing = talk.typing || waiting.some((item) => !item.lost);
  return [...shown, ...waiting, ...(writing ? [{ key: "writing" }] : [])];
}

function bubble(item, act) {
  if (item.key === "hint") return el("li", { class: "hint" }, "“नमस्ते” लिखिए, या जो बेचना है उसका फोटो भेजिए।");
  if (item.key === "writing") {
    const dots = el("li", { class: "bubble writing", "aria-label": "लिख रहा है" });
    dots.append(el("i"), el("i"), el("i"));
    return dots;
  }
  const lost = item.lost || ["failed", "undelivered", "dead", "cancelled"].includes(item.status);
  return el(
    "li",
    { class: `bubble ${item.by}${item.mark === "clock" ? " pending" : ""}${lost ? " lost" : ""}`, title: item.utter },
    pictures(item),
    ...sounds(item, act),
    item.location ? el("p", { class: "map" }, icon("pin"), item.location.join(", ")) : null,
    item.text ? el("p", { class: "text" }, item.text) : null,
    foot(item),
    choices(item, act),
    item.lost ? el("div", { class: "choices" }, resend(item, act)) : null,
  );
}

function pictures(item) {
  const photos = (item.media ?? []).filter((media) => media.kind === "photo");
  const addresses = [...photos.map((media) => ours(media.url) ?? media.url), ...(item.image ? [ours(item.image) ?? item.image] : [])];
  if (!addresses.length) return null;
  const words = item.by === "us" ? "हमारी भेजी तस्वीर" : "उसका भेजा फोटो";
  return el("div", { class: "pictures" }, ...addresses.map((src) => el("img", { src, alt: words, loading: "lazy" })));
}

function sounds(item, act) {
  const notes = (item.media ?? []).filter((media) => media.kind === "voice");
  const spoken = item.audio ? [el("audio", { controls: true, "aria-label": "बोला हुआ संदेश", src: ours(item.audio), preload: "none" })] : [];
  return [...spoken, ...notes.flatMap((note) => voice(note, act))];
}

function voice(note, act) {
  const src = ours(note.url) ?? note.url;
  const player = el("audio", { controls: true, "aria-label": "उसकी आवाज़", src, preload: "metadata" });
  if (note.transcript) return [player, el("p", { class: "heard" }, note.transcript)];
  return note.status === "stored" && note.seconds !== null ? [player, desk(note, act)] : [player];
}

// Until a machine listens, a person writes down what she said: here the one who tries the simulator.
function desk(note, act) {
  const words = el("input", { "aria-label": "आवाज़ में क्या कहा गया", autocomplete: "off" });
  const write = (event) => {
    event.preventDefault();
    if (words.value.trim()) act.write(note.id, words.value.trim());
  };
  return el(
    "form",
    { class: "desk", onsubmit: write },
    el("label", {}, "इसमें क्या कहा? (सुनने वाले की मेज़)"),
    el("div", {}, words, el("button", {}, "लिखें")),
  );
}

function foot(item) {
  const name = { read: "ticks", ticks: "ticks", clock: "clock", failed: "bang" }[item.mark];
  const words = { read: "पढ़ा गया", ticks: "पहुँच गया", clock: "जा रहा है", failed: "नहीं गया" }[item.mark];
  const mark = name ? el("span", { class: item.mark, role: "img", "aria-label": words }, icon(name)) : null;
  return el("p", { class: "foot" }, el("time", { datetime: item.at }, clock(item.at)), mark);
}

function resend(item, act) {
  return el("button", { type: "button", onclick: () => act.again(item.key) }, "फिर भेजें");
}

function choices(item, act) {
  const buttons = item.buttons ?? [];
  if (!buttons.length) return null;
  const short = buttons.length <= BUTTONS && buttons.every((button) => [...button.title].length <= BUTTON_LETTERS);
  if (!short) {
    const open = () => openMenu(buttons, (button) => act.press(button, true));
    return el("div", { class: "choices" }, el("button", { type: "button", onclick: open }, icon("list"), "सूची देखिए"));
  }
  const made = buttons.map((button) =>
    el("button", { type: "button", onclick: () => act.press(button, false) }, button.title),
  );
  return el("div", { class: "choices" }, ...made);
}

function openMenu(buttons, chosen) {
  const menu = $("menu");
  $("rows").replaceChildren(...buttons.map((button, at) => el("button", { value: String(at) }, button.title)));
  menu.returnValue = "";
  menu.onclose = () => menu.returnValue !== "" && chosen(buttons[Number(menu.returnValue)]);
  menu.showModal();
}
