import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findLayout, splitHeader, TextFeatures } from '../../src/files/survey.ts';

describe('the delimiter', () => {
  it('is the one that makes most cells of the header', () => {
    assert.equal(findLayout('phone,list\n1;2;3;4,5').delimiter, ',');
    assert.equal(findLayout('phone;list;nombre\n1,5;2,5;x').delimiter, ';');
    assert.equal(findLayout('phone\tlist\r\n').delimiter, '\t');
    assert.equal(findLayout('phone|list').delimiter, '|');
    assert.equal(findLayout('phone\n5512345678').delimiter, ',');
  });

  it('does not count within quotes, and reads a header of several lines', () => {
    assert.equal(findLayout('"phone,a,b,c";"last\nname"\n1;2').delimiter, ';');
    assert.deepEqual(splitHeader('\n\n"phone,a";"last\nname"\n1;2', ';'), ['phone,a', 'last\nname']);
  });

  it('is the one that a first line sep= names', () => {
    assert.deepEqual(findLayout('sep=;\r\nphone;list\r\n'), { delimiter: ';', sepLineLength: 7 });
    assert.deepEqual(findLayout('"sep=|"\nphone|list,x,y,z'), { delimiter: '|', sepLineLength: 8 });
    assert.deepEqual(findLayout('SEP=^\nphone^list'), { delimiter: '^', sepLineLength: 6 });
  });

  it('is not found when a quote of the header is never closed', () => {
    assert.equal(splitHeader('"phone,list\n1,2', ','), undefined);
  });
});

describe('what a file is made of', () => {
  function look(text: string, size: number): TextFeatures {
    const features = new TextFeatures(';');
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) features.add(bytes.subarray(at, at + size));
    features.finish();
    return features;
  }

  function each(text: string, check: (features: TextFeatures, size: number) => void): void {
    for (let size = 1; size <= text.length; size++) check(look(text, size), size);
  }

  it('finds its line ends, wherever the pieces cut', () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['a;b\nc;d\n', ['\n']],
      ['a;b\r\nc;d\r\n', ['\r\n']],
      ['a;b\nc;d\r\n', ['\r\n', '\n']],
      ['a;b\r\n"c\nd";e', ['\r\n', '\n']],
      ['a;b\rc;d', ['\r']],
    ];
    for (const [text, lineEnds] of cases) {
      each(text, (features, size) =>
        assert.deepEqual(features.lineEnds(), lineEnds, `${JSON.stringify(text)} in pieces of ${size}`),
      );
    }
  });

  it('finds a quoted empty cell, wherever it is and wherever the pieces cut', () => {
    for (const text of ['""', '"";a', 'a;""', 'a;"";b', 'a\n"";b', 'a;""\nb', 'a;""\r\nb']) {
      each(text, (features, size) =>
        assert.ok(features.hasQuotedEmpty, `${JSON.stringify(text)} in ${size}`),
      );
    }
  });

  it('does not take a doubled quote for one', () => {
    for (const text of ['"say ""hi"""', 'a;b', '"a""b";c', '"""a";b', 'x""y']) {
      each(text, (features, size) =>
        assert.ok(!features.hasQuotedEmpty, `${JSON.stringify(text)} in ${size}`),
      );
    }
  });
});
