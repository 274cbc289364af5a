/** What time it is at the caller, if it is another one than here. */

const MINUTE = 60_000;

function write() {
  const now = new Date();
  const here = -now.getTimezoneOffset();
  for (const place of document.querySelectorAll('main [data-offset]')) {
    const offset = Number(place.dataset.offset);
    place.hidden = offset === here;
    const there = new Date(now.getTime() + offset * MINUTE);
    const format = { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' };
    place.querySelector('time').textContent = there.toLocaleTimeString(document.documentElement.lang, format);
  }
}

export function startClock() {
  write();
  document.addEventListener('filled', write);
  setInterval(write, MINUTE / 4);
}
