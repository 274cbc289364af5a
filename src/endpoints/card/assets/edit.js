/**
 * Changing a customer in its place: the forms are the server's, and work without this. With it they are saved without leaving
 * the page; leaving a form saves it, Escape gives it up.
 */

import { body, byId, fetchPage, fill, isBeforeCards, noteAddress, put, say, show } from './page.js';

/** For so long the page says what was done. */
const DONE_MS = 10_000;
/** Then it looks so often whether somebody still has it in mind. */
const STILL_MS = 2_000;

const FIELDS = 'input:not([type="hidden"]), select, textarea';
const FOCUSABLE = 'a[href], button, input:not([type="hidden"]), select, textarea, summary';

const fieldsOf = (form) => [...form.querySelectorAll(FIELDS)];

function isChangedField(field) {
  if (['checkbox', 'radio'].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.options === undefined) return field.value !== field.defaultValue;
  const initial = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, initial);
}

const isChanged = (form) => fieldsOf(form).some(isChangedField);
/** The server has asked something about what was typed there. */
const isAsked = (form) => form.querySelector('.wrong, .theirs') !== null;

/** Whether somebody would lose what they typed. */
export function isEditing() {
  const forms = [...byId('main').querySelectorAll('.edit[open] form, .form-page form')];
  return forms.some((form) => isChanged(form) || isAsked(form));
}

let waiting;

/** Does something once nobody is typing any longer. The last one counts. */
export function whenFree(act) {
  waiting = act;
  byId('waits').textContent = body.dataset.callWaits;
}

function release() {
  if (waiting === undefined || isEditing()) return;
  const act = waiting;
  waiting = undefined;
  byId('waits').textContent = '';
  act();
}

// Opening and giving up

function focusFirst(form) {
  const field = form.querySelector('[aria-invalid="true"]') ?? fieldsOf(form)[0];
  field?.focus();
  if (field?.matches('input:not([type="checkbox"])')) field.select();
}

function open(details) {
  details.open = true;
  focusFirst(details.querySelector('form'));
}

function giveUp(details) {
  const form = details.querySelector('form');
  const back = form.querySelector('[data-cancel]').href;
  if (isAsked(form)) {
    // What is stored stands behind the form, and not in it.
    void show({ address: back }, { keepsHistory: true }).then(release);
    return;
  }
  close(details);
  details.querySelector('summary').focus();
}

function close(details) {
  details.querySelector('form').reset();
  details.open = false;
  release();
}

/** A click on a value opens its form. */
const PLACES =
  '.numbers li, .comments, .person-facts > div, .custom dl > div, .record > div, .glance > div, .who h1';

function openByClick({ target }) {
  const place = target.closest(PLACES);
  if (place === null || target.closest('a, button, summary, form, label') !== null) return;
  // Somebody marks a text to copy it.
  if (!getSelection().isCollapsed) return;
  const details = place.matches('h1') ? place.nextElementSibling : place.querySelector('.edit');
  if (details?.matches('.edit:not([open])')) open(details);
}

function pressKey(event) {
  const details = event.target.closest('.edit[open]');
  if (details === null) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    giveUp(details);
  } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.target.form?.requestSubmit();
  }
}

/** What the mouse went down on last: a click does not give every element the focus. */
let pressed;
let isDown = false;

function press({ target }) {
  pressed = target;
  isDown = true;
}

function leave({ target, relatedTarget }) {
  const details = target.closest('.edit[open]');
  // Another window has the focus now, or another part of the form.
  if (details === null || !document.hasFocus() || details.contains(relatedTarget ?? pressed)) return;
  if (!isDown) leaveForm(details);
  // A form that closes moves what is below: what is clicked would not be there any longer.
  else addEventListener('pointerup', () => setTimeout(() => leaveForm(details)), { once: true });
}

/** What was typed is saved. */
function leaveForm(details) {
  const form = details.querySelector('form');
  if (!details.isConnected || !details.open || isAsked(form)) return;
  if (!isChanged(form)) close(details);
  else if (!form.matches('[data-asks]')) void save(form);
}

// Saving

async function save(form, submitter) {
  if (form.dataset.saving !== undefined) return;
  form.dataset.saving = '';
  try {
    const sent = new URLSearchParams(new FormData(form, submitter));
    const { answer, next } = await fetchPage(form.action, sent);
    take(form, answer, next);
  } catch {
    complain(form, body.dataset.unsaved);
  } finally {
    delete form.dataset.saving;
  }
  release();
}

