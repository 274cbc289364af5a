/**
 * `npm run bench:pop`: how long a call takes from POST /v1/calls to the painted card, in a real Chromium. Server, caller and
 * browser are on this machine; the aim is a median below 50 ms.
 */
import { setTimeout } from 'node:timers/promises';

import type { Page } from 'playwright-core';

import { openBrowserFixture } from '../test/endpoints/card/browser-fixture.ts';
import { notifyCall } from '../test/endpoints/card/call-fixture.ts';
import { signIn } from '../test/endpoints/card/screens.ts';

const ROUNDS = 50;
const WARM_UP = 5;
const AIM_MS = 50;
/** One agent gets five calls a second. */
const PAUSE_MS = 250;
/** Two callers in turn, so that each pop changes the card. */
const CALLERS = [
  { lead_id: 14_246, name: 'Macias' },
  { lead_id: 2_000_001, name: 'Guadalupe' },
] as const;

const fixture = await openBrowserFixture();
try {
  const page = await openCard();
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    await setTimeout(PAUSE_MS);
    const ms = await pop(page, round);
    if (round >= WARM_UP) times.push(ms);
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? NaN).toFixed(1);
  process.stdout.write(
    `POST to painted card, ${ROUNDS} pops: median ${at(0.5)} ms (aim: below ${AIM_MS}), p90 ${at(0.9)}, worst ${at(1)}\n`,
  );
} finally {
  await fixture.close();
}

/** A card that is signed in and hears of calls. */
async function openCard(): Promise<Page> {
  const context = await fixture.openContext();
  const page = await context.newPage();
  await signIn(page, fixture.url);
  await page.locator('.live.is-live').waitFor();
  return page;
}

/** @returns milliseconds until the caller's name has been painted */
async function pop(page: Page, round: number): Promise<number> {
  const { lead_id, name } = CALLERS[round % 2 === 0 ? 0 : 1];
  await page.evaluate(watchHeading(name));
  const started = performance.timeOrigin + performance.now();
  await notifyCall(fixture.url, { user: 'MyUser', lead_id });
  const painted = await page.evaluate<number>('window.painted');
  return painted - started;
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
