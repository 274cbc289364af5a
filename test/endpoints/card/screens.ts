import { notifyCall } from './call-fixture.ts';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** What the page can look like: a name, and the way there. */
export interface Screen {
  readonly name: string;
  /** Undefined: nobody is signed in. */
  readonly user?: 'MyUser' | 'Edith' | 'Carla' | undefined;
  open(page: Page, url: string): Promise<unknown>;
}

const at = (path: string) => (page: Page, url: string) => page.goto(`${url}${path}`);

export const SCREENS: readonly Screen[] = [
  { name: 'sign-in', open: at('/card?phone=5587654321') },
  {
    name: 'wrong-password',
    async open(page, url) {
      await page.goto(`${url}/card`);
      await fillIn(page, 'MyUser', 'not the password');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'confirm',
    async open(page, url) {
      // A page without an origin is another site's.
      const link = `<a href="${url}/card?lead=14246&amp;phone=8004321000">Web form</a>`;
      await page.goto(`data:text/html,${encodeURIComponent(link)}`);
      await page.locator('a').click();
      await page.locator('.asked').waitFor();
    },
  },
  { name: 'ready', user: 'MyUser', open: at('/card') },
  { name: 'address-over', user: 'MyUser', open: at('/card?c=AAAA') },
  { name: 'example', user: 'MyUser', open: at('/card?phone=8004321000') },
  { name: 'customer', user: 'MyUser', open: at('/card?phone=8133334444') },
  {
    name: 'all-numbers',
    user: 'MyUser',
    async open(page, url) {
      await page.goto(`${url}/card?phone=8155550003`);
      await page.locator('.more-numbers summary').click();
      await page.getByText('Fax').waitFor();
    },
  },
  { name: 'nameless', user: 'MyUser', open: at('/card?phone=8144445555') },
  { name: 'several', user: 'MyUser', open: at('/card?phone=5511112222') },
  { name: 'nobody', user: 'MyUser', open: at('/card?phone=5599990000') },
  { name: 'named', user: 'MyUser', open: at('/card?q=guadalupe') },
  { name: 'nobody-named', user: 'MyUser', open: at('/card?q=Filiberta') },
  { name: 'account', user: 'MyUser', open: at('/card/account') },
  {
    name: 'account-wrong',
    user: 'MyUser',
    async open(page, url) {
      await page.goto(`${url}/card/account`);
      for (const [field, text] of [
        ['#old-password', 'not the password'],
        ['#new-password', 'planted-secret 1'],
        ['#again', 'planted-secret 1'],
      ] as const)
        await page.locator(field).fill(text);
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'keys',
    user: 'MyUser',
    async open(page, url) {
      await page.goto(`${url}/card?lead=14246`);
      await page.locator('.keys summary').click();
      await page.locator('.alerts summary').click();
    },
  },
];

/** What README.md shows. */
export const README_SCREEN: Screen = { name: 'readme', user: 'MyUser', open: at('/card?phone=3387650006') };

/** What somebody sees who may change customers. */
export const EDITING_SCREENS: readonly Screen[] = [
  { name: 'editor', user: 'Edith', open: at('/card?phone=8133334444') },
  { name: 'editor-forms', user: 'Edith', open: openForms },
  { name: 'edit-open', user: 'Edith', open: (page, url) => openEdit(page, url, 'address') },
  { name: 'saved', user: 'Edith', open: save },
  { name: 'conflict', user: 'Edith', open: meet },
  { name: 'note', user: 'Edith', open: addNotes },
  {
    name: 'timeline',
    user: 'Edith',
    async open(page, url) {
      await save(page, url);
      await page.locator('.all a').click();
      await page.locator('.timeline').waitFor();
    },
  },
  { name: 'nobody-editor', user: 'Edith', open: at('/card?phone=5599990000') },
  { name: 'new-customer', user: 'Edith', open: openNewCustomer },
  {
    name: 'new-customer-taken',
    user: 'Edith',
    async open(page, url) {
      await openNewCustomer(page, url);
      await page.locator('#new-phone_number').fill('33 3666 0004');
      await page.locator('#new-list_id').selectOption('22799125');
      await page.locator('main .acts button').click();
      await page.locator('.wrong').waitFor();
    },
  },
  {
    name: 'new-customer-undone',
    user: 'Edith',
    async open(page, url) {
      await openNewCustomer(page, url);
      await page.locator('#new-list_id').selectOption('22799125');
      await page.locator('main .acts button').click();
      await page.locator('.toast button').click();
      await page.locator('.new-number').waitFor();
    },
  },
  { name: 'attach', user: 'Edith', open: (page, url) => attach(page, url, 'guadalupe') },
  { name: 'attach-one', user: 'Edith', open: (page, url) => attach(page, url, 'herrera') },
  { name: 'attach-nobody', user: 'Edith', open: (page, url) => attach(page, url, 'Filiberta') },
  {
    name: 'call-noted',
    user: 'Edith',
    async open(page, url) {
      await ring(page, url, { user: 'Edith', phone: '3387650006', line: 'Ventas' }, '.is-matched');
      await page.locator('[data-call="note"]').click();
      await page.locator('[name="f:outcome"]').fill('CALLBK');
      await page.locator('[name="f:note"]').fill('Llamar el lunes después de las 18:00.');
      await page.keyboard.press('Control+Enter');
      await page.locator('.own-call .outcome').waitFor();
    },
  },
  {
    name: 'call-note',
    user: 'Edith',
    async open(page, url) {
      await ring(page, url, { user: 'Edith', phone: '+57 601 381 0000' }, '.new-number');
      await page.locator('[data-call="note"]').click();
      await page.locator('[name="f:note"]').fill('Preguntó por');
    },
  },
];

/** What somebody sees at whom it rings. */
export const CALL_SCREENS: readonly Screen[] = [
  {
    name: 'call-rings',
    user: 'Carla',
    open: (page, url) => ring(page, url, { phone: '3387650006', line: 'Ventas' }, '.is-matched'),
  },
  {
    name: 'call-answered',
    user: 'Carla',
    async open(page, url) {
      await ring(page, url, { phone: '8144445555', line: 'Cobranza' }, '.warning');
      await report(url, { state: 'answered' });
      await page.locator('#call', { hasText: /In conversation|En llamada/ }).waitFor();
    },
  },
  {
    name: 'call-ended',
    user: 'Carla',
    async open(page, url) {
      await ring(page, url, { phone: '5511112222' }, '.matches');
      await report(url, { state: 'ended' });
      await page.locator('#call.is-over').waitFor();
    },
  },
  {
    name: 'call-new-number',
    user: 'Carla',
    open: (page, url) => ring(page, url, { phone: '+57 601 381 0000', line: 'Ventas' }, '.new-number'),
  },
  {
    name: 'home-after-calls',
    user: 'Carla',
    async open(page, url) {
      await ring(page, url, { phone: '3387650006' }, '.is-matched');
      await report(url, { state: 'ended' });
      await page.locator('#call.is-over').waitFor();
      await page.goto(`${url}/card`);
      await page.locator('.calls').waitFor();
    },
  },
];

let rung = 0;
/** The call that rang last. */
let latest: Readonly<Record<string, unknown>> = {};

function report(url: string, news: Readonly<Record<string, unknown>>): Promise<unknown> {
  return notifyCall(url, { ...latest, ...news });
}

/** Has a call ring at the home page, and waits until what it is about is shown. */
async function ring(
  page: Page,
  url: string,
  call: Readonly<Record<string, unknown>>,
  shown: string,
): Promise<void> {
  await page.goto(`${url}/card`);
  await page.locator('.live.is-live').waitFor();
  rung += 1;
  latest = { user: 'Carla', direction: 'inbound', call_id: `screen-${rung}`, ...call };
  await report(url, {});
  await page.locator(shown).first().waitFor();
  await page.locator('#call').waitFor();
}

/** Opens a card with all its forms, one of them with what is wrong. */
async function openForms(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/card?lead=2000001`);
  // The script, which hears of it, would let one be open.
  await page.evaluate(`
    addEventListener('toggle', (event) => event.stopImmediatePropagation(), { capture: true });
    document.querySelectorAll('details').forEach((details) => { details.open = true });`);
  await page.locator('[data-edit="phone_number"] input[type="tel"]').fill('call me');
  await page.locator('[data-edit="phone_number"] button').click();
  await page.locator('.wrong').waitFor();
}

async function openEdit(page: Page, url: string, key: string): Promise<void> {
  await page.goto(`${url}/card?lead=2000001`);
  await page.locator(`[data-edit="${key}"] summary`).click();
  await page.locator(`[data-edit="${key}"] form`).waitFor();
}

let saved = 0;

/** Saves something that was not there before. */
async function save(page: Page, url: string): Promise<void> {
  await openEdit(page, url, 'address');
  saved += 1;
  await page.locator('input[name="f:address2"]').fill(`Interior ${saved}`);
  await page.keyboard.press('Enter');
  await page.locator('.toast').waitFor();
}

/** Saves an e-mail that was changed in another window meanwhile. */
async function meet(page: Page, url: string): Promise<void> {
  await openEdit(page, url, 'email');
  await page.locator('input[name="f:email"]').fill('lupita@example.com');
  const other = await page.context().newPage();
  await openEdit(other, url, 'email');
  saved += 1;
  await other.locator('input[name="f:email"]').fill(`guadalupe${saved}@example.com`);
  await other.keyboard.press('Enter');
  await other.locator('.toast').waitFor();
  await other.close();
  await page.locator('[data-edit="email"] button').click();
  await page.locator('.theirs').waitFor();
}

/** Three notes, and a fourth that is being written. */
async function addNotes(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/card?lead=2000001`);
  const texts = [
    'Pidió la factura de mayo por correo.',
    'Llamar el lunes después de las 18:00.\nContesta su hermana.',
    'Ya recibió la factura.',
  ];
  for (const text of [...texts, 'Quiere cambiar de plan en']) {
    await page.locator('[data-edit="note"] summary').click();
    await page.locator('#note').fill(text);
    if (!texts.includes(text)) break;
    await page.locator('[data-edit="note"] button').click();
    await page.locator('.notes li').first().getByText(text.slice(0, 20)).waitFor();
  }
}

async function openNewCustomer(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/card?phone=5599990000`);
  await page.locator('.acts a').first().click();
  await page.locator('.form-page').waitFor();
}

/** To whom a number belongs that nobody has. */
async function attach(page: Page, url: string, who: string): Promise<void> {
  await page.goto(`${url}/card?phone=5599990000`);
  await page.locator('.acts a').last().click();
  await page.locator('#who').fill(who);
  await page.keyboard.press('Enter');
  await page.locator('.people, .alert').waitFor();
}

export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  readonly locale: string;
}

const LANGUAGES = [
  ['en', 'en-US'],
  ['es', 'es-MX'],
] as const;
const WINDOWS = [
  ['wide', 1280, 800],
  ['narrow', 375, 812],
] as const;

/** How each is pictured: every language, width and colour scheme. */
export const LOOKS: readonly Look[] = LANGUAGES.flatMap(([language, locale]) =>
  WINDOWS.flatMap(([window, width, height]) =>
    (['light', 'dark'] as const).map((colorScheme) => {
      const name = `${language}-${window}-${colorScheme}`;
      return { name, locale, width, height, colorScheme };
    }),
  ),
);

/** Shows screens in one look. */
export async function forEachScreen(
  open: (options: BrowserContextOptions) => Promise<BrowserContext>,
  url: string,
  look: Look,
  screens: readonly Screen[],
  check: (screen: Screen, page: Page) => Promise<void>,
): Promise<void> {
  const { width, height, colorScheme, locale } = look;
  const context = await open({ viewport: { width, height }, colorScheme, locale });
  const page = await context.newPage();
  // Each signs in once; who is nobody comes first.
  const order = [undefined, 'MyUser', 'Edith', 'Carla'] as const;
  let user: Screen['user'];
  for (const screen of [...screens].sort(
    (one, other) => order.indexOf(one.user) - order.indexOf(other.user),
  )) {
    if (screen.user !== undefined && screen.user !== user) {
      await context.clearCookies();
      await signIn(page, url, screen.user);
      ({ user } = screen);
    }
    await screen.open(page, url);
    if (screen.user !== undefined) await page.locator('.live.is-live').waitFor();
    await check(screen, page);
  }
  await context.close();
}

/** By the form, as a person does. */
export async function signIn(page: Page, url: string, user = 'MyUser', password = 'MyPass'): Promise<void> {
  await page.goto(`${url}/card`);
  await fillIn(page, user, password);
  await page.locator('.bar').waitFor();
}

export async function fillIn(page: Page, user: string, password: string): Promise<void> {
  await page.locator('#user').fill(user);
  await page.locator('#password').fill(password);
  await page.locator('.sign-in button').click();
}
