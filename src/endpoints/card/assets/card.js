/**
 * What the agent's page does beyond what the server writes: copying, keys, opening a card without loading the page anew,
 * and calls that open by themselves. Without this script everything else works.
 */

import { alertOfCall, startAlerts } from './alerts.js';
import { follow, forgetCall, heading, noteCall, noteShown, startCallBar } from './call-bar.js';
import { startClock } from './clock.js';
import { isEditing, startEditing, whenFree } from './edit.js';
import { ANSWER_MS, body, byId, isGone, isShown, noteAddress, say, show, showLost } from './page.js';

const SEEN = 'callercard.seen';
const KEYS = 'callercard.keys';
const DONE_MS = 1_800;
const AGAIN_MS = { first: 1_000, most: 15_000 };
/** A server that starts anew is back by then. */
const OFFLINE_MS = 3_000;

function openByScript(event) {
  const link = event.target.closest(':is(main, .call) a[href^="/card"]');
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link === null || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  void (link.matches('[data-again]') ? showLost() : show({ address: link.href }));
}

function searchByScript(event) {
  const form = event.target;
  if (!form.matches('.search')) return;
  event.preventDefault();
  // In a body, because browsers keep what stands in addresses.
  void show({ address: form.action, body: new URLSearchParams(new FormData(form)) });
}

// Copying

async function copy(button) {
  const { copy: text, what } = button.dataset;
  const isDone = await writeToClipboard(text);
  if (!isDone) {
    say(body.dataset.notCopied);
    return;
  }
  say(body.dataset.copied.replace('%', () => what));
  button.classList.add('is-done');
  setTimeout(() => button.classList.remove('is-done'), DONE_MS);
}

async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

/** Browsers have no clipboard for pages that are not encrypted. */
function copyTheOldWay(text) {
  const held = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  held?.focus();
  return isDone;
}

// Keys

function isTyping({ target }) {
  return target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select') !== null;
}

function pressKey(event) {
  if (event.key === 'Escape' && event.target === byId('q')) {
    event.target.blur();
    return;
  }
  const isAlone = !event.metaKey && !event.ctrlKey && !event.altKey;
  if (!isAlone || isTyping(event) || localStorage.getItem(KEYS) === 'off') return;
  if (actOnKey(event.key)) event.preventDefault();
}

/** @returns whether the key means something here */
function actOnKey(key) {
  if (key === '/') {
    byId('q')?.select();
    byId('q')?.focus();
    return byId('q') !== null;
  }
  const button = key === 'c' ? document.querySelector('main .numbers [data-copy]') : null;
  if (button !== null) void copy(button);
  const choice = /^[1-9]$/.test(key) ? document.querySelector(`main [data-choice="${key}"]`) : null;
  choice?.focus();
  choice?.click();
  const undo = key === 'u' ? document.querySelector('main .toast button') : null;
  undo?.click();
  return [button, choice, undo].some((found) => found !== null);
}

function offerKeys() {
  const tick = byId('keys-on');
  if (tick === null) return;
  tick.checked = localStorage.getItem(KEYS) !== 'off';
  tick.addEventListener('change', () => localStorage.setItem(KEYS, tick.checked ? 'on' : 'off'));
}

// Calls

let againMs = AGAIN_MS.first;
/** The connection by which this page hears; undefined while the page is left. */
let source;

/** Hears of every call; the last one that this tab has not shown comes at once. */
function hear() {
  const seen = sessionStorage.getItem(SEEN);
  const address = new URL(body.dataset.events, location.href);
  if (seen !== null) address.searchParams.set('after', seen);
  const mine = new EventSource(address);
  source = mine;
  mine.addEventListener('open', () => {
    againMs = AGAIN_MS.first;
    showState('live');
    if (isGone()) void showLost();
  });
  mine.addEventListener('call', ({ data, lastEventId }) => {
    void take({ ...JSON.parse(data), id: lastEventId });
  });
  follow(mine);
  mine.addEventListener('error', () => {
    showState('offline');
    // A browser tries again by itself, unless the server said no.
    if (mine.readyState === EventSource.CLOSED) void hearLater(address, mine);
  });
}

/** A page that is left lets go of its connection: a browser has six for a server. */
function stopHearing() {
  source?.close();
  source = undefined;
}

/** By the browser's way back, a page comes as it was left. */
function hearAgain({ persisted }) {
  if (!persisted || source !== undefined) return;
  showState('offline');
  hear();
}

/** @param failed nothing is done once another has taken its place */
async function hearLater(address, failed) {
  const isOver = await isSignedOut(address);
  if (source !== failed) return;
  // To the sign-in form, which is about the caller who was wanted last.
  if (isOver && isGone()) void showLost();
  else if (isOver) location.reload();
  if (isOver) return;
  setTimeout(() => {
    if (source === failed) hear();
  }, againMs);
  againMs = Math.min(againMs * 2, AGAIN_MS.most);
}

async function isSignedOut(address) {
  const leave = new AbortController();
  setTimeout(() => leave.abort(), ANSWER_MS);
  try {
    const { status } = await fetch(address, { signal: leave.signal });
    return status === 401;
  } catch {
    return false;
  } finally {
    leave.abort();
  }
}

/** The bar says at once that there is a call; its card waits for what somebody is typing. */
async function take(call) {
  if (!noteCall(call)) {
    sessionStorage.setItem(SEEN, call.id);
    return;
  }
  if (!call.replayed) alertOfCall(heading(), call.id);
  await open(call);
}

async function open(call) {
  if (isEditing()) {
    whenFree(() => open(call));
    return;
  }
  const isFirst = sessionStorage.getItem(SEEN) === null;
  sessionStorage.setItem(SEEN, call.id);
  // Of somebody who may not see the number, the server has made the address.
  const address = new URL(call.address ?? '/card', location.href);
  if (call.lead_id !== undefined) address.searchParams.set('lead', call.lead_id);
  if (call.phone !== undefined) address.searchParams.set('phone', call.phone);
  // Somebody who asked for a card gets that one, not the call of before.
  if (isFirst && call.replayed && location.search !== '') return;
  if (!(await show({ address: address.href }, { isNew: true }))) return;
  body.dataset.call = call.id;
  noteShown(call.id);
  say(`${heading()}: ${document.querySelector('main h1')?.textContent ?? ''}`);
}

let offlineSoon;

function showState(state) {
  const live = byId('live');
  live.textContent = body.dataset[state];
  live.classList.toggle('is-live', state === 'live');
  clearTimeout(offlineSoon);
  const line = byId('offline');
  if (state === 'live') line.textContent = '';
  else if (line.textContent === '')
    offlineSoon = setTimeout(() => (line.textContent = line.dataset.text), OFFLINE_MS);
}

// The start

document.documentElement.classList.add('has-script');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button !== null) void copy(button);
});
document.addEventListener('keydown', pressKey);
if (byId('q') !== null) {
  startEditing();
  document.addEventListener('click', openByScript);
  document.addEventListener('submit', searchByScript);
  addEventListener('popstate', () => {
    if (!isShown(location)) void show({ address: location.href }, { keepsHistory: true });
  });
  offerKeys();
  startCallBar();
  startAlerts();
  startClock();
} else {
  forgetCall();
}
forgetMark();
if (body.dataset.events !== undefined) {
  addEventListener('pagehide', stopHearing);
  addEventListener('pageshow', hearAgain);
  hear();
}

/** A page of another site led here by way of a page of ours, which marked the address. */
function forgetMark() {
  const address = new URL(location.href);
  if (!address.searchParams.has('again')) return;
  address.searchParams.delete('again');
  history.replaceState(null, '', address);
  noteAddress();
}
