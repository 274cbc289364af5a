import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

import { findProgram, skipWithout } from './programs.ts';

/** As Debian and others call it. */
const program = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');

/** Why tests in a browser are skipped; false where they run. */
export const chromiumSkip = skipWithout('Chromium', program !== undefined, 'chromium');

/** No requests leave this machine. Root, as in a container, has no sandbox. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longer than anything takes in a browser on a busy machine. */
const NEVER_MS = 180_000;

/**
 * A browser without a window, with a new and empty profile; it ends with `close`, or with this process.
 *
 * @throws {Error} there is none
 */
export async function openChromium(flags: readonly string[] = []): Promise<Browser> {
  if (program === undefined) throw new Error('Chromium is not there: apt-get install chromium');
  return chromium.launch({ executablePath: program, args: [...FLAGS, ...flags], timeout: NEVER_MS });
}

/**
 * A browser without a window that keeps its profile in a folder; it is written when the browser is closed.
 *
 * @throws {Error} there is none
 */
export async function openProfile(folder: string, options: BrowserContextOptions): Promise<BrowserContext> {
  if (program === undefined) throw new Error('Chromium is not there: apt-get install chromium');
  const launch = { executablePath: program, args: FLAGS, timeout: NEVER_MS };
  const context = await chromium.launchPersistentContext(folder, { ...launch, ...options });
  context.setDefaultTimeout(NEVER_MS);
  context.setDefaultNavigationTimeout(NEVER_MS);
  return context;
}

/** A browser's window with cookies of its own, which waits as long as a busy machine takes. */
export async function openContext(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(NEVER_MS);
  context.setDefaultNavigationTimeout(NEVER_MS);
  return context;
}
