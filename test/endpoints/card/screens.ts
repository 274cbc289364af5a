import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** What the page can look like: a name, and the way there. */
export interface Screen {
  readonly name: string;
  /** Undefined: nobody is signed in. */
  readonly user?: 'MyUser' | 'Edith' | undefined;
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
  { name: 'editor', user: 'Edith', open: at('/card?phone=8133334444') },
  { name: 'editor-forms', user: 'Edith', open: openForms },
  {
    name: 'new-customer',
    user: 'Edith',
    async open(page, url) {
      await page.goto(`${url}/card?phone=5599990000`);
      await page.locator('.acts a').first().click();
      await page.locator('.form-page').waitFor();
    },
  },
  {
    name: 'attach',
    user: 'Edith',
    async open(page, url) {
      await page.goto(`${url}/card?phone=5599990000`);
      await page.locator('.acts a').last().click();
      await page.locator('#who').fill('5511112222');
      await page.locator('main button').click();
      await page.locator('.people').waitFor();
    },
  },
  {
    name: 'timeline',
    user: 'Edith',
    async open(page, url) {
      await page.goto(`${url}/card?lead=14246`);
      await page.locator('[data-edit="address"] summary').click();
      await page.locator('[data-edit="address"] input[name="f:address2"]').fill(`Interior ${Date.now()}`);
      await page.keyboard.press('Enter');
      await page.locator('.toast').waitFor();
      await page.locator('.all a').click();
      await page.locator('.timeline').waitFor();
    },
  },
  {
    name: 'keys',
    user: 'MyUser',
    async open(page, url) {
      await page.goto(`${url}/card?lead=14246`);
      await page.locator('.keys summary').click();
    },
  },
];

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

export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  readonly locale: string;
}

/** How each is looked at. */
export const LOOKS = [
  { name: 'wide-light', width: 1280, height: 800, colorScheme: 'light', locale: 'en-US' },
  { name: 'wide-dark', width: 1280, height: 800, colorScheme: 'dark', locale: 'es-MX' },
  { name: 'narrow-light', width: 320, height: 640, colorScheme: 'light', locale: 'es-MX' },
  { name: 'narrow-dark', width: 320, height: 640, colorScheme: 'dark', locale: 'en-US' },
] as const satisfies readonly Look[];

/** Shows every screen in one look. */
export async function forEachScreen(
  open: (options: BrowserContextOptions) => Promise<BrowserContext>,
  url: string,
  look: Look,
  check: (screen: Screen, page: Page) => Promise<void>,
  screens: readonly Screen[] = SCREENS,
): Promise<void> {
  const { width, height, colorScheme, locale } = look;
  const context = await open({ viewport: { width, height }, colorScheme, locale });
  const page = await context.newPage();
  // Each signs in once; who is nobody comes first.
  const order = [undefined, 'MyUser', 'Edith'] as const;
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
