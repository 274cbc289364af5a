import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';

import type { Page } from 'playwright-core';

import { chromiumSkip, openProfile } from '../../support/chromium.ts';
import { temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { notifyCall } from './call-fixture.ts';
import { startCardApp } from './card-fixture.ts';
import { signIn } from './screens.ts';

/** Who and what is looked up within the card. */
const WITHIN = [
  '8004321000',
  '800 432 1000',
  'Macias',
  '5511112222',
  '55 1111 2222',
  'Lastcalled',
  '1000009',
  '5599990000',
  '55 9999 0000',
  '8111112222',
  'Guadalupe',
  '8166667777',
];
/** What addresses say that a dialer opens. */
const FROM_OUTSIDE = ['8144445555', '2000002', '5587654321'];

async function startDialer(t: TestContext, html: () => string): Promise<string> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').setHeader('cache-control', 'no-store');
    response.end(`<!doctype html><title>Dialer</title>${html()}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

/** Every file of a profile that holds one of the texts, with those that it holds. */
function filesWith(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .flatMap((path) => {
      const bytes = readFileSync(path);
      const held = texts.filter(
        (text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')),
      );
      return held.length === 0 ? [] : [`${path.slice(folder.length)}: ${held.join(', ')}`];
    });
}

interface HistoryEntry {
  readonly url: string;
  readonly title: string;
  /** Whether the browser's list of history shows it: not what only led on. */
  readonly isListed: number;
}

function historyIn(folder: string): readonly HistoryEntry[] {
  const history = new DatabaseSync(join(folder, 'Default', 'History'), { readOnly: true });
  try {
    // 0x20000000: the end of a chain of redirects (Chromium, ui/base/page_transition_types.h).
    return history
      .prepare(
        `SELECT urls.url, title, visits.transition & 0x20000000 != 0 AND NOT hidden AS isListed
           FROM visits JOIN urls ON urls.id = visits.url`,
      )
      .all() as unknown as HistoryEntry[];
  } finally {
    history.close();
  }
}

/** A day at the card, but for what comes from outside. */
async function work(page: Page, { url }: TestApp, hasScript: boolean): Promise<void> {
  const search = async (text: string, what: string) => {
    await page.locator('#q').fill(text);
    await page.keyboard.press('Enter');
    await page.locator(what).waitFor();
  };
  await signIn(page, url);
  await search('8004321000', '.card');
  await search('55 1111 2222', '.matches');
  await page.locator('.matches li a').first().click();
  await page.getByText('Lastcalled').first().waitFor();
  await page.goBack();
  await page.locator('.matches').waitFor();
  await page.goForward();
  await page.getByText('Lastcalled').first().waitFor();
  await page.reload();
  await page.getByText('Lastcalled').first().waitFor();
  await search('5599990000', '.new-number');
  await search('#2000003', '.card');
  if (!hasScript) return;
  await page.locator('.live.is-live').waitFor();
  await notifyCall(url, { user: 'MyUser', phone: '8111112222' });
  await page.getByText('Guadalupe').first().waitFor();
}

async function signOut(page: Page): Promise<void> {
  await page.locator('.person .quiet').click();
  await page.getByText('You are signed out').waitFor();
}

describe('what a browser keeps', { skip: chromiumSkip, timeout: 300_000 }, () => {
  for (const hasScript of [true, false]) {
    it(`53: after sign-out has neither names nor numbers of a day's work, ${hasScript ? 'with' : 'without'} the script`, async (t) => {
      const test = await startCardApp();
      t.after(() => test.close());
      const folder = temporaryFolder();
      const context = await openProfile(folder, { javaScriptEnabled: hasScript, locale: 'en-US' });
      const page = await context.newPage();
      await work(page, test, hasScript);
      await signOut(page);
      await context.close();
      assert.ok(historyIn(folder).length > 5, 'the profile was written');
      assert.deepEqual(filesWith(folder, WITHIN), [], 'no file of the whole profile');
    });
  }

  it('53: of cards that a dialer opens has no name, and lists no number; a form of it leaves none at all', async (t) => {
    let card = '';
    const named = await startDialer(
      t,
      () => `<a href="${card}/card?lead=2000002&amp;phone=8144445555">Link</a>
<form method="post" action="${card}/card"><input type="hidden" name="phone" value="8004321000"><button>Form</button></form>`,
    );
    const other = await startDialer(t, () => `<a href="${card}/card?phone=5587654321">Link</a>`);
    const test = await startCardApp({ config: { popOrigins: [named] } });
    t.after(() => test.close());
    card = test.url;
    const folder = temporaryFolder();
    const context = await openProfile(folder, { locale: 'en-US' });
    const page = await context.newPage();
    // Nobody is signed in yet.
    await page.goto(`${card}/card?phone=5587654321`);
    await page.getByText('5587654321 is waiting').waitFor();
    await signIn(page, card);
    await page.goto(named);
    await page.getByText('Link').click();
    await page.locator('.is-matched').waitFor();
    await page.goto(named);
    await page.getByText('Form').click();
    await page.locator('.is-matched').waitFor();
    await page.goto(other);
    await page.getByText('Link').click();
    await page.getByRole('button', { name: 'Open the card' }).click();
    await page.locator('.is-matched').waitFor();
    await signOut(page);
    await context.close();
    const entries = historyIn(folder);
    const listed = entries.filter(({ isListed }) => isListed === 1);
    assert.ok(listed.length > 5);
    for (const { url, title } of listed)
      for (const text of FROM_OUTSIDE) assert.ok(!`${url} ${title}`.includes(text), `${title} ${url}`);
    // What an address says that the browser was given, it writes into its files before it asks anybody.
    assert.ok(entries.some(({ url }) => url.includes('phone=8144445555')));
    assert.deepEqual(filesWith(folder, WITHIN), []);
  });
});
