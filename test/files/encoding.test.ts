import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createDecoder, readByteOrderMark, Utf8Check, type Encoding } from '../../src/files/encoding.ts';

function isUtf8InPieces(bytes: Buffer, size: number): boolean {
  const check = new Utf8Check();
  for (let at = 0; at < bytes.length; at += size) check.add(bytes.subarray(at, at + size));
  return check.finish();
}

describe('the encoding of a lead file', () => {
  it('is recognised by its byte order mark', () => {
    assert.deepEqual(readByteOrderMark(Buffer.from('\uFEFFa')), { encoding: 'utf-8', bytes: 3 });
    assert.deepEqual(readByteOrderMark(Buffer.from('\uFEFFa', 'utf16le')), {
      encoding: 'utf-16le',
      bytes: 2,
    });
    assert.deepEqual(readByteOrderMark(Buffer.from([0xfe, 0xff, 0, 97])), { encoding: 'utf-16be', bytes: 2 });
    assert.equal(readByteOrderMark(Buffer.from('ab')), undefined);
    assert.equal(readByteOrderMark(Buffer.alloc(0)), undefined);
  });

  it('is UTF-8 wherever the pieces cut its characters', () => {
    const text = Buffer.from('año ñandú € 😀 日本');
    for (let size = 1; size <= text.length; size++)
      assert.equal(isUtf8InPieces(text, size), true, `pieces of ${size}`);
  });

  it('is not UTF-8 when one byte is not, wherever the pieces cut', () => {
    for (const bytes of [[0x61, 0xf1, 0x6f], [0x61, 0xc3], [0xf0, 0x9f, 0x98], [0x80], [0xff, 0x41]]) {
      for (let size = 1; size <= bytes.length; size++) {
        assert.equal(
          isUtf8InPieces(Buffer.from(bytes), size),
          false,
          `${String(bytes)} in pieces of ${size}`,
        );
      }
    }
  });

  it('is decoded piece by piece to UTF-8', () => {
    const samples: readonly (readonly [Encoding, Buffer, string])[] = [
      ['windows-1252', Buffer.from([0x80, 0x93, 0x61, 0xf1, 0x6f, 0x94]), '€“año”'],
      ['utf-16le', Buffer.from('año 😀', 'utf16le'), 'año 😀'],
      ['utf-16be', Buffer.from('año 😀', 'utf16le').swap16(), 'año 😀'],
      ['utf-8', Buffer.from('año 😀'), 'año 😀'],
    ];
    for (const [encoding, bytes, text] of samples) {
      const decode = createDecoder(encoding);
      const pieces = [...bytes].map((byte) => decode(Buffer.from([byte]), false));
      assert.equal(Buffer.concat([...pieces, decode(Buffer.alloc(0), true)]).toString(), text, encoding);
    }
  });
});
