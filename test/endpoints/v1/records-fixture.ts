import assert from 'node:assert/strict';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import type { OwnStore, Store } from '../../../src/core/store.ts';
import type { OwnConfig } from '../../../src/stores/store-config.ts';
import { madeToken } from '../../support/made-token.ts';
import { bearer } from '../../support/authorization.ts';
import { fillOwn, type StoreDescription } from '../../stores/described-store.ts';
import { inject, startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';

export const RECORDS: StoreDescription = {
  lists: [
    {
      list_id: 1,
      name: 'North',
      fields: [
        { label: 'RFC', type: 'TEXT' },
        { label: 'visits', type: 'NUMBER' },
      ],
    },
    { list_id: 2, name: 'South' },
  ],
  leads: [
    {
      lead_id: 10,
      list_id: 1,
      first_name: 'Ana',
      phone_number: '5512340010',
      custom: [['RFC', 'PEA800101']],
      further: [{ number: '5512340011', label: 'office' }],
    },
    { lead_id: 20, list_id: 1, first_name: 'Luis', phone_number: '5512340020' },
    { lead_id: 30, list_id: 2, first_name: 'Eva', phone_number: '5512340030' },
  ],
  users: [],
};

/** A request as it is sent: method and target in one word, body as JSON. */
export interface Asked {
  readonly to: `${string} /${string}`;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply extends Answer {
  readonly json: Readonly<Record<string, unknown>>;
}

export interface RecordsApp extends TestApp {
  readonly events: readonly LookupEvent[];
  readonly folder: string;
  /** The authorization of whoever edits every list, reads only, edits list 1 alone, and of nobody. */
  readonly as: Readonly<Record<'editor' | 'reader' | 'north' | 'nobody', { readonly authorization: string }>>;
  /** As the editor, unless headers say otherwise. */
  ask(asked: Asked): Promise<Reply>;
}

/** @param asDialer the leads cannot be changed */
export async function startRecordsApp(
  config: Partial<OwnConfig> = {},
  { asDialer = false, data = RECORDS } = {},
): Promise<RecordsApp> {
  const folder = temporaryFolder();
  const events: LookupEvent[] = [];
  let own: OwnStore | undefined;
  const app = await startTestApp(
    folder,
    async (store) => {
      await fillOwn(store, data);
      own = store;
      if (asDialer) Object.assign(store, { records: undefined });
    },
    {
      config: { rateLimit: 100_000, enumerationLimit: 100_000, ...config },
      onEvent: (event) => events.push(event),
    },
  );
  assert.ok(own !== undefined);
  const token = async (name: string, scope: readonly ('read' | 'edit')[], lists?: readonly number[]) =>
    bearer(await madeToken(own as Store, { name, scope, ...(lists && { lists }) }));
  const as = {
    editor: await token('editor', ['read', 'edit']),
    reader: await token('reader', ['read']),
    north: await token('north', ['read', 'edit'], [1]),
    nobody: bearer(`cc_${'A'.repeat(43)}`),
  };
  return {
    ...app,
    events,
    folder,
    as,
    ask: async ({ to, body, headers = {} }) => {
      const [method = '', url = ''] = to.split(' ');
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const answer = await inject(app.app, {
        method,
        url,
        headers: { ...as.editor, ...(body !== undefined && { 'content-type': type }), ...headers },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const json = answer.text === '' ? {} : (JSON.parse(answer.text) as Reply['json']);
      return { ...answer, json };
    },
  };
}
