/** What the console does beyond what the server writes: it shows a page anew while somebody looks. Without it all works. */

const { body } = document;
/** A server that has not answered by then is asked again. */
const ANSWER_MS = 10_000;

/** Whether somebody is about to do something, which must not be taken away. */
function isInUse(page) {
  return page.contains(document.activeElement) && document.activeElement.closest('form, details') !== null;
}

async function showAnew(page) {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(ANSWER_MS) });
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  // The session is over.
  if (next.body.dataset.page === 'sign-in') {
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

function keepFresh() {
  const page = document.querySelector('[data-refresh]');
  if (page === null) return;
  const wait = Number(page.dataset.refresh) * 1000;
  const again = () =>
    setTimeout(async () => {
      try {
        if (document.visibilityState === 'visible') await showAnew(page);
      } catch {
        // The server is away: what was there last stays.
      }
      again();
    }, wait);
  again();
}

body.classList.add('has-script');
keepFresh();
