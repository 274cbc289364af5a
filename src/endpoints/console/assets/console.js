/** What the console does beyond what the server writes: it shows a page anew while somebody looks, and sends files in parts. Without it all works. */

const { body } = document;
/** A server that has not answered by then is asked again. */
const ANSWER_MS = 10_000;

/** Whether somebody is about to do something, which must not be taken away. */
function isInUse(page) {
  return page.contains(document.activeElement) && document.activeElement.closest('form, details') !== null;
}

/**
 * @returns after how many seconds it is to be shown anew once more; 0: not any more
 * @throws the server is away, or has no time
 */
async function showAnew(page) {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (answer.status >= 500) throw new Error('the server has no time');
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  // The session is over, or the right was taken away.
  if (next.body.dataset.page !== body.dataset.page) {
    location.reload();
    return 0;
  }
  const shown = next.querySelector('[data-refresh]');
  if (shown === null || isInUse(page)) return page.dataset.refresh;
  for (const part of page.querySelectorAll('[data-part]')) {
    const other = shown.querySelector(`[data-part="${part.dataset.part}"]`);
    if (other !== null && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
  }
  return shown.dataset.refresh;
}

/** Says that what is shown is old, or no longer says so. */
function sayOld(isOld) {
  const said = document.querySelector('#said');
  if (isOld === (said.textContent !== '')) return;
  said.className = isOld ? 'alert old' : 'unseen';
  said.textContent = isOld ? said.dataset.gone : '';
}

function keepFresh() {
  const page = document.querySelector('[data-refresh]');
  if (page === null) return;
  let seconds = page.dataset.refresh;
  const again = () => {
    if (Number(seconds) > 0) setTimeout(look, Number(seconds) * 1000);
  };
  const look = async () => {
    try {
      if (document.visibilityState === 'visible') {
        seconds = await showAnew(page);
        sayOld(false);
      }
    } catch {
      // What was there last stays.
      sayOld(true);
    }
    again();
  };
  again();
}

/** Small enough for a slow line: a server takes a part that comes within ten seconds. */
const PART_BYTES = 512 * 1024;
/** A part that was cut off is sent again. */
const TRIES = 5;
const PAUSE_MS = 1_000;

async function sendPart(url, file, received, token) {
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await fetch(`${url}/parts/${received}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream', 'x-form-token': token },
        body: file.slice(received, received + PART_BYTES),
      });
      if (answer.ok) return (await answer.json()).received;
      if (answer.status < 500 && answer.status !== 429) return undefined;
    } catch {
      // The line, perhaps.
    }
    if (tried === TRIES) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
  }
}

/** Shows what the server says in place of the page. */
async function showInstead(answer) {
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  document.querySelector('main').replaceWith(next.querySelector('main'));
  document.querySelector('h1')?.focus();
}

async function sendFile(form) {
  const file = form.querySelector('input[type=file]').files[0];
  if (file === undefined) return;
  const token = form.elements.token.value;
  const sending = form.querySelector('.sending');
  sending.hidden = false;
  form.querySelector('[role=alert]').hidden = true;
  form.querySelector('button').disabled = true;
  const body = new URLSearchParams({ token, name: file.name, size: String(file.size) });
  const begun = await fetch(form.dataset.upload, { method: 'POST', body });
  // It leads to the page of the file; anything else says why not.
  if (!begun.redirected) return showInstead(begun);
  for (let received = 0; received < file.size;) {
    received = await sendPart(begun.url, file, received, token);
    if (received === undefined) throw new Error();
    sending.querySelector('progress').value = received / file.size;
  }
  location.assign(begun.url);
}

function takeFiles() {
  const form = document.querySelector('form[data-upload]');
  if (form === null) return;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sendFile(form).catch(() => {
      form.querySelector('[role=alert]').hidden = false;
      form.querySelector('button').disabled = false;
    });
  });
  // On all of the page: beside the form the browser would leave the page and open the file.
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length > 0)
      form.querySelector('input[type=file]').files = event.dataTransfer.files;
  });
}

/** Whether somebody typed or chose something that is not sent. One's own password is none of that. */
function isChanged(field) {
  if (field.type === 'hidden' || field.autocomplete === 'current-password') return false;
  if (field.type === 'checkbox') return field.checked !== field.defaultChecked;
  if (field.tagName !== 'SELECT') return field.value !== (field.defaultValue ?? field.value);
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, first);
}

/** The browser asks before what was typed into one form is lost by sending another, or by going elsewhere. */
function keepTyped() {
  let sent;
  addEventListener('submit', (event) => {
    sent = event.target;
  });
  addEventListener('beforeunload', (event) => {
    const others = [...document.querySelectorAll('form[data-keeps]')].filter((form) => form !== sent);
    sent = undefined;
    if (others.some((form) => [...form.elements].some(isChanged))) event.preventDefault();
  });
}

body.classList.add('has-script');
keepFresh();
takeFiles();
keepTyped();
