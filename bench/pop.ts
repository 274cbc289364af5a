/**
 * `npm run bench:pop`: how long a call takes from POST /v1/calls to the painted card, in a real Chromium; and from the row of an agent
 * in a dialer with 300 to the event at the card, with the CPU time that this costs the database. Server, caller, database and
 * browser are on this machine; the aims are a median below 50 ms, and 2 ms of the database in a second. With `-- dialer` the
 * dialer alone; with `-- day` a minute with the calls of 300 agents, across restarts of our server and of the database.
 */
import { setTimeout } from 'node:timers/promises';

import type { Page } from 'playwright-core';

import { type BrowserFixture, openBrowserFixture } from '../test/endpoints/card/browser-fixture.ts';
import { notifyCall } from '../test/endpoints/card/call-fixture.ts';
import { signIn } from '../test/endpoints/card/screens.ts';
import { runLiveDay } from '../test/endpoints/card/live-day.ts';
import { measureDialerPop } from './pop/dialer-pop.ts';

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

if (process.argv.includes('day')) await runDay();
else {
  if (!process.argv.includes('dialer')) await measureNotified();
  await measureDialer();
}

/** Whether every card opens. */
async function runDay(): Promise<void> {
  const { calls, faults } = await runLiveDay({ agents: 300, dayMs: 60_000, callMs: 8_000 });
  process.stdout.write(
    `${[`${calls} calls of 300 agents, ${faults.length} faults`, ...faults].join('\n')}\n`,
  );
}

async function measureDialer(): Promise<void> {
  const { times, cost } = await measureDialerPop();
  process.stdout.write(
    `row of a dialer to event at the card, ${times.length} pops: ${inShort(times)}\n` +
      `CPU time of the dialer's database in a second: ${cost.open.toFixed(2)} ms while a card is open (aim: below 2 more), ${cost.idle.toFixed(2)} while none is\n`,
  );
}

async function measureNotified(): Promise<void> {
  const fixture = await openBrowserFixture();
  try {
    const page = await openCard(fixture);
    const times: number[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      await setTimeout(PAUSE_MS);
      const ms = await pop(fixture.url, page, round);
      if (round >= WARM_UP) times.push(ms);
    }
    times.sort((one, other) => one - other);
    process.stdout.write(
      `POST to painted card, ${ROUNDS} pops (aim: a median below ${AIM_MS} ms): ${inShort(times)}\n`,
    );
  } finally {
    await fixture.close();
  }
}

/** @param times in order */
function inShort(times: readonly number[]): string {
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? NaN).toFixed(1);
  return `median ${at(0.5)} ms, p90 ${at(0.9)}, worst ${at(1)}`;
}

/** A card that is signed in and hears of calls. */
async function openCard(fixture: BrowserFixture): Promise<Page> {
  const context = await fixture.openContext();
  const page = await context.newPage();
  await signIn(page, fixture.url);
  await page.locator('.live.is-live').waitFor();
  return page;
}

/** @returns milliseconds until the caller's name has been painted */
async function pop(url: string, page: Page, round: number): Promise<number> {
  const { lead_id, name } = CALLERS[round % 2 === 0 ? 0 : 1];
  await page.evaluate(watchHeading(name));
  const started = performance.timeOrigin + performance.now();
  await notifyCall(url, { user: 'MyUser', lead_id });
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
