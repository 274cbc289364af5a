import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import type { Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { until } from '../../support/until.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { notifyCall } from './call-fixture.ts';
import { signIn } from './screens.ts';

/** What nothing but the card itself may say of the caller. */
const PRIVATE = /Rosa|Mendoza|8765|2000006/;

/** Stands for what a browser asks and shows; nobody looks at the page. */
const NOTIFICATIONS = `
  window.shownNotifications = [];
  window.Notification = class extends EventTarget {
    static permission = 'default';
    static async requestPermission() { return (this.permission = window.answersPermission ?? 'granted'); }
    constructor(title, options) { super(); window.shownNotifications.push(JSON.stringify([title, options])); }
    close() {}
  };
  document.hasFocus = () => false;`;

describe('the bar of a call', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  before(async () => {
    fixture = await openBrowserFixture();
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  let count = 0;
  /** Notifies a call of Rosa's at an agent. @returns reports what is new of it */
  async function ring(user: string, about: Readonly<Record<string, unknown>> = {}) {
    count += 1;
    const call = { user, phone: '3387650006', call_id: `bar-${count}`, direction: 'inbound', ...about };
    await notifyCall(fixture.url, call);
    return (state: string) => notifyCall(fixture.url, { ...call, state });
  }

  async function openFor(user: string): Promise<Page> {
    const page = await (await fixture.openContext()).newPage();
    await page.addInitScript(NOTIFICATIONS);
    await signIn(page, fixture.url, user);
    await page.locator('.live.is-live').waitFor();
    return page;
  }

  const bar = (page: Page) => page.locator('#call');
  const barSays = (page: Page, text: RegExp) => page.locator('#call', { hasText: text }).waitFor();

  it('says direction, line, state and time from ringing to the end, and leads back to the caller', async () => {
    const page = await openFor('MyUser');
    assert.equal(await bar(page).isVisible(), false);
    const report = await ring('MyUser', { line: 'Ventas' });
    await barSays(page, /Incoming call\s+Ventas\s+Ringing\s+0:\d\d/);
    await page.locator('.is-matched').waitFor();
    assert.equal(await page.title(), 'Incoming call – callercard');
    await report('answered');
    await barSays(page, /Incoming call\s+Ventas\s+In conversation\s+0:\d\d/);

    const show = page.getByRole('link', { name: 'Show the caller' });
    assert.equal(await show.isVisible(), false);
    await page.locator('#q').fill('8166667777');
    await page.keyboard.press('Enter');
    await show.waitFor();
    await page.reload();
    await barSays(page, /In conversation/);
    assert.doesNotMatch(`${await page.title()} ${await bar(page).innerText()}`, PRIVATE);
    assert.doesNotMatch(await page.evaluate('JSON.stringify([sessionStorage, localStorage])'), PRIVATE);
    await show.click();
    await page.locator('.is-matched').waitFor();
    assert.match(await page.locator('main h1').innerText(), /Rosa Mendoza/);

    await report('ended');
    await barSays(page, /Ended\s+just now/);
    assert.equal(await page.title(), 'Card · callercard');
    await page.getByRole('button', { name: 'Close' }).click();
    assert.equal(await bar(page).isVisible(), false);
    await page.locator('.brand').click();
    await page.locator('.calls li a').first().click();
    await page.locator('.is-matched').waitFor();

    await ring('MyUser', { direction: 'outbound' });
    await barSays(page, /Outgoing call/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.sign-in').waitFor();
    assert.equal(await page.evaluate(`sessionStorage.getItem('callercard.call')`), null);
  });

  it('comes at once while somebody types, whose card waits', async () => {
    const page = await openFor('Edith');
    await page.goto(`${fixture.url}/card?lead=2000003`);
    await page.locator('.live.is-live').waitFor();
    await page.locator('[data-edit="note"] summary').click();
    await page.locator('#note').fill('half a sentence');
    await ring('Edith', { line: 'Ventas' });
    await barSays(page, /Ventas[^]*A call is waiting until you have saved or cancelled/);
    assert.equal(await page.title(), 'Incoming call – callercard');
    assert.equal(await page.locator('#note').inputValue(), 'half a sentence');
    await page.locator('[data-edit="note"] [data-cancel]').click();
    await page.locator('.is-matched').waitFor();
  });

  it('says who has answered, and how long ago it was what comes late', async () => {
    const page = await (await fixture.openContext()).newPage();
    const at = Date.now() - 3 * 60_000;
    const call = { phone: '3387650006', direction: 'inbound', at, started_at: at };
    const first = { ...call, replayed: true, state: 'answered', answered_at: at };
    const update = { ...call, call: 'A', state: 'ended', ended_at: Date.now(), answered_by: "Luis $& $'" };
    let body = `retry: 600000\n\nid: A\nevent: call\ndata: ${JSON.stringify(first)}\n\n`;
    await page.route('**/card/events*', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
    await signIn(page, fixture.url);
    await barSays(page, /Incoming call\s+In conversation\s+3 minutes ago/);
    body = `retry: 600000\n\nevent: update\ndata: ${JSON.stringify(update)}\n\n`;
    await page.reload();
    await barSays(page, /Answered by Luis \$& \$'\s+just now/);
    await page.locator('#said', { hasText: 'Answered by Luis' }).waitFor({ state: 'attached' });
    // There is no connection any more, which is not overlooked.
    await page.locator('#offline', { hasText: 'calls do not open here' }).waitFor();
  });

  it('sounds and notifies where somebody has switched it on, without name and number', async () => {
    const page = await openFor('MyUser');
    const shown = () => page.evaluate<string[]>('window.shownNotifications');
    const [sound, notification] = [page.locator('#alert-sound'), page.locator('#alert-notification')];
    await page.getByText('Sound and notifications').click();
    assert.deepEqual([await sound.isChecked(), await notification.isChecked()], [false, false]);
    const report = await ring('MyUser');
    await barSays(page, /Ringing/);
    assert.deepEqual(await shown(), []);
    await report('ended');

    await page.evaluate(`window.answersPermission = 'denied'`);
    await notification.click();
    await page.getByText('does not allow notifications').waitFor();
    assert.equal(await notification.isChecked(), false);
    await page.evaluate(`window.answersPermission = 'granted'`);
    await notification.check();
    await sound.check();
    await ring('MyUser');
    await until('a notification', async () => (await shown()).length === 1);
    const [text = ''] = await shown();
    assert.match(text, /^\["Incoming call – callercard"/);
    assert.doesNotMatch(text, PRIVATE);
    await page.reload();
    assert.equal(await sound.isChecked(), true, 'and stays so');
  });
});
