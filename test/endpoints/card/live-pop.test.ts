import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import type { Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { until } from '../../support/until.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { notifyCall } from './call-fixture.ts';
import { signIn } from './screens.ts';

describe('calls at the card', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  before(async () => {
    fixture = await openBrowserFixture(/status of (?:4\d\d|503)/);
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  const call = (user: string, call: Readonly<Record<string, unknown>>) =>
    notifyCall(fixture.url, { user, ...call });
  const isLive = (page: Page) => page.locator('.live.is-live').waitFor();
  const heading = (page: Page) => page.locator('main h1').innerText();

  it('open on every page of the user, wherever it is, and on nobody else’s', async () => {
    const [own, other] = [await fixture.openContext(), await fixture.openContext()];
    const [first, elsewhere] = [await own.newPage(), await other.newPage()];
    await signIn(first, fixture.url);
    await signIn(elsewhere, fixture.url, 'limited', 'Passw0rd');
    const second = await own.newPage();
    await second.goto(`${fixture.url}/card?phone=5511112222`);
    await Promise.all([first, second, elsewhere].map(isLive));
    // Somebody is typing meanwhile.
    await first.locator('#q').pressSequentially('555');

    await call('myuser', { phone: '(800) 432-1000', direction: 'inbound' });
    for (const page of [first, second]) {
      await page.locator('.is-matched').waitFor();
      assert.equal(await heading(page), 'Lic Bruno M Macias');
      await page.getByText('Incoming call: Lic Bruno M Macias').waitFor({ state: 'attached' });
      assert.match(page.url(), /\/card\?c=[\w-]+$/);
    }
    assert.equal(await first.locator('#q').inputValue(), '555');
    assert.equal(await first.evaluate('document.activeElement.id'), 'q');
    assert.equal(await heading(elsewhere), 'Waiting for calls');

    await call('MyUser', { lead_id: 2_000_001, phone: '8133334444' });
    for (const page of [first, second]) {
      await page.getByText('Guadalupe').first().waitFor();
      assert.match(await page.locator('.is-matched').innerText(), /81 3333 4444/);
    }
  });

  it('are shown to who comes later, and do not undo what somebody looks at', async () => {
    const context = await fixture.openContext();
    const page = await context.newPage();
    await call('MyUser', { lead_id: 14_246 });
    await signIn(page, fixture.url);
    await page.getByText('Macias').first().waitFor();
    await page.locator('#q').fill('8144445555');
    await page.keyboard.press('Enter');
    await page.locator('.warning').getByText('Do not call').waitFor();
    // A page that is loaded anew connects anew.
    await page.reload();
    await isLive(page);
    assert.equal(await heading(page), '81 4444 5555');
    const wanted = await context.newPage();
    await wanted.goto(`${fixture.url}/card?lead=2000001`);
    await isLive(wanted);
    await call('MyUser', { phone: '5511112222' });
    for (const one of [page, wanted]) await one.locator('.matches').waitFor();
  });

  it('of nobody that is known say so, with the number', async () => {
    const context = await fixture.openContext();
    const page = await context.newPage();
    await signIn(page, fixture.url);
    await isLive(page);
    await call('MyUser', { phone: '+52 55 9999 0000' });
    await page.locator('.new-number').getByText('55 9999 0000').waitFor();
  });

  it('are heard again on a page to which the browser goes back', async () => {
    const context = await fixture.openContext();
    const page = await context.newPage();
    await signIn(page, fixture.url);
    await isLive(page);
    // As the browser tells it when it keeps a page; that it does is no matter of this test.
    const transition = (name: string) =>
      page.evaluate(`void dispatchEvent(new PageTransitionEvent('${name}', { persisted: true }))`);
    await transition('pagehide');
    await call('MyUser', { lead_id: 14_246 });
    await transition('pageshow');
    await page.getByText('Macias').first().waitFor();
    await isLive(page);
    // There is one connection, not two.
    await transition('pageshow');
    await call('MyUser', { lead_id: 2_000_001 });
    await page.getByText('Guadalupe').first().waitFor();
    await transition('pagehide');
    await call('MyUser', { lead_id: 14_246 });
    const other = await context.newPage();
    await other.goto(`${fixture.url}/card`);
    await other.getByText('Macias').first().waitFor();
    assert.match(await heading(page), /Guadalupe/, 'who is left hears nothing');
  });

  it('are heard again when a server did not answer for a while', async () => {
    const context = await fixture.openContext();
    const page = await context.newPage();
    await page.clock.install();
    let asked = 0;
    await page.route('**/card/events*', async (route) => {
      asked += 1;
      // The stream is refused; whoever asks why is not answered.
      if (asked === 1) await route.fulfill({ status: 503 });
      else if (asked > 2) await route.continue();
    });
    await signIn(page, fixture.url);
    await until('it is asked why', () => asked === 2);
    assert.match(await page.locator('#live').innerText(), /Offline/);
    // Its clock goes on by itself as well: on a busy machine, seconds have gone by.
    await page.clock.runFor(5_000);
    assert.equal(asked, 2);
    await until('it is tried again', async () => {
      await page.clock.runFor(1_000);
      return asked > 2;
    });
    await isLive(page);
  });
});
