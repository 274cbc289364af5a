/** The page: what it shows, and how another one takes its place without loading it anew. */

/** A server that has not answered by then counts as gone. */
export const ANSWER_MS = 10_000;
const GONE = 'gone';
const SAY_MS = 50;

export const { body } = document;
export const byId = (id) => document.getElementById(id);

/** Tells those who do not see the page. */
export function say(text) {
  const said = byId('said');
  // The same words twice are two messages.
  said.textContent = '';
  setTimeout(() => (said.textContent = text), SAY_MS);
}

let latest = 0;
let shown = addressOf(location);
/** Shows what could not be shown because the server was gone. */
let lost;
/** Pages that are not about a card: somebody has to sign in, or to agree, first. */
const BEFORE_CARDS = ['sign-in', 'confirm', 'onward'];

/** Without what stands behind `#`, for which nothing is fetched. */
export function addressOf({ pathname, search }) {
  return pathname + search;
}

/** Whether this address is the one whose page is there. */
export function isShown(address) {
  return addressOf(address) === shown;
}

/** The page's address is another one now, for the same page. */
export function noteAddress() {
  shown = addressOf(location);
}

export const isGone = () => body.dataset.page === GONE;
export const showLost = () => lost();
export const isBeforeCards = (next) => BEFORE_CARDS.includes(next.body.dataset.page);

/**
 * Fetches a page. @param form the body of a form; undefined: there is none
 *
 * @throws the server does not answer, or not with a page
 */
export async function fetchPage(address, form) {
  const method = form === undefined ? 'GET' : 'POST';
  const answer = await fetch(address, { method, body: form, signal: AbortSignal.timeout(ANSWER_MS) });
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (next.querySelector('main') === null) throw new Error('no page');
  return { answer, next };
}

/**
 * Shows what the server writes for a request. The page's address becomes the one to which the server leads on, which does not
 * say whose card it is. What somebody types in the search field stays.
 *
 * @param wanted `address`, and the `body` of a form
 * @returns whether it is shown now
 */
export async function show(wanted, { isNew = false, keepsHistory = false } = {}) {
  const mine = (latest += 1);
  let answer, next;
  try {
    ({ answer, next } = await fetchPage(wanted.address, wanted.body));
  } catch {
    if (mine === latest) showGone(() => show(wanted, { keepsHistory }));
    return false;
  }
  if (mine !== latest) return false;
  if (isBeforeCards(next)) {
    location.assign(answer.url);
    return false;
  }
  if (!keepsHistory) history.pushState(null, '', answer.url);
  noteAddress();
  put(next, isNew);
  return true;
}

/** Puts another page in the place of this one. */
export function put(next, isNew = false) {
  const main = byId('main');
  const hadFocus = main.contains(document.activeElement);
  fill(next);
  main.classList.toggle('is-new', isNew);
  const search = byId('q');
  if (document.activeElement !== search || !isNew) search.value = next.getElementById('q')?.value ?? '';
  scrollTo(0, 0);
  if (hadFocus || !isNew) {
    (main.querySelector('[autofocus]') ?? main.querySelector('h1'))?.focus({ preventScroll: true });
  }
}

/**
 * Takes the content of another page, and nothing else.
 *
 * @param isSame it is the same card, after a form of it
 */
export function fill(next, isSame = false) {
  byId('main').replaceChildren(...next.querySelector('main').childNodes);
  document.title = next.title;
  body.dataset.page = next.body.dataset.page;
  document.dispatchEvent(new CustomEvent('filled', { detail: { isSame } }));
}

/** @param showAgain shows it once the server is back */
function showGone(showAgain) {
  lost = showAgain;
  body.dataset.page = GONE;
  const main = byId('main');
  main.replaceChildren(byId('gone').content.cloneNode(true));
  main.querySelector('h1').focus();
}
