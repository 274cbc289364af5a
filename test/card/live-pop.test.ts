import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { chromiumSkip, openChromium, openContext } from '../support/chromium.ts';
import type { TestApp } from '../support/test-app.ts';
import { tellCall } from './call-fixture.ts';
import { startCardApp } from './card-fixture.ts';
import { signIn } from './screens.ts';

const LOOK = { locale: 'en-US', viewport: { width: 1000, height: 700 } } as const;

describe('calls at the card', { skip: chromiumSkip }, () => {
  let browser: Browser;
  let test: TestApp;
  before(async () => {
    test = await startCardApp();
    browser = await openChromium();
  });
  after(async () => {
    await browser.close();
    await test.close();
  });

  const call = (user: string, told: Readonly<Record<string, unknown>>) =>
    tellCall(test.url, { user, ...told });
  const isLive = (page: Page) => page.locator('.live.is-live').waitFor();
  const heading = (page: Page) => page.locator('main h1').innerText();

  it('open on every page of the user, wherever it is, and on nobody else’s', async () => {
    const [desk, other] = [await openContext(browser, LOOK), await openContext(browser, LOOK)];
    const [first, elsewhere] = [await desk.newPage(), await other.newPage()];
    await signIn(first, test.url);
    await signIn(elsewhere, test.url, 'limited', 'Passw0rd');
    const second = await desk.newPage();
    await second.goto(`${test.url}/card?phone=5511112222`);
    await Promise.all([first, second, elsewhere].map(isLive));
    // Somebody is typing meanwhile.
    await first.locator('#q').pressSequentially('555');

    await call('myuser', { phone: '(800) 432-1000', direction: 'inbound' });
    for (const page of [first, second]) {
      await page.locator('.is-matched').waitFor();
      assert.equal(await heading(page), 'Lic Bruno M Macias');
      await page.getByText('Incoming call: Lic Bruno M Macias').waitFor({ state: 'attached' });
      assert.match(page.url(), /\/card\?phone=/);
    }
    assert.equal(await first.locator('#q').inputValue(), '555');
    assert.equal(await first.evaluate('document.activeElement.id'), 'q');
    assert.equal(await heading(elsewhere), 'Ready');

    await call('MyUser', { lead_id: 2_000_001, phone: '8133334444' });
    for (const page of [first, second]) {
      await page.getByText('Guadalupe').first().waitFor();
      assert.match(await page.locator('.is-matched').innerText(), /81 3333 4444/);
    }
    await Promise.all([desk.close(), other.close()]);
  });

  it('are shown to who comes later, and do not undo what somebody looks at', async () => {
    const context = await openContext(browser, LOOK);
    const page = await context.newPage();
    await call('MyUser', { lead_id: 14_246 });
    await signIn(page, test.url);
    await page.getByText('Macias').first().waitFor();
    await page.locator('#q').fill('8144445555');
    await page.keyboard.press('Enter');
    await page.getByText('Do not call').waitFor();
    // A page that is loaded anew connects anew.
    await page.reload();
    await isLive(page);
    assert.equal(await heading(page), '81 4444 5555');
    const wanted = await context.newPage();
    await wanted.goto(`${test.url}/card?lead=2000001`);
    await isLive(wanted);
    await call('MyUser', { phone: '5511112222' });
    for (const one of [page, wanted]) await one.locator('.matches').waitFor();
    await context.close();
  });

  it('of nobody that is known say so, with the number', async () => {
    const context = await openContext(browser, LOOK);
    const page = await context.newPage();
    await signIn(page, test.url);
    await isLive(page);
    await call('MyUser', { phone: '+52 55 9999 0000' });
    await page.getByText('Nobody has 55 9999 0000').first().waitFor();
    await context.close();
  });
});
