/**
 * The bar over the card that says which call there is: its direction, its line, how far it has come and since when. What it
 * keeps in the browser has no name and no number.
 */

import { body, byId, isShown, say } from './page.js';

const KEPT = 'callercard.call';
const MINUTE = 60_000;
/** A call of which nobody tells more counts as over by then. */
const OPEN_MS = { ringing: 10 * MINUTE, answered: 4 * 60 * MINUTE };
/** Nothing rings longer. */
const RINGS_MS = 2 * MINUTE;
/** So old a bar is of no use any more. */
const FORGOTTEN_MS = 8 * 60 * MINUTE;
const TICK_MS = 1_000;

/** The call of the bar; undefined: there is none. */
let call;
/** The title of the page itself. */
let title = document.title;
/** The page is about the call. */
let isAbout = false;

const part = (name) => byId('call').querySelector(`[data-call="${name}"]`);
const words = () => JSON.parse(byId('call').dataset.words);

const isOver = ({ state, since }) => state === 'ended' || Date.now() - since > OPEN_MS[state];
const rings = ({ state, since }) => state === 'ringing' && Date.now() - since <= RINGS_MS;

function read(told, id) {
  const { direction, line, state = 'ringing', at, started_at: startedAt = at } = told;
  const { answered_at: answeredAt, ended_at: endedAt, answered_by: answeredBy } = told;
  const since = { ringing: startedAt, answered: answeredAt, ended: endedAt }[state] ?? at;
  return { id, direction, line, state, answeredBy, since, isLate: told.replayed };
}

/**
 * Notes a call.
 *
 * @returns whether its card is to be shown: not if it was over before this page heard of it
 */
export function noteCall(told) {
  if (told.state === 'ended') return false;
  call = read(told, told.id);
  keep();
  return true;
}

/** Hears by a connection what is new of the call of the bar. */
export function follow(source) {
  source.addEventListener('update', ({ data }) => noteNews(JSON.parse(data)));
}

function noteNews(told) {
  if (call?.id !== told.call) return;
  call = { ...read(told, call.id), address: call.address, isLate: false };
  keep();
  say([heading(), stateText()].join(', '));
}

/** The card of the call is shown now. */
export function noteShown(id) {
  if (call?.id !== id) return;
  call.address = location.pathname + location.search;
  keep();
}

export function heading() {
  const { bar, incoming, outgoing, last } = words();
  if (call === undefined) return bar;
  if (isOver(call) && call.state !== 'ended') return last;
  return { inbound: incoming, outbound: outgoing }[call.direction] ?? bar;
}

function stateText() {
  const { ringing, answered, answeredBy, ended } = words();
  // By a function: a `$` in a name would stand for something else.
  if (call.answeredBy !== undefined) return answeredBy.replace('%', () => call.answeredBy);
  if (call.state === 'ended') return ended;
  // Nobody has told how it went on.
  if (isOver(call) || (call.state === 'ringing' && !rings(call))) return '';
  return call.state === 'answered' ? answered : ringing;
}

/** `0:42` of what goes on, `3 minutes ago` of the rest. */
function sinceText() {
  const passed = Math.max(0, Date.now() - call.since);
  if (!call.isLate && !isOver(call) && (call.state === 'answered' || rings(call))) {
    const seconds = Math.floor(passed / 1_000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
  const minutes = Math.floor(passed / MINUTE);
  if (minutes === 0) return words().justNow;
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'always' });
  return minutes < 60 ? format.format(-minutes, 'minute') : format.format(-Math.floor(minutes / 60), 'hour');
}

function keep() {
  if (call === undefined) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(call));
  write();
}

function write() {
  const bar = byId('call');
  const isNow = call !== undefined && !isOver(call);
  const waits = byId('waits').textContent !== '';
  bar.hidden = call === undefined || (!isNow && !waits && call.address === undefined);
  document.title = isNow ? `${heading()} – ${body.dataset.product}` : title;
  if (call === undefined) return;
  bar.classList.toggle('is-over', !isNow);
  put('what', heading());
  put('line', call.line ?? '');
  put('state', stateText());
  put('since', sinceText());
  const show = part('show');
  isAbout = call.address !== undefined && isShown(new URL(call.address, location.href));
  show.hidden = call.address === undefined || waits || isAbout;
  if (call.address !== undefined) show.href = call.address;
  part('note').hidden = noteForm() === undefined;
}

/** The form for what the call was about. */
function noteForm() {
  const details = byId('main').querySelector('[data-edit="call"]');
  return details?.querySelector('[name="call"]').value === call?.id ? details : undefined;
}

function openNote() {
  const details = noteForm();
  if (details === undefined) return;
  details.open = true;
  details.querySelector(':is(select, textarea, input:not([type="hidden"]))').focus();
}

function put(name, text) {
  const element = part(name);
  if (element.textContent !== text) element.textContent = text;
}

function close() {
  call = undefined;
  keep();
}

function readKept() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  return kept !== null && Date.now() - kept.since < FORGOTTEN_MS ? kept : undefined;
}

/** Shows the call of before, too: the page was loaded anew meanwhile. */
export function startCallBar() {
  call = readKept();
  write();
  part('close').addEventListener('click', () => {
    close();
    byId('main').querySelector('h1')?.focus({ preventScroll: true });
  });
  part('note').addEventListener('click', openNote);
  document.addEventListener('filled', ({ detail }) => {
    ({ title } = document);
    if (detail.isSame && isAbout) noteShown(call.id);
    // Somebody has gone on to something else.
    else if (call !== undefined && isAbout && isOver(call)) close();
    write();
  });
  new MutationObserver(() => call !== undefined && write()).observe(byId('waits'), { childList: true });
  setInterval(() => call !== undefined && write(), TICK_MS);
}

/** For whoever signs in next. */
export function forgetCall() {
  sessionStorage.removeItem(KEPT);
}
