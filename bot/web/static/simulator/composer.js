// Where she writes, picks photos, speaks, and shows where she is.

import { $, el, icon } from "./dom.js";
import { Recorder } from "./recorder.js";

const PHOTOS = 10;

// `send` takes (fields, files); `complain` takes words for the person before the page.
export function openComposer(send, complain) {
  const words = $("words");
  let photos = [];

  function refresh() {
    const something = words.value.trim() !== "" || photos.length > 0;
    $("send").hidden = !something;
    $("mic").hidden = something;
  }

  function drawTray() {
    $("tray").hidden = photos.length === 0;
    $("tray").replaceChildren(...photos.map((photo) => {
      const drop = () => { photos = photos.filter((other) => other !== photo); drawTray(); };
      const off = el("button", { type: "button", "aria-label": `${photo.name} हटाएँ`, onclick: drop }, icon("close"));
      return el("li", {}, el("img", { src: URL.createObjectURL(photo), alt: photo.name }), off);
    }));
    words.placeholder = photos.length ? "फोटो के साथ कुछ लिखिए" : "संदेश लिखिए";
    refresh();
  }

  function submit(event) {
    event?.preventDefault();
    const text = words.value.trim();
    if (!text && !photos.length) return;
    const files = photos;
    photos = [];
    words.value = "";
    drawTray();
    send(text ? { text } : {}, files);
  }

  words.addEventListener("input", refresh);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  words.addEventListener("paste", (event) => take([...event.clipboardData.files]));
  $("composer").addEventListener("submit", submit);

  function take(files) {
    photos = [...photos, ...files.filter((file) => file.type.startsWith("image/"))].slice(0, PHOTOS);
    drawTray();
  }

  openKinds();
  $("photos").addEventListener("change", (event) => { take([...event.target.files]); event.target.value = ""; words.focus(); });
  $("sound").addEventListener("change", (event) => { send({}, [...event.target.files]); event.target.value = ""; });
  $("talk").addEventListener("dragover", (event) => event.preventDefault());
  $("talk").addEventListener("drop", (event) => { event.preventDefault(); take([...event.dataTransfer.files]); });
  openPlaces(send);
  openRecorder(send, complain);
}

function openKinds() {
  const kinds = $("kinds");
  const show = (open) => {
    kinds.hidden = !open;
    $("attach").setAttribute("aria-expanded", String(open));
  };
  $("attach").addEventListener("click", () => show(kinds.hidden));
  kinds.addEventListener("change", () => show(false));
  $("pin").addEventListener("click", () => show(false));
  document.addEventListener("click", (event) => { if (!event.target.closest(".attach")) show(false); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !kinds.hidden) { show(false); $("attach").focus(); }
  });
}

function openPlaces(send) {
  const places = $("places");
  $("pin").addEventListener("click", () => { places.returnValue = ""; places.showModal(); });
  places.addEventListener("close", () => {
    const [latitude, longitude] = places.returnValue.split(",");
    if (longitude) send({ latitude, longitude });
  });
}

function openRecorder(send, complain) {
  const bar = (open) => { $("recording").hidden = !open; $("composer").hidden = open; };
  const recorder = new Recorder((seconds) => {
    $("seconds").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  });
  $("mic").addEventListener("click", async () => {
    try {
      await recorder.start();
      bar(true);
      $("record-send").focus();
    } catch {
      complain("माइक नहीं खुला। ＋ से आवाज़ की फ़ाइल चुनिए।");
    }
  });
  $("record-cancel").addEventListener("click", () => { recorder.stop(); bar(false); $("mic").focus(); });
  $("record-send").addEventListener("click", async () => {
    const note = await recorder.stop();
    bar(false);
    $("mic").focus();
    if (note.size) send({}, [note]);
  });
}
