import assert from 'node:assert/strict';

import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillOwn } from '../../stores/described-store.ts';
import { basic } from '../../support/authorization.ts';
import { type Answer, send, startTestApp, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';

/** An import, as answers have it. */
export interface ImportSeen {
  readonly id: string;
  readonly state: string;
  readonly received: number;
  readonly fault: string | null;
  readonly import_id: number | null;
  readonly has_file: boolean;
  readonly has_rejects: boolean;
  readonly preview: {
    readonly kind: string;
    readonly format: string | null;
    readonly columns: readonly { readonly column: string; readonly became: string | null }[];
    readonly rows: readonly (readonly (string | null)[])[];
    readonly problems: readonly string[];
  } | null;
  readonly trial: OutcomeSeen | null;
  readonly result: OutcomeSeen | null;
}

interface OutcomeSeen {
  readonly counts: Readonly<Record<string, number>>;
  readonly first_rejected: { readonly line: number; readonly text: string } | null;
  readonly warnings: readonly { readonly line: number; readonly text: string }[];
}

type Body = string | Buffer | object;

/** Somebody who imports by /v1. */
export function createImporter(url: string, name = 'eva') {
  const ask = (method: string, path: string, body?: Body): Promise<Answer> => {
    const isBytes = typeof body === 'string' || Buffer.isBuffer(body);
    const headers = {
      ...basic(name, PASSWORD),
      ...(body === undefined
        ? {}
        : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) };
    return send(url, `/v1/imports${path}`, { method, headers, ...sent });
  };
  const read = async (id: string) => JSON.parse((await ask('GET', `/${id}`)).text) as ImportSeen;
  return {
    ask,
    read,
    /** @returns the import once it is not at work */
    async ended(id: string): Promise<ImportSeen> {
      let seen: ImportSeen | undefined;
      const hasEnded = async () => {
        seen = await read(id);
        return seen.state !== 'waiting' && seen.state !== 'running';
      };
      await until('the import has ended', hasEnded, 50, 60_000);
      assert.ok(seen !== undefined);
      return seen;
    },
    /** Begins an import and sends its file in parts. @returns it once it was looked through */
    async upload(name: string, file: string | Buffer, options: object = {}, partBytes = 1_000_000) {
      const bytes = Buffer.from(file);
      const begun = await ask('POST', '', { name, size: bytes.length, ...options });
      assert.equal(begun.status, 201, begun.text);
      const { id } = JSON.parse(begun.text) as ImportSeen;
      for (let at = 0; at < bytes.length; at += partBytes) {
        const sent = await ask('PUT', `/${id}/parts/${at}`, bytes.subarray(at, at + partBytes));
        assert.equal(sent.status, 200, sent.text);
      }
      return this.ended(id);
    },
    async start(id: string, body: object = {}): Promise<ImportSeen> {
      const { status, text } = await ask('POST', `/${id}/start`, body);
      assert.equal(status, 202, text);
      return this.ended(id);
    },
  };
}

export const startImportApp = (
  folder: string,
  config: NonNullable<Parameters<typeof startTestApp>[2]>['config'],
): Promise<TestApp> =>
  startTestApp(
    folder,
    (store) =>
      fillOwn(store, {
        lists: [{ list_id: 1, name: 'North' }],
        leads: [{ lead_id: 7, list_id: 1, first_name: 'Ana', phone_number: '5512340007' }],
        users: [
          { name: 'eva', password: { verifier: CHEAP_VERIFIER }, rights: ['read', 'edit'] },
          { name: 'leo', password: { verifier: CHEAP_VERIFIER }, rights: ['read', 'edit'], lists: [1] },
          { name: 'ana', password: { verifier: CHEAP_VERIFIER }, rights: ['read', 'admin'] },
        ],
      }),
    { config: { rateLimit: 100_000, enumerationLimit: 100_000, ...config } },
  );
