import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';

import { createApp, type App } from '../../../src/app.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import type { CustomField } from '../../../src/core/lead.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import {
  fillEmbedded,
  type DescribedLead,
  type DescribedUser,
  type StoreDescription,
} from '../../stores/described-store.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from '../../stores/postgresql/filled-store.ts';
import { inject, temporaryFolder, testConfig } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import type { UserRight } from '../../../src/core/rights.ts';

const LISTS = 4;
const LEADS = 30;
const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;
const FIELDS: readonly CustomField[] = [
  { label: 'plan', type: 'TEXT' },
  { label: 'visits', type: 'NUMBER' },
  { label: '2024', type: 'AREA' },
];

/** Few subscribers in many spellings, so that they meet. */
const number = fc
  .tuple(
    fc.constantFrom('', '52', '521', '0052', '+52', '01', '044', '045', '+521', '1', '+1'),
    fc.integer({ min: 0, max: 14 }),
  )
  .map(([prefix, subscriber]) => `${prefix}55${10_000_000 + subscriber * 7_919}`);

const asked = fc.oneof(
  { weight: 8, arbitrary: number },
  number.map((text) => `${text.slice(0, -8)} (${text.slice(-8, -4)})-${text.slice(-4)}`),
  fc.constantFrom('', '12345', 'x', '5512345678 ext 3', ' 525510000000', 'tel:+525510007919', '+4755100000'),
);

const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '<b>&"\'</b>',
    "O'Brien",
    'Ñandú 😀',
    '\u0001\u0008',
    'a\r\nb\tc',
    ']]>',
    '\u2028',
    '0',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => value.isWellFormed()),
);
const optionalText = fc.option(text, { nil: null });
const moment = fc.integer({ min: 10, max: 13 }).map((day) => `2026-03-${day} 10:00:00`);

const lead = fc.record({
  list_id: fc.integer({ min: 1, max: LISTS }),
  phone_number: number,
  alt_phone: fc.option(number, { nil: null, freq: 2 }),
  address3: fc.option(number, { nil: null, freq: 2 }),
  first_name: optionalText,
  last_name: optionalText,
  email: optionalText,
  comments: optionalText,
  city: optionalText,
  gender: fc.constantFrom('M', 'F', 'U', null),
  date_of_birth: fc.constantFrom('1980-02-29', '0000-00-00', null),
  isCustomer: fc.boolean(),
  lastLocalCallTime: fc.option(moment, { nil: undefined }),
  modifyDate: moment,
  custom: fc.option(
    fc.record({
      plan: text,
      visits: fc.option(fc.integer({ min: -5, max: 2 ** 31 - 1 }), { nil: null }),
      2024: optionalText,
    }),
    { nil: undefined },
  ),
});

const user = fc.record({
  lists: fc.oneof(
    fc.constant('every list' as const),
    fc.uniqueArray(fc.integer({ min: 1, max: LISTS + 1 }), { maxLength: 3 }),
  ),
  active: fc.constantFrom(true, true, true, true, false),
  rights: fc.constantFrom(...Array<readonly UserRight[]>(4).fill(['card', 'read']), ['card']),
});

const request = fc.record({
  user: fc.nat(5),
  spelling: fc.constantFrom(
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => `${name} `,
  ),
  password: fc.constantFrom(PASSWORD, PASSWORD, PASSWORD, PASSWORD, PASSWORD, PASSWORD, ''),
  method: fc.constantFrom('GET' as const, 'POST' as const),
  responsetype: fc.constantFrom('json', 'xml', 'JSON', ''),
  lead_id: fc.option(
    fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: LEADS + 3 }).map(String) },
      fc.constantFrom('', '0', '14a', '9999999999', ' 3 '),
    ),
    { nil: undefined, freq: 1 },
  ),
  phone_number: fc.option(asked, { nil: undefined, freq: 5 }),
});

type DrawnLead = typeof lead extends fc.Arbitrary<infer Value> ? Value : never;
type DrawnUser = typeof user extends fc.Arbitrary<infer Value> ? Value : never;
type DrawnRequest = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

function describeLead({ custom, lastLocalCallTime, ...drawn }: DrawnLead, at: number): DescribedLead {
  const hasFields = drawn.list_id > 2;
  return {
    ...drawn,
    lead_id: at + 1,
    ...(lastLocalCallTime === undefined ? {} : { lastLocalCallTime }),
    ...(custom === undefined || !hasFields
      ? {}
      : {
          custom: [
            ['visits', custom.visits],
            ['2024', custom[2024]],
            ['plan', custom.plan],
          ] as const,
        }),
  };
}

