import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findLayout } from '../../src/files/survey.ts';

function assertNamed(head: string, delimiter: string, length: number): void {
  const layout = findLayout(head);
  assert.deepEqual([layout.delimiter, layout.sepLineLength], [delimiter, length]);
}

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
    assert.deepEqual(findLayout('\n\n"phone,a";"last\nname"\n1;2').header, ['phone,a', 'last\nname']);
  });

  it('is the one that a first line sep= names', () => {
    assertNamed('sep=;\r\nphone;list\r\n', ';', 7);
    assertNamed('"sep=|"\nphone|list,x,y,z', '|', 8);
    assertNamed('SEP=^\nphone^list', '^', 6);
  });
});
