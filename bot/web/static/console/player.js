// A voice note: play, three seconds back, slower and faster, and where in it one is.
"use strict";

const RATES = [1, 1.25, 1.5, 0.75];
const text = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function button(label, said, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.setAttribute("aria-label", said);
  made.addEventListener("click", act);
  return made;
}

function equip(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  const audio = box.querySelector("audio");
  const wave = box.querySelector(".wave");
  const length = box.querySelector(".length");
  const whole = length?.textContent;
  audio.controls = false;
  const play = button("▶", "▶", () => box.toggle());
  play.className = "play";
  const slower = button("1×", "1×", () => box.rate(1));
  slower.className = "rate";
  box.prepend(play);
  box.append(slower);
  let done = null;
  if (wave) {
    done = wave.querySelector("path").cloneNode();
    done.classList.add("done");
    wave.append(done);
    wave.addEventListener("click", (event) => {
      const at = wave.getBoundingClientRect();
      if (audio.duration) audio.currentTime = (audio.duration * (event.clientX - at.left)) / at.width;
    });
  }
  box.toggle = () => {
    if (!audio.paused) return audio.pause();
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    audio.play().catch(() => {});
  };
  box.back = (seconds) => {
    audio.currentTime = Math.max(0, audio.currentTime - seconds);
  };
  box.rate = (step) => {
    const place = [...RATES].sort((a, b) => a - b);
    const here = place.indexOf(audio.playbackRate);
    const next = step === 0 ? 1 : place[(here + step + place.length) % place.length];
    audio.playbackRate = next;
    slower.textContent = `${next}×`;
  };
  const shown = () => {
    play.textContent = audio.paused ? "▶" : "❚❚";
    play.setAttribute("aria-pressed", String(!audio.paused));
  };
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, shown);
  audio.addEventListener("timeupdate", () => {
    if (length) length.textContent = audio.currentTime ? text(audio.currentTime) : whole;
    if (done && audio.duration) {
      const part = (100 * audio.currentTime) / audio.duration;
      done.style.clipPath = `inset(0 ${100 - part}% 0 0)`;
    }
  });
  if (done) done.style.clipPath = "inset(0 100% 0 0)";
}

window.equipPlayers = () => document.querySelectorAll("[data-player]").forEach(equip);
window.equipPlayers();
