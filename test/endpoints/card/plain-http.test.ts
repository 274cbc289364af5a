import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';

import { chromiumSkip, openChromium, openContext } from '../../support/chromium.ts';
import { startCardApp } from './card-fixture.ts';
import { signIn } from './screens.ts';

/** Names that are not this machine's own: for those a browser sends no Sec-Fetch-Site without TLS. */
const NAMES = ['--host-resolver-rules=MAP *.test 127.0.0.1'];

it(
  '52: over plain HTTP pages of other sites are known by their referrer',
  { skip: chromiumSkip },
  async (t) => {
    let card = '';
    const pages = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Another site</title><a href="${card}/card?lead=14246">Link</a>
<a rel="noreferrer" href="${card}/card?lead=14246">Hidden</a>
<form method="post" action="${card}/card"><input type="hidden" name="lead" value="14246"><button>Form</button></form>`);
    });
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    t.after(() => pages.close());
    const { port } = pages.address() as AddressInfo;
    const test = await startCardApp({ config: { popOrigins: [`http://dialer.test:${port}`] } });
    t.after(() => test.close());
    card = test.url.replace('127.0.0.1', 'card.test');
    const browser = await openChromium(NAMES);
    t.after(() => browser.close());
    const page = await (await openContext(browser, { locale: 'en-US' })).newPage();
    await signIn(page, card);
    await page.locator('#q').fill('14246');
    await page.keyboard.press('Enter');
    await page.locator('.card').waitFor();
    const cases: [site: string, by: string, shown: string][] = [
      ['evil.test', 'Link', '.asked'],
      ['evil.test', 'Form', '.asked'],
      ['evil.card.test', 'Link', '.asked'],
      ['evil.card.test', 'Form', '.asked'],
      ['dialer.test', 'Link', '.card'],
      ['dialer.test', 'Form', '.card'],
      // docs/security.md: what is not promised.
      ['evil.test', 'Hidden', '.card'],
    ];
    for (const [site, by, shown] of cases) {
      await page.goto(`http://${site}:${port}/`);
      await page.getByText(by, { exact: true }).click();
      await page.locator('.asked, .card').first().waitFor();
      assert.equal(await page.locator(shown).count(), 1, `${site} ${by}`);
    }
  },
);
