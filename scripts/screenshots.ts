/**
 * Pictures of the agent's page, of every kind and look, in screenshots/; and docs/card.png, the one that README.md shows.
 * `npm run screenshots`; `--readme` makes only that one.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { BrowserContextOptions, Page } from 'playwright-core';

import { startCardApp } from '../test/endpoints/card/card-fixture.ts';
import { LOOKS, SCREENS, forEachScreen, type Look } from '../test/endpoints/card/screens.ts';
import { openChromium, openContext } from '../test/support/chromium.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'screenshots');
const readmeImage = join(root, 'docs', 'card.png');
const README_LOOK = { ...LOOKS[0], width: 1160, height: 824 };
/** Everybody who clones the project gets it. */
const MAX_BYTES = 100_000;

const { values } = parseArgs({ options: { readme: { type: 'boolean', default: false } } });
const test = await startCardApp();
const browser = await openChromium();
const open = (options: BrowserContextOptions) => openContext(browser, options);
try {
  await takeReadmeImage();
  if (!values.readme) for (const look of LOOKS) await takeAll(look);
} finally {
  await browser.close();
  await test.close();
}

async function takeReadmeImage(): Promise<void> {
  const screens = SCREENS.filter(({ name }) => name === 'customer');
  const take = async (page: Page) => {
    await page.screenshot({ path: readmeImage });
  };
  await forEachScreen(open, test.url, README_LOOK, (_screen, page) => take(page), screens);
  const { size } = statSync(readmeImage);
  console.log(`docs/card.png, ${Math.ceil(size / 1000)} kB`);
  if (size >= MAX_BYTES) throw new Error(`docs/card.png has ${size} bytes; below ${MAX_BYTES} are wanted`);
}

async function takeAll(look: Look): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await forEachScreen(open, test.url, look, async ({ name }, page) => {
    await page.screenshot({ path: join(folder, `${name}-${look.name}.png`), fullPage: true });
  });
  console.log(`screenshots/*-${look.name}.png`);
}
