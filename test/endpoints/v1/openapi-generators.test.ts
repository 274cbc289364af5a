/** What generators of clients need of the OpenAPI document, so that its values have types. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { openapiDocument } from '../../../src/endpoints/v1/openapi.ts';

interface Found {
  readonly path: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** As clients get it. */
const written = JSON.parse(JSON.stringify(openapiDocument())) as Readonly<Record<string, unknown>>;

function objectsIn(value: unknown, path = '#'): readonly Found[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([name, each]) => objectsIn(each, `${path}/${name}`));
  return Array.isArray(value) ? below : [{ path, schema: value as Found['schema'] }, ...below];
}

describe('the OpenAPI document, for generators of clients', () => {
  const all = objectsIn(written);

  it('says of which type the values of an enum are', () => {
    const enums = all.filter(({ schema }) => Array.isArray(schema.enum));
    assert.ok(enums.length > 20);
    for (const { path, schema } of enums)
      for (const value of schema.enum as readonly unknown[])
        assert.equal(schema.type, typeof value === 'number' ? 'integer' : 'string', path);
  });

  it('describes maps by additionalProperties alone, custom_info by its values', () => {
    assert.deepEqual(
      all.filter(({ schema }) => schema.patternProperties !== undefined).map(({ path }) => path),
      [],
    );
    const custom = all.filter(({ path }) => path.endsWith('/properties/custom_info'));
    assert.ok(custom.length >= 3);
    for (const { path, schema } of custom) {
      if (schema.anyOf === undefined) continue;
      const [map, none] = schema.anyOf as readonly Readonly<Record<string, unknown>>[];
      assert.deepEqual([map?.type, none?.type], ['object', 'null'], path);
      const { anyOf } = map?.additionalProperties as { anyOf: readonly { type: string }[] };
      assert.deepEqual(
        anyOf.map(({ type }) => type),
        ['string', 'integer', 'null'],
        path,
      );
    }
  });
});