function describeUsers(
  users: readonly DrawnUser[],
  password: DescribedUser['password'],
): readonly DescribedUser[] {
  return users.map((drawn, at) => ({ ...drawn, name: `user${at}`, password }));
}

function describeStore(leads: readonly DrawnLead[], users: readonly DescribedUser[]): StoreDescription {
  return {
    lists: Array.from({ length: LISTS }, (_, at) => ({
      list_id: at + 1,
      name: `list ${at + 1}`,
      ...(at >= 2 ? { fields: FIELDS } : {}),
    })),
    leads: leads.map(describeLead),
    users,
  };
}

/** What a client sees of an answer. */
async function ask(app: App, { user: at, spelling, password, method, responsetype, ...query }: DrawnRequest) {
  const parameters = new URLSearchParams({
    goAction: 'goGetCustomerInfo',
    goUser: spelling(`user${at}`),
    goPass: password,
    responsetype,
  });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  const path = '/goAPIv2/goAgent/goAPI.php';
  const request =
    method === 'GET'
      ? { method, url: `${path}?${parameters.toString()}` }
      : {
          method,
          url: path,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: parameters.toString(),
        };
  let answer = await inject(app, request);
  // On a busy machine a first connection may take longer than a lookup may.
  await until('an answer in time', async () => {
    if (answer.status === 503) answer = await inject(app, request);
    return answer.status !== 503;
  });
  const { date, ...headers } = answer.headers;
  assert.ok(answer.status < 500, answer.text);
  return { ...answer, date: typeof date, headers };
}

describe(
  'the embedded store, one in a real PostgreSQL and a dialer on a real MariaDB that hold the same',
  { skip: mariadbSkip || postgresqlSkip },
  () => {
    let server: MariadbServer;
    let postgresql: PostgresqlServer;
    before(async () => {
      [server, postgresql] = await Promise.all([startMariadb(), startPostgresql()]);
      await createDatabaseFor(postgresql);
    });
    after(() => Promise.all([server.stop(), postgresql.stop()]));

    async function openAll(
      leads: readonly DrawnLead[],
      users: readonly DrawnUser[],
      address3IsPhone: boolean,
    ) {
      const embeddedConfig = testConfig(join(temporaryFolder(), 'embedded.db'), { address3IsPhone });
      const embedded = openStore(embeddedConfig, { create: true });
      const own = describeStore(leads, describeUsers(users, { verifier: CHEAP_VERIFIER }));
      await fillEmbedded(embedded, own);
      const shared = postgresqlConfig(postgresql, { address3IsPhone });
      await fillDialer(server, describeStore(leads, describeUsers(users, PASSWORD)), {
        altPhoneIndex: true,
        address3Index: true,
      });
      await createReadOnlyUser(server, READER.user, READER.password);
      return {
        embedded: createApp(embeddedConfig, { store: embedded }),
        shared: createApp(shared, { store: await openFilled(shared, own) }),
        dialer: createApp(dialerConfig(server, READER, { address3IsPhone })),
      };
    }

    it('give the same answers, bytes included, to every user and question', async (context) => {
      const found = { success: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(lead, { minLength: LEADS, maxLength: LEADS }),
          fc.array(user, { minLength: 5, maxLength: 5 }),
          fc.array(request, { minLength: 80, maxLength: 80 }),
          fc.boolean(),
          async (leads, users, requests, address3IsPhone) => {
            const { embedded, shared, dialer } = await openAll(leads, users, address3IsPhone);
            try {
              for (const sent of requests) {
                const [one, ...others] = await Promise.all(
                  [embedded, shared, dialer].map((app) => ask(app, sent)),
                );
                for (const other of others) assert.deepEqual(other, one);
                assert.ok(one);
                found[/"success"|>success</.test(one.text) ? 'success' : 'refused'] += 1;
              }
            } finally {
              await Promise.all([embedded, shared, dialer].map((app) => app.close()));
            }
          },
        ),
        // A failure is told as it was drawn, with its seed: to shrink it takes longer than a test may.
        { numRuns: 15, endOnFailure: true },
      );
      context.diagnostic(
        `the engines were asked: ${found.success} found, ${found.refused} not found or refused`,
      );
      // Both kinds came in numbers, or this test would have looked at nothing.
      assert.ok(found.success > 50 && found.refused > 50, JSON.stringify(found));
    });
  },
);
