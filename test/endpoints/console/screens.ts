import type { Page } from 'playwright-core';

import { CONSOLE_PAGES } from '../../../src/endpoints/console/console-pages.ts';
import { ADA } from './console-fixture.ts';

/** A page of the console in a state that people work with. */
export interface ConsoleScreen {
  readonly name: string;
  open(page: Page, url: string): Promise<void>;
}

/** Each page as it is opened, then what one does there. */
export const CONSOLE_SCREENS: readonly ConsoleScreen[] = [
  ...CONSOLE_PAGES.map(({ path }): ConsoleScreen => ({
    name: path === '/console' ? 'overview' : path.slice('/console/'.length),
    async open(page, url) {
      await page.goto(url + path);
    },
  })),
  { name: 'customers-found', open: findCustomers },
  {
    name: 'customer',
    async open(page, url) {
      await findCustomers(page, url);
      await openCustomer(page);
    },
  },
  {
    name: 'import-file',
    async open(page, url) {
      await page.goto(`${url}/console/import`);
      const csv = 'Teléfono,Nombre,Correo\n5512340001,Zoila,zoila@example.com\nno number,Luis,\n';
      const file = { name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) };
      await page.locator('#file').setInputFiles(file);
      await page.locator('form[data-upload] button').click();
      await page.locator('#list').waitFor();
    },
  },
  {
    name: 'user',
    async open(page, url) {
      await page.goto(`${url}/console/users`);
      await page.locator('summary', { hasText: ADA.name }).first().click();
    },
  },
  { name: 'privacy-found', open: findPeople },
  {
    name: 'privacy-erase',
    async open(page, url) {
      await findPeople(page, url);
      await page.locator('[formaction="/console/privacy/erase"]').first().click();
      await page.locator('#erase-own').waitFor();
    },
  },
];

/** Customers by a word of their names. */
export async function findCustomers(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/customers`);
  await search(page, 'guadalupe');
}

/** The first of those that were found. */
export async function openCustomer(page: Page): Promise<void> {
  await page.locator('.chosen tbody button').first().click();
  await page.locator('[aria-labelledby="timeline-title"]').waitFor();
}

async function findPeople(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/privacy`);
  await search(page, '8111112222');
}

async function search(page: Page, text: string): Promise<void> {
  await page.locator('#text').fill(text);
  await page.keyboard.press('Enter');
  await page.locator('.chosen').waitFor();
}
