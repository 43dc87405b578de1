// Beside the talk: her answers as they come, and each finished listing as a card with its JSON.

import { $, draw, el, ours } from "./dom.js";

const PER = {
  piece: "एक नग का", pair: "जोड़ी का", set: "एक सेट का", dozen: "दर्जन का", kori: "एक कोरी (20) का", hundred: "सैकड़े का",
  kg: "एक किलो का", gram: "एक ग्राम का", metre: "एक मीटर का", litre: "एक लीटर का", packet: "एक पैकेट का",
};
const EVENTS = { "listing.completed": "पूरा हुआ", "listing.updated": "बदला गया", "listing.withdrawn": "हटा लिया" };

export function drawSide(talk) {
  const { draft, listings } = talk;
  $("where").textContent = [draft.language, draft.flow, draft.asks?.slot].filter(Boolean).join(" · ");
  $("count").textContent = listings.length ? `${listings.length} ` : "";
  draw($("draft"), [{ key: "draft", ...draft, any: listings.length > 0 }], draftOf);
  draw($("listings"), listings.map(({ message, place }) => ({ key: message.listing_id, message, place })), card);
}

function draftOf(draft) {
  const rows = draft.answers.flatMap(({ label, text }) => [el("dt", {}, label), el("dd", {}, text)]);
  const hint = draft.any
    ? "अगला सामान बताते ही उसकी बातें यहाँ जुड़ेंगी।"
    : "वह जो-जो बताएगी, यहाँ जुड़ता जाएगा। बात पूरी होते ही सामान का पन्ना नीचे दिखेगा।";
  return el(
    "div",
    {},
    el("h3", {}, "अब तक की बातें"),
    rows.length ? el("dl", { class: "answers" }, ...rows) : el("p", {}, hint),
    draft.asks ? el("p", { class: "asked" }, `अभी पूछा है: ${draft.asks.label}`) : null,
  );
}

function card({ message: listing, place }) {
  const { product, price, seller, photos } = listing;
  const asked = price.asked;
  return el(
    "article",
    { class: "listing", "aria-label": product.title.hi },
    photos.length ? el("div", { class: "photos" }, ...photos.slice(0, 3).map((photo) => picture(photo, product))) : null,
    el(
      "div",
      { class: "body" },
      badges(listing),
      el("h3", {}, product.title.hi),
      el("p", { class: "en", lang: "en" }, product.title.en),
      el("p", { class: "price" }, `${rupees(asked.amount)} `, el("small", {}, PER[asked.per] ?? "")),
      el("p", { class: "story" }, product.description.hi),
      el("dl", { class: "answers" }, ...facts(product, seller.name, place, listing.compliance)),
      raw(listing),
    ),
  );
}

function picture(photo, product) {
  return el("img", { src: ours(photo.url) ?? photo.url, alt: product.title.hi, loading: "lazy" });
}

function badges(listing) {
  const gone = listing.event === "listing.withdrawn";
  return el(
    "p",
    { class: "badges" },
    el("span", {}, `सामान नंबर ${listing.number}`),
    el("span", { class: gone ? "gone" : "" }, `${EVENTS[listing.event] ?? listing.event} · v${listing.version}`),
    listing.photos_pending ? el("span", { class: "warn" }, "फोटो बाकी") : null,
  );
}

function facts(product, name, place, compliance) {
  const { length_cm: long, width_cm: wide, height_cm: high } = product.dimensions;
  const sides = [["लंबाई", long], ["चौड़ाई", wide], ["ऊँचाई", high]].filter(([, cm]) => cm !== null);
  const rows = [
    ["कितने तैयार", product.stock],
    ["नाप", sides.map(([name, cm]) => `${name} ${cm} cm`).join(", ")],
    ["वजन", product.weight_g ? `${product.weight_g} g` : ""],
    ["पैकेट में", compliance.net_quantity],
    ["बनाने वाली", [name, place].filter(Boolean).join(", ")],
    ["HSN (सुझाव)", compliance.hsn.suggested],
  ];
  return rows
    .filter(([, value]) => value !== null && value !== "")
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]);
}

function raw(listing) {
  const json = el("pre", { tabindex: "0", lang: "en" }, JSON.stringify(listing, null, 2));
  return el("details", {}, el("summary", {}, "कतार में गया संदेश (JSON)"), json);
}

function rupees(amount) {
  const [whole, rest] = String(amount).split(".");
  const grouped = new Intl.NumberFormat("en-IN").format(BigInt(whole));
  return `₹${grouped}${rest && rest !== "00" ? `.${rest}` : ""}`;
}
