/** A sound and a notification for a call, for those who have switched them on in this browser. Neither says who calls. */

import { body, byId } from './page.js';

const SOUND = 'callercard.sound';
const NOTIFICATION = 'callercard.notification';
const TONES = [
  { hertz: 660, from: 0 },
  { hertz: 880, from: 0.18 },
];
const TONE_SECONDS = 0.16;
const LOUDNESS = 0.2;
/** Pages of one browser that hear of a call within this time ring once. */
const ONCE_MS = 3_000;

let audio;
const isOn = (name) => localStorage.getItem(name) === 'on';

/** Browsers let a page sound only after somebody has touched it. */
function wake() {
  if (!isOn(SOUND)) return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume();
}

function ring() {
  if (audio?.state !== 'running') return;
  for (const { hertz, from } of TONES) {
    const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
    const [start, end] = [audio.currentTime + from, audio.currentTime + from + TONE_SECONDS];
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(LOUDNESS, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, end);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(end);
  }
}

/** One of several open pages does it. */
async function once(act) {
  if (navigator.locks === undefined) {
    act();
    return;
  }
  await navigator.locks.request('callercard.ring', { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, ONCE_MS));
  });
}

const mayNotify = () => typeof Notification === 'function' && Notification.permission === 'granted';

/** @param id of the call: several pages show one notification */
function notify(text, id) {
  if (!isOn(NOTIFICATION) || !mayNotify() || document.hasFocus()) return;
  const shown = new Notification(text, { tag: id, lang: document.documentElement.lang });
  shown.addEventListener('click', () => {
    window.focus();
    shown.close();
  });
}

/** @param text what there is, without name and number */
export function alertOfCall(text, id) {
  if (isOn(SOUND)) void once(ring);
  notify(`${text} – ${body.dataset.product}`, id);
}

async function switchNotification(tick) {
  const refused = byId('alert-refused');
  refused.textContent = '';
  if (tick.checked && (await Notification.requestPermission()) !== 'granted') {
    tick.checked = false;
    refused.textContent = refused.dataset.text;
  }
  localStorage.setItem(NOTIFICATION, tick.checked ? 'on' : 'off');
}

/** The switches at the foot of the page. */
export function startAlerts() {
  const [sound, notification] = [byId('alert-sound'), byId('alert-notification')];
  sound.checked = isOn(SOUND);
  sound.addEventListener('change', () => {
    localStorage.setItem(SOUND, sound.checked ? 'on' : 'off');
    wake();
    if (sound.checked) void audio.resume().then(ring);
  });
  // Without encryption, browsers let no page notify.
  notification.closest('label').hidden = typeof Notification !== 'function' || !window.isSecureContext;
  notification.checked = isOn(NOTIFICATION) && mayNotify();
  notification.addEventListener('change', () => void switchNotification(notification));
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, wake);
}
