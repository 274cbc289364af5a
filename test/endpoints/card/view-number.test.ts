import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';

import { viewNumber } from '../../../src/endpoints/card/view-number.ts';
import type { Country } from '../../../src/core/phone.ts';
import { ROOT } from '../../support/command.ts';

/** What a click dials; undefined: no link. */
const LINKS: readonly (readonly [Country, string, string | undefined])[] = [
  ['MX', '3312345678', 'tel:+523312345678'],
  ['MX', '(33) 1234-5678', 'tel:+523312345678'],
  ['MX', '33 1234 5678', 'tel:+523312345678'],
  ['MX', '33.1234.5678', 'tel:+523312345678'],
  ['MX', '33 - 1234 - 5678', 'tel:+523312345678'],
  ['MX', '33/12345678', 'tel:+523312345678'],
  ['MX', '+52 1 33 1234 5678', 'tel:+523312345678'],
  ['MX', '(+52) 33 1234 5678', 'tel:+523312345678'],
  ['MX', '+52 (33) 1234 5678', 'tel:+523312345678'],
  ['MX', 'tel:+523312345678', 'tel:+523312345678'],
  ['MX', '33\u00a01234\u20115678\u200e', 'tel:+523312345678'],
  ['MX', '00 34 600 000 000', 'tel:+34600000000'],
  ['MX', '+1 212 555 0100', 'tel:+12125550100'],
  ['DE', '030/123456', 'tel:+4930123456'],
  ['DE', '+49 (0)30 123456', 'tel:+4930123456'],
  ['US', '1-800-555-0199', 'tel:+18005550199'],
  // An extension is no part of the number.
  ['MX', '33 1234 5678 ext 12', 'tel:+523312345678;ext=12'],
  ['MX', '33 1234 5678 Ext. 12', 'tel:+523312345678;ext=12'],
  ['MX', '33 1234 5678, extensión 12', 'tel:+523312345678;ext=12'],
  ['MX', '+52 33 1234 5678x12', 'tel:+523312345678;ext=12'],
  ['MX', 'tel:+523312345678;ext=12', 'tel:+523312345678;ext=12'],
  ['MX', '1234 ext 12', undefined],
  ['MX', 'ext. 12', undefined],
  ['MX', '33 1234 5678 ext', undefined],
  ['MX', '33 1234 5678 ext 12 ext 13', undefined],
  ['MX', '33 1234 5678 ext 12345678', undefined],
  ['MX', '33 1234 5678 #12', undefined],
  ['MX', '33 1234 5678,12', undefined],
  ['MX', '33 1234 5678 (12)', undefined],
  // Nor is one that nobody calls so: together they would be another country's number.
  ['MX', '55 8765 4321 12', undefined],
  ['MX', '5587654321-12', undefined],
  ['MX', '5587654321 1', undefined],
  ['MX', '3312345678 1', undefined],
  ['MX', '81 2345 6789-12', undefined],
  ['MX', '44 2123 4567 - 12', undefined],
  ['MX', '5512345678 (12) 3', undefined],
  ['ES', '91 234 56 78 - 123', undefined],
  ['US', '(212) 555-1234 12', undefined],
  ['MX', '1-800-555-0199', undefined],
  // In Germany it is dialled through.
  ['DE', '030 123456-12', 'tel:+493012345612'],
  ['MX', '18005550199', 'tel:+18005550199'],
  // Dates, addresses of computers and fractions.
  ['MX', '31.12.1990', undefined],
  ['MX', '1990-12-31', undefined],
  ['DE', '31 12 1990', undefined],
  ['MX', '10.0.0.1', undefined],
  ['MX', '12.5', undefined],
  ['MX', '1.234.567', undefined],
  // Codes of the network: they divert calls, or cost money.
  ['MX', '*72 900 123 4567', undefined],
  ['MX', '*723312345678', undefined],
  ['MX', '**21*3312345678#', undefined],
  ['MX', '#31#3312345678', undefined],
  ['MX', '3312345678#', undefined],
  ['MX', '3312345678p1', undefined],
  ['MX', '3312345678w1', undefined],
  // Several numbers, and words.
  ['MX', '3312345678/79', undefined],
  ['MX', '33 1234 5678 / 33 8765 4321', undefined],
  ['MX', '3312345678 3387654321', undefined],
  ['MX', '33 1234 5678 12', undefined],
  ['MX', '33 1234 5678 casa', undefined],
  ['MX', 'casa 33 1234 5678', undefined],
  ['MX', '1-800-FLOWERS', undefined],
  ['MX', 'unknown', undefined],
  ['MX', '33123456xx', undefined],
  ['MX', '33--12345678', undefined],
  ['MX', '33+12345678', undefined],
  ['MX', '((33)) 12345678', undefined],
  ['MX', '(33 12345678', undefined],
  ['MX', '-3312345678', undefined],
  ['MX', '5587654321ª', undefined],
  ['MX', '５５８７６５４３２１', undefined],
  ['MX', "33'12345678", undefined],
  ['MX', '3312345678"onclick="x', undefined],
  ['MX', 'javascript:3312345678', undefined],
  ['MX', 'tel:tel:3312345678', undefined],
  // Short and local ones, which no plan has.
  ['MX', '911', 'tel:911'],
  ['MX', '8765-4321', 'tel:87654321'],
  ['MX', '12', undefined],
  ['MX', '0000000', undefined],
  ['MX', '+12345', undefined],
  ['MX', '+0000000000', undefined],
  ['MX', '123456789012345678', undefined],
  ['DE', '33123433331234', undefined],
  ['MX', '', undefined],
];

