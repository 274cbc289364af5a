import { setTimeout } from 'node:timers/promises';

import type { Page } from 'playwright-core';

/** One agent gets five calls a second. */
const PAUSE_MS = 250;
const WARM_UP = 5;
/** The names of the callers, in turn. */
const NAMES = ['Macias', 'Guadalupe'] as const;

/** A card that is signed in and hears of calls. */
export type OpenPage = (
  url: string,
  user: { readonly name: string; readonly password: string },
) => Promise<Page>;

/**
 * Times pops until the name of the caller is on the screen, after a few that do not count.
 *
 * @param prepare makes ready a call of the caller of this round (`Macias`, then `Guadalupe`), and gives what begins it
 * @returns milliseconds, in order
 */
export async function timePaints(
  page: Page,
  rounds: number,
  prepare: (round: number) => Promise<() => Promise<unknown>>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    await setTimeout(PAUSE_MS);
    const begin = await prepare(round);
    await page.evaluate(watchHeading(NAMES[round % 2 === 0 ? 0 : 1]));
    const started = performance.timeOrigin + performance.now();
    await begin();
    const painted = await page.evaluate<number>('window.painted');
    if (round >= WARM_UP) times.push(painted - started);
  }
  return times.sort((one, other) => one - other);
}

/** In the page: the time at which a heading with the name has been on the screen. */
function watchHeading(name: string): string {
  return `void (window.painted = new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('main h1')?.textContent.includes('${name}')) return;
      watching.disconnect();
      // The next frame has it; what comes after that frame's own work comes after its painting.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
        port2.postMessage(0);
      });
    };
    const watching = new MutationObserver(look);
    watching.observe(document.body, { childList: true, subtree: true, characterData: true });
  }))`;
}
