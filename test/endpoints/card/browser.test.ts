import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, afterEach, describe, it, type TestContext } from 'node:test';

import type { BrowserContext, Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { MALLORY, startCardApp } from './card-fixture.ts';
import { fillIn, signIn } from './screens.ts';

describe('the card in a browser', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  let context: BrowserContext;
  let page: Page;
  before(async () => {
    fixture = await openBrowserFixture();
  });
  beforeEach(async () => {
    context = await fixture.openContext();
    page = await context.newPage();
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  const heading = () => page.locator('main h1').innerText();

  it('is signed in to by keyboard alone, and opens the caller who was waiting', async () => {
    await page.goto(`${fixture.url}/card?phone=5587654321`);
    assert.match(await page.locator('main').innerText(), /5587654321 is waiting/);
    await page.keyboard.type('MyUser');
    await page.keyboard.press('Tab');
    await page.keyboard.type('MyPass');
    await page.keyboard.press('Enter');
    await page.locator('.card').waitFor();
    assert.equal(await heading(), 'Lic Bruno M Macias');
    assert.match(await page.locator('.is-matched').innerText(), /Second number[^]*55 8765 4321/);
    assert.equal(await page.evaluate('document.cookie'), '', 'no script sees the session');
  });

  it('says that a password is wrong, keeps the name, and puts the eye on the password', async () => {
    await page.goto(`${fixture.url}/card`);
    await fillIn(page, 'MyUser', 'planted wrong one');
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /user name or the password is wrong/);
    assert.equal(await page.locator('#user').inputValue(), 'MyUser');
    assert.equal(await page.locator('#password').inputValue(), '');
    assert.equal(await page.evaluate('document.activeElement.id'), 'password');
  });

  it('searches by keyboard without loading the page anew, and goes back', async () => {
    await signIn(page, fixture.url);
    await page.evaluate('window.isSamePage = true');
    await page.keyboard.press('/');
    await page.keyboard.type('14246');
    await page.keyboard.press('Enter');
    await page.locator('.card').waitFor();
    assert.equal(await heading(), 'Lic Bruno M Macias');
    assert.equal(await page.title(), 'Card · callercard');
    assert.match(page.url(), /\/card\?c=[\w-]+$/);
    assert.equal(await page.evaluate('document.activeElement.tagName'), 'H1', 'a screen reader begins there');
    await page.goBack();
    await page.locator('.ready').waitFor();
    assert.equal(await page.evaluate('window.isSamePage'), true);
  });

  it('chooses among several by a digit, unless single keys are switched off', async () => {
    await signIn(page, fixture.url);
    await page.goto(`${fixture.url}/card?phone=5511112222`);
    await page.keyboard.press('1');
    await page.locator('.card').waitFor();
    assert.equal(await heading(), 'Lastcalled');
    await page.locator('.back a').click();
    await page.locator('.matches').waitFor();
    await page.locator('.keys summary').click();
    await page.locator('#keys-on').uncheck();
    await page.locator('h1').click();
    await page.keyboard.press('2');
    await page.reload();
    await page.keyboard.press('2');
    assert.equal(await heading(), '3 people have 55 1111 2222');
    assert.equal(await page.locator('#keys-on').isChecked(), false, 'and stays so');
  });

  it('keeps stored script text', async () => {
    await signIn(page, fixture.url);
    await page.goto(`${fixture.url}/card?lead=2000003`);
    assert.equal(await page.locator('.comments p').textContent(), MALLORY.comments);
    await page.locator('#q').fill('8166667777');
    await page.keyboard.press('Enter');
    await page.locator('.is-matched').waitFor();
    assert.equal(await page.locator('.comments p').textContent(), MALLORY.comments);
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.equal(await page.title(), 'Card · callercard');
  });

  it('copies, and announces it to screen readers', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: fixture.url });
    await signIn(page, fixture.url);
    await page.goto(`${fixture.url}/card?lead=14246`);
    const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
    await page.keyboard.press('c');
    await page.getByText('Copied: Main number').waitFor({ state: 'attached' });
    assert.equal(await copied(), '+528004321000');
    await page.getByRole('button', { name: 'Copy Address' }).click();
    await page.getByText('Copied: Address').waitFor({ state: 'attached' });
    assert.equal(
      await copied(),
      'Av. Reforma 123\nInterior 4B\nCol. Centro\n44100 Guadalajara, Jalisco, Ontario\nMexico',
    );
  });

  it('says in plain words that nobody was found, and goes on', async () => {
    await signIn(page, fixture.url);
    await page.locator('#q').fill('1000001');
    await page.keyboard.press('Enter');
    await page.locator('.new-number').waitFor();
    assert.equal(await heading(), '1000001');
    await page.getByRole('link', { name: 'Look for lead 1000001 instead' }).click();
    await page.locator('.card').waitFor();
  });

  it('signs out, and then shows nothing, not by going back either', async () => {
    await signIn(page, fixture.url);
    await page.goto(`${fixture.url}/card?lead=14246`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.sign-in').waitFor();
    assert.match(await page.locator('main').innerText(), /You are signed out/);
    assert.deepEqual(
      (await context.cookies()).filter(({ name }) => name === 'callercard'),
      [],
    );
    await page.goBack();
    await page.locator('.sign-in').waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), /Macias/);
  });

  it('asks to sign in again when the session has ended, and then goes on', async () => {
    await signIn(page, fixture.url);
    const session = (await context.cookies()).find(({ name }) => name === 'callercard');
    assert.ok(session !== undefined);
    await context.addCookies([{ ...session, value: 'x'.repeat(43) }]);
    await page.locator('#q').fill('14246');
    await page.keyboard.press('Enter');
    await page.locator('.sign-in').waitFor();
    assert.match(await page.locator('main').innerText(), /Your session has ended/);
    await fillIn(page, 'MyUser', 'MyPass');
    await page.locator('.card').waitFor();
    assert.equal(await heading(), 'Lic Bruno M Macias');
  });

  it('works without its script, but for what needs one', async () => {
    const plain = await fixture.openContext({ javaScriptEnabled: false });
    const other = await plain.newPage();
    await signIn(other, fixture.url);
    await other.locator('#q').fill('55 1111 2222');
    await other.keyboard.press('Enter');
    await other.locator('.matches li a').first().click();
    await other.locator('.card').waitFor();
    assert.equal(await other.locator('h1').innerText(), 'Lastcalled');
    assert.equal(await other.locator('.copy:visible, .live:visible, .keys:visible').count(), 0);
    assert.match(await other.locator('.foot').innerText(), /need JavaScript/);
    await other.locator('.person .quiet').click();
    await other.locator('.sign-in').waitFor();
  });

  it('52: asks who is signed in when a page of another site leads to it, and opens by a click', async () => {
    await signIn(page, fixture.url);
    const dialer = await startDialerPage(`${fixture.url}/card?phone=8004321000&lead=14246`);
    try {
      for (const host of ['localhost', '127.0.0.1']) {
        // Another host name is another site; another port of the same is only another origin.
        await page.goto(`http://${host}:${portOf(dialer)}/`);
        await page.locator('a').click();
        await page.getByRole('button', { name: 'Open the card' }).waitFor();
        assert.match(await page.locator('main').innerText(), /#14246\s+8004321000/);
        await page.reload();
        await page.keyboard.press('Tab');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.locator('.card').waitFor();
        assert.equal(await heading(), 'Lic Bruno M Macias');
        assert.match(await page.locator('.is-matched').innerText(), /800 432 1000/);
      }
    } finally {
      dialer.close();
    }
  });
});