describe('click-to-dial', () => {
  for (const [country, stored, href] of LINKS) {
    it(`57: ${country} ${JSON.stringify(stored)}: ${href ?? 'no link'}`, () => {
      const view = viewNumber(stored, country);
      assert.equal(view.href, href);
      if (href === undefined) assert.deepEqual([view.shown, view.copied], [stored, stored]);
    });
  }

  const digitsOf = (text: string) => text.replace(/\D/g, '');
  const EXTENSION = /\s*[,;]?\s*(?:ext(?:ensi[oó]n|n)?[.:=]?|x[.:]?)\s*\d+$/i;

  const text = fc.oneof(
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '+',
            '(',
            ')',
            ' ',
            '-',
            '.',
            '/',
            '*',
            '#',
            ',',
            ';',
            'ext',
            ' ext. ',
            'x',
            'a',
            'tel:',
            '\u00a0',
          ),
          fc.constantFrom('33', '1234', '5678', '12', '0', '52', '900', '*72'),
        ),
        { maxLength: 9 },
      )
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('33 1234 5678', '+52 33 1234 5678', '8765 4321'), fc.string({ maxLength: 8 }))
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 16 }),
  );

  it('57: dials the digits that are stored, all of them and no others, or nothing', () => {
    let links = 0;
    fc.assert(
      fc.property(text, fc.constantFrom<Country>('MX', 'US', 'DE'), (stored, country) => {
        const { href } = viewNumber(stored, country);
        if (href === undefined) return;
        links++;
        const [, number = '', extension = ''] = /^tel:(\+?\d{3,15})(?:;ext=(\d{1,7}))?$/.exec(href) ?? [];
        assert.notEqual(number, '', href);
        const base = stored.trim().replace(/^tel:/i, '').replace(EXTENSION, '');
        assert.doesNotMatch(base, /[^\d+()./\s\u2010-\u2015\u200e\u200f\u202a-\u202c\u2060-]/);
        assert.equal(extension === '', base === stored.trim().replace(/^tel:/i, ''));
        // In front the country's code may come, and a trunk prefix may go; behind, what a spreadsheet adds to a number.
        const [dialled, written] = [digitsOf(number), digitsOf(base.replace(/^(\+?\d+)\.0+$/, '$1'))];
        const end = Math.min(4, dialled.length, written.length);
        assert.equal(dialled.slice(-end), written.slice(-end), `${stored} dials ${href}`);
        assert.ok(Math.abs(dialled.length - written.length) <= 4, `${stored} dials ${href}`);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(links > 200, String(links));
  });

  it('57: is made in one place', () => {
    const sources = join(ROOT, 'src');
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(?:ts|js|eta)$/.test(name),
    );
    const makers = files.filter((name) => /["'`]tel:/.test(readFileSync(join(sources, name), 'utf8')));
    assert.deepEqual(makers, ['endpoints/card/view-number.ts']);
  });

  it('57: takes no longer for a long text than reading it', () => {
    for (const piece of ['1 ', '12-', '(1)', ' ext 1', '1x', '  ', '/', '+']) {
      const started = performance.now();
      viewNumber(piece.repeat(100_000), 'MX');
      assert.ok(performance.now() - started < 1_000, piece);
    }
  });
});
