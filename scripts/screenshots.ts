/**
 * Pictures of the agent's page and of the console, of every kind and look, in screenshots/; and docs/card.png, the one that README.md shows.
 * `npm run screenshots`; `--readme` makes only that one.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { BrowserContextOptions } from 'playwright-core';

import { fillPast } from '../test/endpoints/card/call-fixture.ts';
import { GUADALUPE, NAMELESS } from '../test/endpoints/card/card-fixture.ts';
import {
  CALL_SCREENS,
  EDITING_SCREENS,
  fillIn,
  LOOKS,
  README_SCREEN,
  SCREENS,
  forEachScreen,
  type Look,
} from '../test/endpoints/card/screens.ts';
import { ADA, startConsoleApp } from '../test/endpoints/console/console-fixture.ts';
import { CONSOLE_SCREENS } from '../test/endpoints/console/screens.ts';
import { openChromium, openContext } from '../test/support/chromium.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'screenshots');
const readmeImage = join(root, 'docs', 'card.png');
const README_LOOK: Look = { name: 'readme', locale: 'en-US', width: 1080, height: 840, colorScheme: 'light' };
/** Everybody who clones the project gets it. */
const MAX_BYTES = 100_000;

const { values } = parseArgs({ options: { readme: { type: 'boolean', default: false } } });
const test = await startConsoleApp();
await fillPast(test.store, GUADALUPE.lead_id, NAMELESS.lead_id);
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
  await forEachScreen(open, test.url, README_LOOK, [README_SCREEN], async (_screen, page) => {
    await page.screenshot({ path: readmeImage });
  });
  const { size } = statSync(readmeImage);
  console.log(`docs/card.png, ${Math.ceil(size / 1000)} kB`);
  if (size >= MAX_BYTES) throw new Error(`docs/card.png has ${size} bytes; below ${MAX_BYTES} are wanted`);
}

async function takeAll(look: Look): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await forEachScreen(
    open,
    test.url,
    look,
    [...SCREENS, ...EDITING_SCREENS, ...CALL_SCREENS],
    async ({ name }, page) => {
      await page.screenshot({ path: join(folder, `${name}-${look.name}.png`), fullPage: true });
    },
  );
  await takeConsole(look);
  console.log(`screenshots/*-${look.name}.png`);
}

async function takeConsole(look: Look): Promise<void> {
  const { width, height, locale, colorScheme } = look;
  const context = await open({ locale, colorScheme, viewport: { width, height } });
  try {
    const page = await context.newPage();
    const take = (name: string) =>
      page.screenshot({ path: join(folder, `console-${name}-${look.name}.png`), fullPage: true });
    await page.goto(`${test.url}/console`);
    await take('sign-in');
    await fillIn(page, ADA.name, ADA.password);
    await page.locator('nav').waitFor();
    for (const screen of CONSOLE_SCREENS) {
      await screen.open(page, test.url);
      await take(screen.name);
    }
  } finally {
    await context.close();
  }
}
