import assert from 'node:assert/strict';
import { it } from 'node:test';

import { browserName } from '../../../src/endpoints/pages/browser-name.ts';

const LIKE_GECKO = 'AppleWebKit/537.36 (KHTML, like Gecko)';

/** As browsers of 2026 send it. */
const HEADERS: readonly (readonly [header: string | undefined, name: string])[] = [
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Windows'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${LIKE_GECKO} Chrome/156.0.0.0 Safari/537.36`,
    'Chrome, Windows',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${LIKE_GECKO} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`,
    'Edge, Windows',
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${LIKE_GECKO} Chrome/156.0.0.0 Safari/537.36 OPR/120.0.0.0`,
    'Opera, macOS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari, macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0.0.0 Mobile/15E148 Safari/604.1',
    'Chrome, iOS',
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${LIKE_GECKO} Chrome/156.0.0.0 Mobile Safari/537.36`,
    'Chrome, Android',
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${LIKE_GECKO} Chrome/156.0.0.0 Safari/537.36`,
    'Chrome, ChromeOS',
  ],
  [`Mozilla/5.0 (X11; Linux x86_64) ${LIKE_GECKO} HeadlessChrome/156.0.0.0 Safari/537.36`, 'Chrome, Linux'],
  ['curl/8.5.0', ''],
  ['<script>alert(1)</script>', ''],
  ['', ''],
  [undefined, ''],
];

it('browsers are named in short, and nothing else of what they say is kept', () => {
  for (const [header, name] of HEADERS) assert.equal(browserName(header), name, header);
  assert.equal(browserName(`${'x'.repeat(1_000_000)} Firefox/1`), '');
});
