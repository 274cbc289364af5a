import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';

import type { Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { basic } from '../../support/authorization.ts';
import { send } from '../../support/test-app.ts';
import { signIn } from './screens.ts';

const LEAD = 2_000_001;

describe('changing a customer in a browser', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  let page: Page;
  before(async () => {
    fixture = await openBrowserFixture();
  });
  beforeEach(async () => {
    page = await openEdith('en-US');
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  async function openEdith(locale: string): Promise<Page> {
    const opened = await (await fixture.openContext({ locale })).newPage();
    await signIn(opened, fixture.url, 'Edith');
    await opened.locator('.live.is-live').waitFor();
    await opened.goto(`${fixture.url}/card?lead=${LEAD}`);
    await opened.evaluate('window.isSamePage = true');
    return opened;
  }

  const edit = (key: string, on = page) => on.locator(`[data-edit="${key}"]`);
  const pencil = (key: string, on = page) => edit(key, on).locator('summary');
  const focused = (on = page) => on.evaluate<string>('document.activeElement.outerHTML');
  /** What a screen reader says. */
  const said = (text: string, on = page) =>
    on.locator('#said', { hasText: text }).waitFor({ state: 'attached' });
  const toast = (text: string, on = page) => on.locator('.toast', { hasText: text }).waitFor();

  async function stored(field: string): Promise<unknown> {
    const read = await fixture.test.store.records.read(LEAD, 'every list');
    return read?.state[field];
  }

  it('is done by the keyboard alone, said to screen readers, and taken back by a key', async () => {
    await pencil('email').focus();
    await page.keyboard.press('Enter');
    await edit('email').locator('input[name="f:email"]').waitFor();
    assert.match(await focused(), /name="f:email"/);
    // Given up: nothing is changed, and the focus is where it was.
    await page.keyboard.type('planted');
    await page.keyboard.press('Escape');
    assert.match(await focused(), /^<summary/);
    assert.equal(
      await edit('email').locator('input[name="f:email"]').inputValue(),
      'guadalupe.hernandez@example.com',
    );
    await page.keyboard.press('Enter');
    await edit('email').locator('form').waitFor();
    await page.keyboard.type('lupe@example.com');
    await page.keyboard.press('Enter');
    await toast('Saved');
    await said('Saved');
    assert.match(await focused(), /^<summary aria-label="Change E-mail"/);
    assert.equal(await stored('email'), 'lupe@example.com');
    await page.keyboard.press('u');
    await toast('Taken back');
    assert.equal(await stored('email'), 'guadalupe.hernandez@example.com');
    assert.equal(await page.evaluate('window.isSamePage'), true);
    assert.equal(await page.evaluate('Object.keys(localStorage).join()'), '', 'no draft is kept');
  });

  it('saves what is left, leaves alone what is typed elsewhere, and shows what is wrong beside it', async () => {
    await page.locator('.comments .value').click();
    await edit('comments').locator('textarea').fill('Call at 9');
    await pencil('note').click();
    await edit('note').locator('textarea').fill('half a note');
    await toast('Saved');
    assert.equal(await edit('note').locator('textarea').inputValue(), 'half a note');
    assert.match(await focused(), /<textarea id="note"/);
    await edit('note').getByRole('button').click();
    await page.locator('.notes li', { hasText: 'half a note' }).waitFor();
    await pencil('phone_number').click();
    await edit('phone_number').locator('input[type="tel"]').fill('call me');
    await page.keyboard.press('Enter');
    await said('That is no telephone number');
    assert.match(await focused(), /aria-invalid="true"[^]*call me|call me[^]*aria-invalid="true"/);
    await page.keyboard.press('Escape');
    await page.locator('.numbers .value', { hasText: '81 1111 2222' }).waitFor();
    assert.equal(await edit('phone_number').getAttribute('open'), null);
  });

  it('shows two people what the other one did, and each decides', async () => {
    const other = await openEdith('es-MX');
    await pencil('date_of_birth', other).click();
    await pencil('date_of_birth').click();
    await edit('date_of_birth', other).locator('input[type="date"]').fill('1985-01-01');
    await other.keyboard.press('Enter');
    await toast('Guardado', other);
    await edit('date_of_birth').locator('input[type="date"]').fill('1986-02-02');
    await page.keyboard.press('Enter');
    await edit('date_of_birth').locator('.theirs', { hasText: '1985-01-01' }).waitFor();
    await said('Edith changed this meanwhile');
    assert.equal(await edit('date_of_birth').locator('input[type="date"]').inputValue(), '1986-02-02');
    // Leaving decides nothing.
    await page.locator('h1').click();
    await edit('date_of_birth').getByText('Keep theirs').click();
    await page.locator('time', { hasText: 'January 1, 1985' }).waitFor();
    await pencil('date_of_birth', other).click();
    await edit('date_of_birth', other).locator('input[type="date"]').fill('1987-03-03');
    await pencil('date_of_birth').click();
    await edit('date_of_birth').locator('input[type="date"]').fill('1988-04-04');
    await edit('date_of_birth').getByText('Save', { exact: true }).click();
    await toast('Saved');
    await edit('date_of_birth', other).getByText('Guardar', { exact: true }).click();
    await edit('date_of_birth', other).getByText('Guardar lo mío').click();
    await toast('Guardado', other);
    assert.equal(await stored('date_of_birth'), '1987-03-03');
  });

  it('keeps a call waiting while somebody types, and what was typed where the server is gone', async () => {
    const call = () =>
      send(fixture.url, '/v1/calls', {
        method: 'POST',
        headers: { ...basic('MyUser', 'MyPass'), 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'Edith', phone: '8144445555' }),
      });
    await pencil('address').click();
    await edit('address').locator('input[name="f:city"]').fill('Tonalá');
    await call();
    await page.locator('#waits', { hasText: 'A call is waiting' }).waitFor();
    assert.equal(await edit('address').locator('input[name="f:city"]').inputValue(), 'Tonalá');
    await page.route('**/card/edit', (route) => route.fulfill({ status: 200, body: 'no page of ours' }));
    await page.keyboard.press('Enter');
    await edit('address').getByText('What you typed is still here').waitFor();
    await page.unroute('**/card/edit');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '81 4444 5555' }).waitFor();
    assert.equal(await stored('city'), 'Tonalá');
    assert.equal(await page.locator('#waits').textContent(), '');
  });

  for (const [locale, words] of [
    [
      'en-US',
      {
        new: 'New customer',
        save: 'Save',
        added: 'Customer added',
        number: 'Number',
        attach: 'Add this number to a customer',
        find: 'Find',
      },
    ],
    [
      'es-MX',
      {
        new: 'Cliente nuevo',
        save: 'Guardar',
        added: 'Cliente agregado',
        number: 'Número',
        attach: 'Agregar este número a un cliente',
        find: 'Buscar',
      },
    ],
  ] as const) {
    it(`makes a customer of a number that nobody has, and adds numbers, ${locale}`, async () => {
      const mine = await openEdith(locale);
      const number = locale === 'en-US' ? '5577770001' : '5577770002';
      await mine.locator('#q').fill(number);
      await mine.keyboard.press('Enter');
      await mine.getByRole('link', { name: words.new }).click();
      await mine.locator('#new-first_name').fill(`Nadia ${locale}`);
      await mine.locator('#new-list_id').selectOption('22799127');
      await mine.locator('main').getByRole('button', { name: words.save }).click();
      await toast(words.added, mine);
      await said(words.added, mine);
      assert.equal(await mine.locator('h1').innerText(), `Nadia ${locale}`);
      await pencil('number:new', mine).click();
      await mine.keyboard.type(`${number.slice(0, -1)}9`);
      await mine.keyboard.press('Tab');
      await mine.keyboard.type('office');
      await mine.keyboard.press('Enter');
      await mine.locator('.numbers li', { hasText: 'office' }).waitFor();
      await mine.locator('#q').fill(`${number.slice(0, -2)}8${number.slice(-1)}`);
      await mine.keyboard.press('Enter');
      await mine.getByRole('link', { name: words.attach }).click();
      await mine.locator('#who').fill(number);
      await mine.locator('main').getByRole('button', { name: words.find }).click();
      await mine.locator('.people button').click();
      await mine.locator('.is-matched').waitFor();
      assert.equal(await mine.locator('.numbers li').count(), 3);
      assert.equal(await mine.evaluate('window.isSamePage'), true);
      assert.doesNotMatch(mine.url(), /55777/);
    });
  }

  it('works without the script', async () => {
    const context = await fixture.openContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await signIn(plain, fixture.url, 'Edith');
    await plain.goto(`${fixture.url}/card?lead=2000002`);
    await pencil('name', plain).click();
    await edit('name', plain).locator('input[name="f:first_name"]').fill('Now named');
    await edit('name', plain).getByRole('button').click();
    await toast('Saved', plain);
    assert.equal(await plain.locator('h1').innerText(), 'Now named');
    await plain.locator('.toast button').click();
    await toast('Taken back', plain);
  });
});
