import { after, afterEach, before, describe, it } from 'node:test';

import { chromiumSkip } from '../../support/chromium.ts';
import { fillPast } from './call-fixture.ts';
import { GUADALUPE, NAMELESS } from './card-fixture.ts';
import { checkPage } from '../../support/page-checks.ts';
import { openBrowserFixture, type BrowserFixture } from './browser-fixture.ts';
import { CALL_SCREENS, EDITING_SCREENS, SCREENS, forEachScreen, type Look, type Screen } from './screens.ts';

const NARROW = { width: 320, height: 640, colorScheme: 'dark' } as const;
const WIDE = { width: 1280, height: 800, colorScheme: 'light' } as const;

/** Each language and each width once. */
const CHECKED: readonly (readonly [Look, readonly Screen[]])[] = [
  [{ name: 'en-wide', locale: 'en-US', ...WIDE }, [...SCREENS, ...EDITING_SCREENS, ...CALL_SCREENS]],
  [{ name: 'es-narrow', locale: 'es-MX', ...NARROW }, [...SCREENS, ...EDITING_SCREENS, ...CALL_SCREENS]],
];

describe('what the card looks like', { skip: chromiumSkip }, () => {
  let fixture: BrowserFixture;
  before(async () => {
    fixture = await openBrowserFixture();
    await fillPast(fixture.test.store, GUADALUPE.lead_id, NAMELESS.lead_id);
  });
  afterEach(() => fixture.closeContexts());
  after(() => fixture.close());

  for (const [look, screens] of CHECKED) {
    it(`is WCAG 2.2 AA, ${look.name}, and nothing sticks out`, async () => {
      await forEachScreen(
        (options) => fixture.openContext(options),
        fixture.url,
        look,
        screens,
        ({ name }, page) => checkPage(page, `${name}, ${look.name}`),
      );
    });
  }
});
