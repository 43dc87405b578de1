// New messages and ticks come by themselves, every five seconds while somebody looks, and later when the network is bad.
"use strict";

{
  const SOON = 5000;
  const LATEST = 60000;
  const list = document.getElementById("messages");
  const lost = document.getElementById("lost");
  const changed = document.getElementById("changed");
  let tag = `"${list.dataset.tag}"`;
  let last = Number(list.dataset.last);
  let wait = SOON;
  let timer = null;

  const low = () => window.innerHeight + window.scrollY >= document.body.scrollHeight - 240;
  const down = () => window.scrollTo(0, document.body.scrollHeight);
  const busy = (item) => item.contains(document.activeElement) || [...item.querySelectorAll("audio")].some((a) => !a.paused);

  function merge(html) {
    const come = new DOMParser().parseFromString(html, "text/html").getElementById("live");
    if (!come) return;
    const atEnd = low();
    for (const item of come.querySelectorAll("ol > li.b")) {
      const old = document.getElementById(item.id);
      if (!old) {
        list.querySelector(".empty")?.remove();
        list.append(item);
      } else if (old.dataset.v !== item.dataset.v && !busy(old)) {
        old.replaceWith(item);
      }
      last = Math.max(last, Number(item.id.slice(1)));
    }
    document.getElementById("state").replaceWith(come.querySelector("#state"));
    changed.hidden = come.dataset.mode === list.dataset.mode;
    window.equipPlayers();
    if (atEnd) down();
  }

  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(`${list.dataset.live}?after=${last}`, {
        headers: { "If-None-Match": tag, "HX-Request": "true" },
        cache: "no-store",
        signal: AbortSignal.timeout(15000),
      });
      if (answer.status === 200) {
        merge(await answer.text());
        tag = answer.headers.get("ETag");
      } else if (answer.status === 204 || answer.status === 404) {
        changed.hidden = false;
        return;
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      lost.hidden = true;
      wait = SOON;
    } catch {
      lost.hidden = false;
      wait = Math.min(wait * 2, LATEST);
    }
    timer = setTimeout(look, document.hidden ? LATEST : wait);
  }

  if (!location.hash) down();
  timer = setTimeout(look, SOON);
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
}
