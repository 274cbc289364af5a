import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { chromiumSkip, openChromium, openContext } from '../../support/chromium.ts';
import { checkPage } from '../../support/page-checks.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { firstKeyOf } from '../../../src/auth/secrets.ts';
import { CONSOLE_PAGES } from '../../../src/endpoints/console/console-pages.ts';
import { ADA, startConsoleApp, signInAtConsole } from './console-fixture.ts';
import { findCustomers, openCustomer } from './screens.ts';

const LOOKS: readonly (BrowserContextOptions & { readonly locale: string })[] = [
  { locale: 'en-US', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { locale: 'es-MX', viewport: { width: 375, height: 812 }, colorScheme: 'dark' },
];

describe('the console in a browser', { skip: chromiumSkip }, () => {
  let test: TestApp;
  let browser: Browser;
  before(async () => {
    test = await startConsoleApp();
    browser = await openChromium();
  });
  after(async () => {
    await browser.close();
    await test.close();
  });

  async function openConsole(
    t: { after: (work: () => unknown) => void },
    look: BrowserContextOptions,
    url = test.url,
  ) {
    const context = await openContext(browser, look);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    t.after(async () => {
      await context.close();
      assert.deepEqual(faults, [], 'nothing that a page did was wrong, or against its policy');
    });
    await page.goto(`${url}/console`);
    return page;
  }

  async function signIn(page: Page): Promise<void> {
    await page.locator('#user').fill(ADA.name);
    await page.locator('#password').fill(ADA.password);
    await page.keyboard.press('Enter');
    await page.locator('nav').waitFor();
  }

  for (const look of LOOKS) {
    it(`is WCAG 2.2 AA on every page, ${look.locale}, ${look.colorScheme}`, async (t) => {
      const page = await openConsole(t, look);
      await checkPage(page, 'sign-in');
      await signIn(page);
      for (const { path, label } of CONSOLE_PAGES) {
        await page.goto(test.url + path);
        await checkPage(page, path);
        const name = look.locale.startsWith('es') ? label.es : label.en;
        assert.equal(await page.locator('nav [aria-current]').innerText(), name);
      }
      await checkSessions(page);
      await checkCustomers(page);
      await checkPrivacy(page);
    });
  }

  /** Where somebody is signed in, for admins and at their own account. */
  async function checkSessions(page: Page): Promise<void> {
    await signInAtConsole(test.url);
    await page.goto(`${test.url}/console/users`);
    await page.locator('summary', { hasText: ADA.name }).first().click();
    await page.locator('[name="session"] ~ .acts').first().waitFor();
    await checkPage(page, 'the sessions of a user');
    await page.goto(`${test.url}/card/account`);
    await page.locator('.sessions li').nth(1).waitFor();
    await checkPage(page, 'one’s own account');
  }

  /** Customers that were found, and one of them. */
  async function checkCustomers(page: Page): Promise<void> {
    await findCustomers(page, test.url);
    await checkPage(page, 'customers that were found');
    await openCustomer(page);
    await checkPage(page, 'a customer');
  }

  /** Who was found, what is kept of them, and what an erasure asks. */
  async function checkPrivacy(page: Page): Promise<void> {
    await page.goto(`${test.url}/console/privacy`);
    await page.locator('[action="/console/privacy/due"] button').click();
    await page.locator('#text').fill('8111112222');
    await page.keyboard.press('Enter');
    await page.locator('.chosen').waitFor();
    await checkPage(page, 'people who were found');
    await page.locator('.chosen button').first().click();
    await page.locator('#person-title').waitFor();
    await checkPage(page, 'what is kept of a person');
    await page.locator('[formaction="/console/privacy/erase"]').first().click();
    await page.locator('#erase-own').waitFor();
    await checkPage(page, 'an erasure');
  }

  it('says that its numbers are old while the server is away', async () => {
    const context = await openContext(browser, LOOKS[0] ?? {});
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${test.url}/console`);
    await signIn(page);
    const old = page.getByText('These numbers are old.');
    assert.equal(await old.count(), 0);
    await context.setOffline(true);
    await page.clock.runFor(5_000);
    await old.waitFor();
    await context.setOffline(false);
    await page.clock.runFor(5_000);
    await old.waitFor({ state: 'detached' });
    await context.close();
  });

  /** Fills in the page of the link, which then leads to the overview. */
  async function typeFirstAdmin(page: Page): Promise<void> {
    for (const text of ['ana', 'planted-secret of Ana', 'planted-secret of Ana']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.locator('nav [aria-current]').waitFor();
  }

  for (const look of LOOKS) {
    it(`makes the first admin at the printed link by keyboard, ${look.locale}`, async (t) => {
      const firstAdmin = { secret: 'planted-secret of this start', onNoUsers: () => undefined };
      const empty = await startTestApp(temporaryFolder(), () => undefined, { firstAdmin });
      t.after(() => empty.close());
      const page = await openConsole(t, look, empty.url);
      await checkPage(page, 'sign-in without users');
      await page.goto(`${empty.url}/console/first?key=${firstKeyOf(firstAdmin.secret, 'default')}`);
      await checkPage(page, 'first');
      await typeFirstAdmin(page);
      assert.deepEqual(
        (await empty.store.users.list()).map(({ name }) => name),
        ['ana'],
      );
    });
  }

  it('leads who has just begun to the import of a file that is dropped anywhere, and to its customers', async (t) => {
    const firstAdmin = { secret: 'planted-secret of this start', onNoUsers: () => undefined };
    const empty = await startTestApp(temporaryFolder(), () => undefined, { firstAdmin });
    t.after(() => empty.close());
    const page = await openConsole(t, LOOKS[0] ?? {}, empty.url);
    await page.goto(`${empty.url}/console/first?key=${firstKeyOf(firstAdmin.secret, 'default')}`);
    await typeFirstAdmin(page);
    await page.locator('[data-part="attention"] a[href="/console/import"]').click();
    // As text: these names are a browser's.
    const dropped = await page.evaluateHandle(`(() => {
      const files = new DataTransfer();
      files.items.add(new File(['Nombre,Teléfono\\nZoila,55 1234 0201\\n'], 'clientes.csv', { type: 'text/csv' }));
      return files;
    })()`);
    await page.dispatchEvent('#history-title', 'drop', { dataTransfer: dropped });
    await page.locator('form[data-upload] button').click();
    await page.locator('#list').waitFor();
    assert.equal(await page.locator('#list').inputValue(), '1001');
    await page.locator('button[value="import"]').click();
    await page.locator('[data-part="state"] a[href="/console/customers"]').click();
    await page.locator('#text').fill('Zoila');
    await page.keyboard.press('Enter');
    await page.locator('.chosen tbody button').first().waitFor();
  });

  it('asks before what was typed into one form is lost by another, or by going elsewhere', async (t) => {
    const page = await openConsole(t, LOOKS[0] ?? {});
    await signIn(page);
    await page.goto(`${test.url}/console/lists?list=22799127`);
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.locator('#fields').pressSequentially(' ');
    for (const other of ['[action="/console/lists/save"] button', 'nav a:not([aria-current])']) {
      const dialog = page.waitForEvent('dialog');
      await page.locator(other).first().click({ noWaitAfter: true });
      await dialog;
    }
    assert.deepEqual(asked, ['beforeunload', 'beforeunload']);
    assert.match(await page.locator('#fields').inputValue(), / /, 'it is still there');
    const sent = page.waitForResponse((answer) => answer.url().endsWith('/console/lists/fields'));
    await page.locator('[action="/console/lists/fields"] button').click();
    await sent;
    assert.equal(asked.length, 2, 'and its own button sends it');
  });

  it('moves: what was looked up meanwhile appears by itself', async (t) => {
    const page = await openConsole(t, LOOKS[0] ?? {});
    await signIn(page);
    const lookups = page.locator('[data-part="hour"] .tiles dd').first();
    const before = Number(await lookups.innerText());
    const client = await signInAtConsole(test.url);
    for (const id of [14246, 2_000_001]) await client.get(`/card?lead=${id}`);
    const more = new RegExp(`^${before + 2}$`);
    await page.locator('[data-part="hour"] .tiles dd').filter({ hasText: more }).first().waitFor();
  });

  for (const look of LOOKS) {
    it(`imports a file, and is WCAG 2.2 AA meanwhile, ${look.locale}`, async (t) => {
      const page = await openConsole(t, look);
      await signIn(page);
      await page.goto(`${test.url}/console/import`);
      const rows = 'Nombre,Teléfono,Ciudad\nZoila,55 1234 0201,León\nNadie,abc,\n';
      await page
        .locator('#file')
        .setInputFiles({ name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
      await page.locator('form[data-upload] button').click();
      await page.locator('#column-0').waitFor();
      await checkPage(page, 'the file');
      await page.locator('#list').fill('7200');
      await page.locator('button[value="trial"]').click();
      await page.locator('#trial-title').waitFor();
      await checkPage(page, 'the trial');
      await page.locator('button[value="import"]').click();
      await page.locator('a[href$="/rejects"]').waitFor();
      await checkPage(page, 'the result');
    });
  }
});
