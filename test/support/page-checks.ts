import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import type { Result, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** Minified: every page reads it anew. */
const AXE = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // What is as it should be is looked at, but not described.
  resultTypes: ['violations'],
};

/** That a page is WCAG 2.2 AA, and that nothing sticks out of its window. @param name of the page, for what is said of it */
export async function checkPage(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violationsOf(page), [], name);
  assert.equal(await sticksOut(page), 0, name);
  assert.deepEqual(await smallTargets(page), [], name);
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate<readonly Result[]>(
    `axe.run(document, ${JSON.stringify(OPTIONS)}).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
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
    [...document.querySelectorAll('button, input:not([type="hidden"], [type="checkbox"], [type="radio"]), summary, .button')]
      .map((element) => [element.outerHTML, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
      .map(([html]) => html)`);
}
