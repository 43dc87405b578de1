// The line to the house: what she does goes out in order, and the talk comes back as it stands.

const HEADERS = { "X-Simulator": "1" };

export class Line {
  constructor(channel, phone) {
    this.channel = channel;
    this.phone = phone;
    this.sending = Promise.resolve();
    this.etag = null;
    this.talk = null;
  }

  // The newest talk, or null while nothing has changed.
  async read() {
    const query = new URLSearchParams({ channel: this.channel, phone: this.phone });
    const headers = this.etag ? { "If-None-Match": this.etag } : {};
    const answer = await fetch(`/simulator/talk?${query}`, { headers, cache: "no-store" });
    if (answer.status === 304) return null;
    if (!answer.ok) throw new Error(`http ${answer.status}`);
    this.etag = answer.headers.get("ETag");
    this.talk = await answer.json();
    return this.talk;
  }

  // One action after the other, as a thumb does it; throws when the house did not take it.
  say(fields, files = []) {
    const sent = this.sending.then(() => this.post("say", fields, files));
    this.sending = sent.catch(() => {});
    return sent;
  }

  write(mediaId, text) {
    return this.post("transcript", { media_id: mediaId, text });
  }

  async post(path, fields, files = []) {
    const form = new FormData();
    form.set("channel", this.channel);
    form.set("phone", this.phone);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const file of files) form.append("files", file, file.name ?? "note");
    const answer = await fetch(`/simulator/${path}`, { method: "POST", headers: HEADERS, body: form });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? `http ${answer.status}`);
    return answer.json();
  }
}