function take(form, answer, next) {
  const isOfCard = form.matches('.edit form, .toast form');
  const isCard = ['customer', 'new-number'].includes(next.body.dataset.page);
  if (isBeforeCards(next) || (!isCard && form.matches('.edit form'))) {
    complain(form, textOf(next.querySelector('.alert, .notice')));
    return;
  }
  if (isOfCard && isCard) {
    if (answer.redirected) history.replaceState(null, '', answer.url);
    noteAddress();
    renew(form, next);
  } else {
    if (answer.redirected) history.pushState(null, '', answer.url);
    noteAddress();
    put(next);
    sayWhatIsNew();
  }
}

const textOf = (element) => (element?.innerText ?? element?.textContent ?? '').replace(/\s+/g, ' ').trim();

/** Says beside a form why it was not saved; what was typed stays. */
function complain(form, text) {
  const line = form.querySelector('.complaint') ?? document.createElement('p');
  line.className = 'wrong complaint';
  line.textContent = text;
  (form.querySelector('.acts') ?? form.lastElementChild).before(line);
  say(text);
}

/** Takes what the server wrote after a form of this card, and leaves alone what somebody types in other forms. */
function renew(form, next) {
  const main = byId('main');
  const { edit: key } = form.closest('.edit')?.dataset ?? {};
  const others = [...main.querySelectorAll('.edit[open]')].filter(({ dataset }) => dataset.edit !== key);
  const returnFocus = noteFocus(form, key);
  const { scrollX, scrollY } = window;
  fill(next, true);
  for (const other of others) findEdit(other.dataset.edit)?.replaceWith(other);
  scrollTo(scrollX, scrollY);
  returnFocus();
  sayWhatIsNew();
}

const findEdit = (key) =>
  [...document.querySelectorAll('main .edit')].find(({ dataset }) => dataset.edit === key);

const outside = (main, form) =>
  [...main.querySelectorAll(FOCUSABLE)].filter((one) => form?.contains(one) !== true);

/** @returns gives the focus back to what had it, or to what took its place */
function noteFocus(form, key) {
  const main = byId('main');
  const { activeElement: active } = document;
  if (form.contains(active) || !main.contains(active)) {
    const wasInside = form.contains(active) || active === body;
    return () => {
      if (!wasInside) return;
      const details = key === undefined ? undefined : findEdit(key);
      if (details === undefined) main.querySelector('h1')?.focus({ preventScroll: true });
      else if (details.open) focusFirst(details.querySelector('form'));
      else details.querySelector('summary').focus({ preventScroll: true });
    };
  }
  const place = outside(main, form).indexOf(active);
  return () => {
    if (active.isConnected) active.focus({ preventScroll: true });
    else
      outside(main, key === undefined ? undefined : findEdit(key)?.querySelector('form'))[place]?.focus({
        preventScroll: true,
      });
  };
}

/** For those who do not see the page. */
function sayWhatIsNew() {
  const main = byId('main');
  const wrong = [...main.querySelectorAll('.wrong, [data-said]')].map(textOf).join(' ');
  const done = main.querySelector('[data-done]')?.dataset.done;
  if (wrong !== '' || done !== undefined) say(wrong === '' ? done : wrong);
}

/** Takes away what was said once it is some time ago, unless somebody is about to undo it. */
function forgetDone(line, milliseconds = DONE_MS) {
  setTimeout(() => {
    if (line.matches(':hover, :focus-within')) forgetDone(line, STILL_MS);
    else line.remove();
  }, milliseconds);
}

function watchDone() {
  const line = byId('main').querySelector('.toast');
  if (line !== null) forgetDone(line);
}

/** Listens, for as long as the page is there. */
export function startEditing() {
  document.addEventListener('filled', () => {
    watchDone();
    // What stays open is put back first.
    setTimeout(release);
  });
  document.addEventListener('pointerdown', press);
  for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => (isDown = false));
  document.addEventListener('keydown', () => (pressed = undefined), { capture: true });
  document.addEventListener('keydown', pressKey);
  document.addEventListener('focusout', leave);
  document.addEventListener('click', (event) => {
    const cancel = event.target.closest('.edit [data-cancel]');
    if (cancel === null) {
      openByClick(event);
      return;
    }
    event.preventDefault();
    giveUp(cancel.closest('.edit'));
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('main .edit form, main [data-inplace]')) return;
    event.preventDefault();
    void save(event.target, event.submitter);
  });
  // Those that the server has opened, too.
  const openedNow = ({ target }) => {
    const form = target.matches('.edit[open]') ? target.querySelector('form') : null;
    if (form?.contains(document.activeElement) === false) focusFirst(form);
  };
  document.addEventListener('toggle', openedNow, { capture: true });
  watchDone();
}
