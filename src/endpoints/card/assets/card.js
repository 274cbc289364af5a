/**
 * What the agent's page does beyond what the server writes: copying, keys, opening a card without loading the page anew,
 * and calls that open by themselves. Without this script everything else works.
 */

const SEEN = 'callercard.seen';
const KEYS = 'callercard.keys';
const GONE = 'gone';
/** A server that has not answered by then counts as gone. */
const ANSWER_MS = 10_000;
const DONE_MS = 1_800;
const SAY_MS = 50;
const AGAIN_MS = { first: 1_000, most: 15_000 };

const { body } = document;
const byId = (id) => document.getElementById(id);

/** Tells those who do not see the page. */
function say(text) {
  const said = byId('said');
  // The same words twice are two messages.
  said.textContent = '';
  setTimeout(() => (said.textContent = text), SAY_MS);
}

// Opening a card

let latest = 0;
let shown = addressOf(location);
/** Shows what could not be shown because the server was gone. */
let showLost;
/** Pages that are not about a card: somebody has to sign in, or to agree, first. */
const BEFORE_CARDS = ['sign-in', 'confirm', 'onward'];

/** Without what stands behind `#`, for which nothing is fetched. */
function addressOf({ pathname, search }) {
  return pathname + search;
}

/**
 * Shows what the server writes for a request. The page's address becomes the one to which the server leads on, which does not
 * say whose card it is. What somebody types in the search field stays.
 *
 * @param wanted `address`, and the `body` of a form
 * @returns whether it is shown now
 */
async function show(wanted, { isNew = false, keepsHistory = false } = {}) {
  const mine = (latest += 1);
  const { address, body: form } = wanted;
  const method = form === undefined ? 'GET' : 'POST';
  let answer, next;
  try {
    answer = await fetch(address, { method, body: form, signal: AbortSignal.timeout(ANSWER_MS) });
    next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (next.querySelector('main') === null) throw new Error('no page');
  } catch {
    if (mine === latest) showGone(() => show(wanted, { keepsHistory }));
    return false;
  }
  if (mine !== latest) return false;
  if (BEFORE_CARDS.includes(next.body.dataset.page)) {
    location.assign(answer.url);
    return false;
  }
  if (!keepsHistory) history.pushState(null, '', answer.url);
  shown = addressOf(location);
  put(next, isNew);
  return true;
}

function put(next, isNew) {
  const main = byId('main');
  const hadFocus = main.contains(document.activeElement);
  main.replaceChildren(...next.querySelector('main').childNodes);
  main.classList.toggle('is-new', isNew);
  document.title = next.title;
  body.dataset.page = next.body.dataset.page;
  const search = byId('q');
  if (document.activeElement !== search || !isNew) search.value = next.getElementById('q')?.value ?? '';
  scrollTo(0, 0);
  if (hadFocus || !isNew) main.querySelector('h1')?.focus({ preventScroll: true });
}

/** @param showAgain shows it once the server is back */
function showGone(showAgain) {
  showLost = showAgain;
  body.dataset.page = GONE;
  const main = byId('main');
  main.replaceChildren(byId('gone').content.cloneNode(true));
  main.querySelector('h1').focus();
}

function openByScript(event) {
  const link = event.target.closest('main a[href^="/card"]');
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link === null || !isPlain) return;
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
  say(body.dataset.copied.replace('%', what));
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
  return target.closest('input:not([type="checkbox"]), textarea, select') !== null;
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
  choice?.click();
  return button !== null || choice !== null;
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
    if (body.dataset.page === GONE) void showLost();
  });
  mine.addEventListener('call', (event) => void take(event));
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
  if (isOver && body.dataset.page === GONE) void showLost();
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

async function take({ data, lastEventId }) {
  const isFirst = sessionStorage.getItem(SEEN) === null;
  sessionStorage.setItem(SEEN, lastEventId);
  const call = JSON.parse(data);
  // Somebody who asked for a card gets that one, not the call of before.
  if (isFirst && call.replayed && location.search !== '') return;
  const address = new URL('/card', location.href);
  if (call.lead_id !== undefined) address.searchParams.set('lead', call.lead_id);
  if (call.phone !== undefined) address.searchParams.set('phone', call.phone);
  if (!(await show({ address: address.href }, { isNew: true }))) return;
  body.dataset.call = lastEventId;
  say(`${body.dataset.incoming}: ${document.querySelector('main h1')?.textContent ?? ''}`);
}

function showState(state) {
  const live = byId('live');
  live.textContent = body.dataset[state];
  live.classList.toggle('is-live', state === 'live');
}

// The start

document.documentElement.classList.add('has-script');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button !== null) void copy(button);
});
document.addEventListener('keydown', pressKey);
if (byId('q') !== null) {
  document.addEventListener('click', openByScript);
  document.addEventListener('submit', searchByScript);
  addEventListener('popstate', () => {
    if (addressOf(location) !== shown) void show({ address: location.href }, { keepsHistory: true });
  });
  offerKeys();
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
  shown = addressOf(location);
}