describe('the card of a named dialer', { skip: chromiumSkip }, () => {
  it('52: opens at once for who is signed in, from a link, a pop-up and a form', async (t) => {
    const form = `<form method="post" action="CARD"><input type="hidden" name="phone" value="8004321000"><button>Form</button></form>`;
    const href = (url: string) => `${url}/card?phone=8004321000&lead=14246`;
    const origin = await servePage(
      t,
      (card) => `<!doctype html><title>Dialer</title><a href="${href(card).replaceAll('&', '&amp;')}">Link</a>
<button onclick="window.open('${href(card)}')">Pop</button>${form.replace('CARD', `${card}/card`)}`,
    );
    const fixture = await openBrowserFixture(undefined, { popOrigins: [origin] });
    t.after(() => fixture.close());
    const context = await fixture.openContext();
    const page = await context.newPage();
    await signIn(page, fixture.url);
    const toDialer = () => page.goto(`${origin}/?card=${encodeURIComponent(fixture.url)}`);
    const assertOpen = async (card: Page) => {
      await card.locator('.card').waitFor();
      assert.match(await card.locator('.is-matched').innerText(), /800 432 1000/);
      assert.match(card.url(), /\/card\?c=[\w-]+$/);
    };
    await toDialer();
    await page.getByText('Link').click();
    await assertOpen(page);
    await toDialer();
    await page.getByText('Form').click();
    await assertOpen(page);
    await toDialer();
    const popped = context.waitForEvent('page');
    await page.getByText('Pop').click();
    await assertOpen(await popped);
    await fixture.closeContexts();
  });

  it('opens each call of a dialer in the same window', async (t) => {
    // As VICIdial's agent screen opens its web form, by its own names.
    const origin = await servePage(t, (card) => {
      const call = `window.open('${card}/card?phone_number=8004321000&lead_id=14246','callercard','toolbar=1')`;
      return `<!doctype html><title>Dialer</title><button onclick="${call}">Call</button>`;
    });
    const fixture = await openBrowserFixture(undefined, { popOrigins: [origin] });
    t.after(() => fixture.close());
    const context = await fixture.openContext();
    const page = await context.newPage();
    await page.goto(`${origin}/?card=${encodeURIComponent(fixture.url)}`);
    const popped = context.waitForEvent('page');
    await page.getByText('Call').click();
    const card = await popped;
    await fillIn(card, 'MyUser', 'MyPass');
    for (let call = 0; call < 3; call += 1) {
      await card.locator('.card').waitFor();
      // What the agent looks at meanwhile does not cut it off.
      await card.goto(`${fixture.url}/card`);
      await card.locator('.ready').waitFor();
      await page.getByText('Call').click();
    }
    await card.locator('.card').waitFor();
    assert.equal(context.pages().length, 2);
    await fixture.closeContexts();
  });
});

