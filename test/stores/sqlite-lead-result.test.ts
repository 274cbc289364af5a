import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';

function openMemory(t: TestContext): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  t.after(() => database.close());
  return database;
}

describe("a lead's fields as SQLite writes them in JSON", () => {
  it('24: are what JSON.stringify writes, for every code point to U+FFFF and some beyond', (t) => {
    const database = openMemory(t);
    const both = database.prepare("SELECT ?1 AS plain, json_object('field', ?1) AS json");
    const points = [...Array(0x10000).keys(), 0x10000, 0x1f600, 0x1f468, 0xe0001, 0x10ffff];
    for (let at = 0; at < points.length; at += 97) {
      // Letters between them: what is wrong with one character must not hide behind another.
      const text = points
        .slice(at, at + 97)
        .map((point) => `a${String.fromCodePoint(point)}`)
        .join('');
      const { plain, json } = both.get(text) ?? {};
      assert.equal(json, JSON.stringify({ field: plain }), `from U+${(points[at] ?? 0).toString(16)}`);
    }
  });

  it('24: are what JSON.stringify writes, for bytes that are no UTF-8', (t) => {
    const database = openMemory(t);
    const both = database.prepare(
      "SELECT CAST(?1 AS TEXT) AS plain, json_object('field', CAST(?1 AS TEXT)) AS json",
    );
    for (const hex of ['ff41', 'c3', '41c328', 'e28228', 'f0908c', 'eda080', '80', 'c0af22', '5cff22']) {
      const { plain, json } = both.get(Buffer.from(hex, 'hex')) ?? {};
      assert.equal(json, JSON.stringify({ field: plain }), hex);
    }
  });
});
