// Ties the page together: which phone, which number, and a look at the talk every 700 ms.

import { drawTalk } from "./bubbles.js";
import { openComposer } from "./composer.js";
import { $, keepEnd } from "./dom.js";
import { drawInbox, openKeypad } from "./keypad.js";
import { Line } from "./line.js";
import { drawSide } from "./listing.js";

const EVERY_MS = 700;
const EMPTY = { messages: [], typing: false, draft: { flow: null, asks: null, language: null, answers: [] }, listings: [] };

// Each browser tab is a person of its own, also after it is loaded again.
const remembered = (name, otherwise) => sessionStorage.getItem(name) ?? otherwise;
const stranger = () => String(crypto.getRandomValues(new Uint32Array(1))[0] % 100000).padStart(5, "0");

let channel = remembered("channel", "whatsapp");
let digits = remembered("digits", stranger());
let line;
let pending = [];
let serial = 0;
const actions = new WeakMap();

function redraw() {
  const talk = line.talk ?? EMPTY;
  if (channel === "whatsapp") drawTalk(talk, pending, { press, write, again });
  else drawInbox(talk, pending);
  drawSide(talk);
}

function call() {
  sessionStorage.setItem("channel", channel);
  sessionStorage.setItem("digits", digits);
  line = new Line(channel, `+9199999${digits}`);
  pending = [];
  $("digits").value = digits;
  for (const name of ["whatsapp", "sms"]) {
    const chosen = name === channel;
    $(name).hidden = !chosen;
    $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
  }
  complain("");
  redraw();
  look();
}

async function look() {
  const mine = line;
  try {
    if ((await mine.read()) && mine === line) redraw();
    $("presence").textContent = "ऑनलाइन";
  } catch {
    $("presence").textContent = "सेवा बंद है, फिर कोशिश हो रही है…";
  }
}

function complain(words) {
  for (const id of ["trouble", "sms-trouble"]) {
    $(id).textContent = words;
    $(id).hidden = !words;
  }
}

// Her action is on the screen at once; it makes room for the stored one when the house has taken it.
async function send(fields, files = []) {
  const echo = { key: `p${++serial}`, text: fields.title ?? fields.text ?? "", at: new Date().toISOString(), media: shown(files) };
  if (fields.latitude) echo.location = [fields.latitude, fields.longitude];
  await deliver(echo, [fields, files]);
}

async function deliver(echo, action) {
  const mine = line;
  pending.push(echo);
  actions.set(echo, action);
  complain("");
  redraw();
  for (const list of [$("talk"), $("inbox")]) list.scrollTop = list.scrollHeight;
  try {
    await mine.say(...action);
    await mine.read();
    pending = pending.filter((item) => item !== echo);
  } catch (error) {
    echo.lost = true;
    complain(`नहीं गया: ${error.message}`);
  }
  if (mine === line) redraw();
}

function again(key) {
  const echo = pending.find((item) => item.key === key);
  pending = pending.filter((item) => item !== echo);
  deliver({ ...echo, lost: false }, actions.get(echo));
}

function shown(files) {
  return files.map((file) => ({
    kind: file.type.startsWith("image/") ? "photo" : "voice",
    url: URL.createObjectURL(file),
  }));
}

function press(button, fromList) {
  send({ payload: button.payload, title: button.title, list: fromList ? "1" : "0" });
}

async function write(mediaId, text) {
  try {
    await line.write(mediaId, text);
  } catch (error) {
    complain(`नहीं लिखा गया: ${error.message}`);
  }
  look();
}

function openTabs() {
  for (const name of ["whatsapp", "sms"]) {
    $(`tab-${name}`).addEventListener("click", () => { channel = name; call(); });
  }
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    channel = channel === "whatsapp" ? "sms" : "whatsapp";
    call();
    $(`tab-${channel}`).focus();
  });
}

function openWho() {
  const choose = (wanted) => { digits = wanted; call(); };
  $("stranger").addEventListener("click", () => choose(stranger()));
  $("digits").addEventListener("change", (event) => { if (event.target.reportValidity()) choose(event.target.value); });
  $("who").addEventListener("submit", (event) => event.preventDefault());
}

keepEnd($("talk"));
keepEnd($("inbox"));
openTabs();
openWho();
openComposer(send, complain);
openKeypad(send);
call();
setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
