import assert from 'node:assert/strict';

import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';

import { openChromium, openContext } from '../../support/chromium.ts';
import type { TestApp } from '../../support/test-app.ts';
import { startCardApp } from './card-fixture.ts';

const LOOK = { locale: 'en-US', viewport: { width: 1000, height: 700 } } as const;

/** A page's own status, such as 404, is told like a fault. */
const OWN_STATUS = /status of 4\d\d/;

/** A card and a browser in front of it. Every page is watched: what it does wrong, or against its policy, fails the test. */
export interface BrowserFixture {
  readonly test: TestApp;
  readonly url: string;
  readonly browser: Browser;
  /** A window with cookies of its own. */
  openContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Closes the windows, and looks at what was watched; for `afterEach`. */
  closeContexts(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param expected what pages may tell as an error
 * @param config settings of the card
 */
export async function openBrowserFixture(
  expected = OWN_STATUS,
  config: NonNullable<Parameters<typeof startCardApp>[0]>['config'] = {},
): Promise<BrowserFixture> {
  const test = await startCardApp({ config });
  const browser = await openChromium();
  const open = new Set<BrowserContext>();
  const faults: string[] = [];

  async function closeContexts(): Promise<void> {
    await Promise.all([...open].map((context) => context.close()));
    open.clear();
    assert.deepEqual(faults.splice(0), [], 'nothing that a page did was wrong, or against its policy');
  }

  return {
    test,
    url: test.url,
    browser,
    async openContext(options) {
      const context = await openContext(browser, { ...LOOK, ...options });
      context.on('weberror', (fault) => faults.push(String(fault.error())));
      context.on('console', (message) => {
        if (message.type() === 'error' && !expected.test(message.text())) faults.push(message.text());
      });
      open.add(context);
      return context;
    },
    closeContexts,
    async close() {
      try {
        await closeContexts();
      } finally {
        await browser.close();
        await test.close();
      }
    },
  };
}
