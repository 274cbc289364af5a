import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import type { Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { basic } from '../../support/authorization.ts';
import { send } from '../../support/test-app.ts';
import { signIn } from './screens.ts';

const LEAD = 2_000_001;

/** What the page says, and a number for each language. */
const WORDS = {
  'en-US': {
    saved: 'Saved',
    undone: 'Taken back',
    change: /^<summary aria-label="Change E-mail"/,
    noPhone: 'That is no telephone number',
    meanwhile: 'Edith changed this meanwhile',
    keep: 'Keep theirs',
    mine: 'Save mine',
    new: 'New customer',
    added: 'Customer added',
    noted: 'Note added',
    attach: 'Add this number to a customer',
    add: /^Add 55/,
    year: '1985',
    digit: '1',
  },
  'es-MX': {
    saved: 'Guardado',
    undone: 'Deshecho',
    change: /^<summary aria-label="Cambiar Correo"/,
    noPhone: 'Eso no es un número de teléfono',
    meanwhile: 'Edith cambió esto mientras tanto',
    keep: 'Dejarlo como está',
    mine: 'Guardar lo mío',
    new: 'Cliente nuevo',
    added: 'Cliente agregado',
    noted: 'Nota agregada',
    attach: 'Agregar este número a un cliente',
    add: /^Agregar el 55/,
    year: '1995',
    digit: '2',
  },
} as const;

describe('changing a customer in a browser', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  before(async () => {
    fixture = await openBrowserFixture();
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

  const edit = (key: string, on: Page) => on.locator(`[data-edit="${key}"]`);
  const pencil = (key: string, on: Page) => edit(key, on).locator('summary');
  /** The script puts the cursor into the first field of a form that was opened. */
  const inField = (key: string, on: Page) => edit(key, on).locator('input:focus').waitFor();
  const focused = (on: Page) => on.evaluate<string>('document.activeElement.outerHTML');
  const isSamePage = (on: Page) => on.evaluate<boolean>('window.isSamePage');
  /** What a screen reader says. */
  const said = (text: string, on: Page) =>
    on.locator('#said', { hasText: text }).waitFor({ state: 'attached' });
  const toast = (text: string, on: Page) => on.locator('.toast', { hasText: text }).waitFor();
  const call = (phone: string) =>
    send(fixture.url, '/v1/calls', {
      method: 'POST',
      headers: { ...basic('MyUser', 'MyPass'), 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'Edith', phone }),
    });

  async function search(text: string, on: Page): Promise<void> {
    await on.locator('#q').fill(text);
    await on.keyboard.press('Enter');
  }

  async function stored(field: string): Promise<unknown> {
    const read = await fixture.test.store.records.read(LEAD, 'every list');
    return read?.state[field];
  }

  for (const [locale, words] of Object.entries(WORDS)) {
    const number = (last: string) => `55777700${words.digit}${last}`;

    it(`is done by the keyboard alone, said to screen readers, and taken back by a key, ${locale}`, async () => {
      const page = await openEdith(locale);
      const before = String(await stored('email'));
      await pencil('email', page).focus();
      await page.keyboard.press('Enter');
      await inField('email', page);
      // Given up: nothing is changed, and the focus is where it was.
      await page.keyboard.type('planted');
      await page.keyboard.press('Escape');
      assert.match(await focused(page), /^<summary/);
      assert.equal(await edit('email', page).locator('input[name="f:email"]').inputValue(), before);
      await page.keyboard.press('Enter');
      await inField('email', page);
      await page.keyboard.type('lupe@example.com');
      await page.keyboard.press('Enter');
      await toast(words.saved, page);
      await said(words.saved, page);
      assert.match(await focused(page), words.change);
      assert.equal(await stored('email'), 'lupe@example.com');
      await page.keyboard.press('u');
      await toast(words.undone, page);
      assert.equal(await stored('email'), before);
      assert.equal(await isSamePage(page), true);
      assert.equal(await page.evaluate('Object.keys(localStorage).join()'), '', 'no draft is kept');
    });

    it(`saves what is left, and neither what is typed elsewhere nor what is wrong, ${locale}`, async () => {
      const page = await openEdith(locale);
      await page.locator('.comments .value').click();
      await edit('comments', page).locator('textarea').fill(`Call at 9, ${locale}`);
      await pencil('note', page).click();
      await edit('note', page).locator('textarea').fill(`half a note, ${locale}`);
      await toast(words.saved, page);
      assert.equal(await edit('note', page).locator('textarea').inputValue(), `half a note, ${locale}`);
      assert.match(await focused(page), /<textarea id="note"/);
      await edit('note', page).getByRole('button').click();
      await page.locator('.notes li', { hasText: `half a note, ${locale}` }).waitFor();
      await toast(words.noted, page);
      await pencil('phone_number', page).click();
      await edit('phone_number', page).locator('input[type="tel"]').fill('call me');
      await page.keyboard.press('Enter');
      await said(words.noPhone, page);
      assert.match(await focused(page), /aria-invalid="true"[^]*call me|call me[^]*aria-invalid="true"/);
      await page.keyboard.press('Escape');
      await page.locator('.numbers .value', { hasText: '81 1111 2222' }).waitFor();
      assert.equal(await edit('phone_number', page).getAttribute('open'), null);
    });

    it(`shows two people what the other one did, and each decides, ${locale}`, async () => {
      const [page, other] = await Promise.all([openEdith(locale), openEdith('en-US')]);
      const birth = (on: Page) => edit('date_of_birth', on).locator('input[type="date"]');
      const theirs = `${words.year}-01-01`;
      for (const [date, mine] of [
        [theirs, '1986-02-02'],
        ['1987-03-03', '1988-04-04'],
      ] as const) {
        for (const on of [other, page]) await pencil('date_of_birth', on).click();
        await birth(other).fill(date);
        await other.keyboard.press('Enter');
        await other.locator(`time[datetime="${date}"]`).waitFor();
        await birth(page).fill(mine);
        await page.keyboard.press('Enter');
        await edit('date_of_birth', page).locator('.theirs', { hasText: date }).waitFor();
        await said(words.meanwhile, page);
        assert.equal(await birth(page).inputValue(), mine);
        // Leaving decides nothing.
        await page.locator('h1').click();
        if (date !== theirs) continue;
        await edit('date_of_birth', page).getByText(words.keep).click();
        await page.locator('time', { hasText: words.year }).waitFor();
        assert.equal(await stored('date_of_birth'), date);
      }
      await edit('date_of_birth', page).getByText(words.mine).click();
      await toast(words.saved, page);
      assert.equal(await stored('date_of_birth'), '1988-04-04');
    });

    it(`makes a customer of a number that nobody has, and takes it back, ${locale}`, async () => {
      const page = await openEdith(locale);
      await search(number('01'), page);
      for (const isKept of [false, true]) {
        await page.getByRole('link', { name: words.new }).click();
        // The number is there already.
        await page.locator('#new-first_name:focus').waitFor();
        await page.keyboard.type(`Nadia ${locale}`);
        await page.locator('#new-list_id').selectOption('22799127');
        await page.locator('main .acts button').click();
        await toast(words.added, page);
        await said(words.added, page);
        assert.equal(await page.locator('h1').innerText(), `Nadia ${locale}`);
        if (isKept) continue;
        await page.keyboard.press('u');
        await page.locator('.new-number').waitFor();
        await toast(words.undone, page);
      }
      await pencil('number:new', page).click();
      await inField('number:new', page);
      await page.keyboard.type(number('02'));
      await page.keyboard.press('Tab');
      await page.keyboard.type('office');
      await page.keyboard.press('Enter');
      await page.locator('.numbers li', { hasText: 'office' }).waitFor();
      assert.equal(await page.locator('.numbers li').count(), 2);
      assert.equal(await isSamePage(page), true);
      assert.doesNotMatch(page.url(), /55777/);
    });

    it(`adds a number to somebody who is found by name, by the keyboard alone, ${locale}`, async () => {
      const page = await openEdith(locale);
      await search(number('03'), page);
      await page.getByRole('link', { name: words.attach }).focus();
      await page.keyboard.press('Enter');
      await page.locator('#who:focus').waitFor();
      await page.keyboard.type('guadalupe');
      await page.keyboard.press('Enter');
      await page.locator('.people input:focus').waitFor();
      await page.keyboard.press('2');
      const second = page.locator('.people label', { has: page.locator(':checked') });
      const name = await second.locator('.name').innerText();
      // Somebody is chosen: the call waits.
      await call('8144445555');
      await page.locator('#waits:not(:empty)').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('celular');
      await page.getByRole('button', { name: words.add }).press('Enter');
      await page.locator('h1', { hasText: '81 4444 5555' }).waitFor();
      await search(number('03'), page);
      await page.locator('.is-matched', { hasText: 'celular' }).waitFor();
      assert.ok((await page.locator('h1').innerText()).includes(name), name);
      assert.equal(await isSamePage(page), true);
    });
  }

  it('opens one of several with a name by its key, and takes them back', async () => {
    const page = await openEdith('es-MX');
    await search('guadalupe', page);
    await page.locator('.matches').waitFor();
    const second = await page.locator('.matches .name').nth(1).innerText();
    await page.keyboard.press('2');
    await page.locator('.card').waitFor();
    assert.ok((await page.locator('h1').innerText()).includes(second));
    await pencil('gender', page).first().click();
    await edit('gender', page).locator('select').selectOption('F');
    await page.keyboard.press('Tab');
    await edit('gender', page).getByRole('button').click();
    await page.getByText('Las 3 personas con “guadalupe”').click();
    await page.locator('.matches').waitFor();
    assert.equal(await page.locator('#q').inputValue(), 'guadalupe');
  });

  it('keeps a call waiting while somebody types, and what was typed where the server is gone', async () => {
    const page = await openEdith('en-US');
    await pencil('address', page).click();
    await edit('address', page).locator('input[name="f:city"]').fill('Tonalá');
    await call('8144445555');
    await page.locator('#waits', { hasText: 'A call is waiting' }).waitFor();
    assert.equal(await edit('address', page).locator('input[name="f:city"]').inputValue(), 'Tonalá');
    await page.route('**/card/edit', (route) => route.fulfill({ status: 200, body: 'no page of ours' }));
    await page.keyboard.press('Enter');
    await edit('address', page).getByText('What you typed is still here').waitFor();
    await page.unroute('**/card/edit');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '81 4444 5555' }).waitFor();
    assert.equal(await stored('city'), 'Tonalá');
    assert.equal(await page.locator('#waits').textContent(), '');
  });

  it('writes down what a call was about, from its bar, and keeps what was typed where the session is over', async () => {
    const page = await openEdith('es-MX');
    await call('8144445555');
    await page.locator('h1', { hasText: '81 4444 5555' }).waitFor();
    await page.locator('[data-call="note"]').click();
    await edit('call', page).locator('[name="f:outcome"]:focus').waitFor();
    await edit('call', page).locator('textarea').fill('Quiere cambiar de plan');
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await edit('call', page).locator('textarea').press('Control+Enter');
    await edit('call', page).locator('.complaint').waitFor();
    await page.context().addCookies(cookies);
    await edit('call', page).locator('textarea').press('Control+Enter');
    await toast(WORDS['es-MX'].noted, page);
    await page.locator('.own-call .lines', { hasText: 'Quiere cambiar de plan' }).waitFor();
    assert.equal(await isSamePage(page), true);
  });

  it('lets a waiting call in once a form is left by a link', async () => {
    const page = await openEdith('en-US');
    await search('5577770099', page);
    await page.getByRole('link', { name: WORDS['en-US'].new }).click();
    await page.locator('#new-first_name').fill('Nobody after all');
    await call('8144445555');
    await page.locator('#waits', { hasText: 'A call is waiting' }).waitFor();
    await page.locator('.back a').click();
    await page.locator('h1', { hasText: '81 4444 5555' }).waitFor();
    assert.equal(await page.locator('#waits').textContent(), '');
  });

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

  it('lets an agent change the own password by keyboard, who goes on with the new one', async () => {
    const page = await (await fixture.openContext()).newPage();
    await signIn(page, fixture.url, 'Carla');
    await page.locator('a.user').press('Enter');
    await page.locator('#old-password').focus();
    for (const text of ['MyPass', 'planted-secret 1', 'planted-secret 1']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByText('Your password is changed').waitFor();
    await page.locator('.back a').click();
    await page.locator('.ready').waitFor();
    assert.deepEqual(new URL(page.url()).pathname, '/card');
  });
});
