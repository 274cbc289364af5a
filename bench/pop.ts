/**
 * `npm run bench:pop`: how long a call takes to the painted card, in a real Chromium: from POST /v1/calls, from an event of Asterisk's
 * manager interface, and from the row of an agent in a dialer with 300; and from that row to the event at the card, with the CPU time that
 * this costs the database. Server, caller, database and browser are on this machine; the aims are medians below 50 ms for a POST and below
 * 700 ms for a dialer, and 2 ms of the database in a second. With `-- dialer` the
 * dialer alone; with `-- day` a minute with the calls of 300 agents, across restarts of our server and of the database.
 */
import type { Page } from 'playwright-core';

import { type BrowserFixture, openBrowserFixture } from '../test/endpoints/card/browser-fixture.ts';
import { notifyCall } from '../test/endpoints/card/call-fixture.ts';
import { signIn } from '../test/endpoints/card/screens.ts';
import { runLiveDay } from '../test/endpoints/card/live-day.ts';
import { measureAsteriskPaint } from './pop/asterisk-pop.ts';
import { measureDialerPaint, measureDialerPop } from './pop/dialer-pop.ts';
import { type OpenPage, timePaints } from './pop/painted.ts';

const ROUNDS = 50;
const AIM_MS = 50;
/** Leads of two callers in turn, Macias and Guadalupe, so that each pop changes the card. */
const CALLERS = [14_246, 2_000_001] as const;

if (process.argv.includes('day')) await runDay();
else {
  if (!process.argv.includes('dialer')) await measurePainted();
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

/** Each kind of pop, in a browser. */
async function measurePainted(): Promise<void> {
  const fixture = await openBrowserFixture();
  const open: OpenPage = (url, { name, password }) => openCard(fixture, url, name, password);
  try {
    const page = await openCard(fixture, fixture.url, 'MyUser', 'MyPass');
    const notified = await timePaints(page, ROUNDS, (round) => {
      const call = { user: 'MyUser', lead_id: CALLERS[round % 2 === 0 ? 0 : 1] };
      return Promise.resolve(() => notifyCall(fixture.url, call));
    });
    say(`POST to painted card, ${ROUNDS} pops (aim: a median below ${AIM_MS} ms)`, notified);
    await fixture.closeContexts();
    const asterisk = await measureAsteriskPaint(open);
    say(`event of Asterisk's manager to painted card, ${asterisk.length} pops`, asterisk);
    await fixture.closeContexts();
    const dialer = await measureDialerPaint(open);
    say(`row of a dialer to painted card, ${dialer.length} pops (aim: a median below 700 ms)`, dialer);
  } finally {
    await fixture.close();
  }
}

function say(what: string, times: readonly number[]): void {
  process.stdout.write(`${what}: ${inShort(times)}\n`);
}

/** @param times in order */
function inShort(times: readonly number[]): string {
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? NaN).toFixed(1);
  return `median ${at(0.5)} ms, p90 ${at(0.9)}, worst ${at(1)}`;
}

/** A card that is signed in and hears of calls. */
async function openCard(fixture: BrowserFixture, url: string, user: string, password: string): Promise<Page> {
  const page = await (await fixture.openContext()).newPage();
  await signIn(page, url, user, password);
  await page.locator('.live.is-live').waitFor();
  return page;
}
