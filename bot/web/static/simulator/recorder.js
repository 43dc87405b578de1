// Her voice from the microphone, as one file.

const FORMS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

export class Recorder {
  // `tick` hears the whole seconds as they pass.
  constructor(tick) {
    this.tick = tick;
  }

  // Throws when there is no microphone or she does not allow it.
  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
    this.parts = [];
    this.recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 24000 });
    this.recorder.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.recorder.start();
    let seconds = 0;
    this.tick(seconds);
    this.timer = setInterval(() => this.tick(++seconds), 1000);
  }

  // The recording; the microphone is let go.
  stop() {
    clearInterval(this.timer);
    return new Promise((done) => {
      this.recorder.addEventListener("stop", () => {
        const type = this.recorder.mimeType;
        done(new File(this.parts, `note.${type.includes("ogg") ? "ogg" : type.includes("mp4") ? "m4a" : "webm"}`, { type }));
      });
      this.recorder.stop();
      this.recorder.stream.getTracks().forEach((track) => track.stop());
    });
  }
}
