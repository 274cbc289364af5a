/** What the console does beyond what the server writes: it shows a page anew while somebody looks. Without it all works. */

const { body } = document;
/** A server that has not answered by then is asked again. */
const ANSWER_MS = 10_000;

/** Whether somebody is about to do something, which must not be taken away. */
function isInUse(page) {
  return page.contains(document.activeElement) && document.activeElement.closest('form, details') !== null;
}

/** @throws the server is away, or has no time */
async function showAnew(page) {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (answer.status >= 500) throw new Error('the server has no time');
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  // The session is over, or the right was taken away.
  if (next.body.dataset.page !== body.dataset.page) {
    location.reload();
    return;
  }
  const shown = next.querySelector('[data-refresh]');
  if (shown === null || isInUse(page)) return;
  for (const part of page.querySelectorAll('[data-part]')) {
    const other = shown.querySelector(`[data-part="${part.dataset.part}"]`);
    if (other !== null && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
  }
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
  const wait = Number(page.dataset.refresh) * 1000;
  const again = () =>
    setTimeout(async () => {
      try {
        if (document.visibilityState === 'visible') {
          await showAnew(page);
          sayOld(false);
        }
      } catch {
        // What was there last stays.
        sayOld(true);
      }
      again();
    }, wait);
  again();
}

body.classList.add('has-script');
keepFresh();
