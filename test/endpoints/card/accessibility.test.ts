import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

import { chromiumSkip } from '../../support/chromium.ts';
import { ROOT } from '../../support/command.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { LOOKS, forEachScreen } from './screens.ts';

/** For people to look at; git leaves it out. */
const FOLDER = join(ROOT, 'screenshots');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Each width and theme once: the other two looks have nothing that these have not, and take as long. */
const CHECKED = LOOKS.filter(({ name }) => name === 'wide-light' || name === 'narrow-dark');

describe('what the card looks like', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    fixture = await openBrowserFixture();
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  for (const look of CHECKED) {
    it(`is WCAG 2.2 AA, ${look.name}, and nothing sticks out`, async () => {
      await forEachScreen(
        (options) => fixture.openContext(options),
        fixture.url,
        look,
        async ({ name }, page) => {
          await page.screenshot({ path: join(FOLDER, `${name}-${look.name}.png`), fullPage: true });
          assert.deepEqual(await violationsOf(page), [], `${name}, ${look.name}`);
          assert.equal(await sticksOut(page), 0, `${name}, ${look.name}`);
          assert.deepEqual(await smallTargets(page), [], `${name}, ${look.name}`);
        },
      );
    });
  }
});

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(RULES)} } })`,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** How many pixels somebody has to scroll sideways. */
function sticksOut(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** Buttons and fields below 24 by 24 pixels. */
function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('button, input:not([type="hidden"], [type="checkbox"]), summary, .button')]
      .map((element) => [element.outerHTML, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
      .map(([html]) => html)`);
}