describe('the card when the server is gone', { skip: chromiumSkip }, () => {
  it('says so, keeps the search, and goes on when it is back', async (t) => {
    const fixture = await openBrowserFixture(/status of 4\d\d|net::ERR_/);
    t.after(() => fixture.close());
    const page = await (await fixture.openContext()).newPage();
    await signIn(page, fixture.url);
    await page.locator('.live.is-live').waitFor();
    await fixture.test.close();
    await page.getByText('Offline').waitFor();
    await page.locator('#q').fill('14246');
    await page.keyboard.press('Enter');
    await page.locator('.notice').waitFor();
    assert.equal(await page.locator('main h1').innerText(), 'The server cannot be reached');
    assert.equal(await page.locator('#q').inputValue(), '14246');
    const again = await startCardApp({ config: { port: Number(new URL(fixture.url).port) } });
    t.after(() => again.close());
    // Another store: it does not know the session.
    await page.locator('.sign-in').waitFor();
    await fillIn(page, 'MyUser', 'MyPass');
    await page.locator('.card').waitFor();
  });
});

/** As a dialer's page has it: a link with the caller filled in. */
async function startDialerPage(href: string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Dialer</title><a href="${href.replaceAll('&', '&amp;')}">Web form</a>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A dialer's page on another site, which is made for the card's address (`?card=`). @returns its origin */
async function servePage(t: TestContext, write: (card: string) => string): Promise<string> {
  const dialer = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(write(new URL(request.url ?? '', 'http://localhost').searchParams.get('card') ?? ''));
  });
  dialer.listen(0, '127.0.0.1');
  await once(dialer, 'listening');
  t.after(() => dialer.close());
  return `http://localhost:${portOf(dialer)}`;
}
