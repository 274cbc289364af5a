import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { createConfig, lintFromString } from '@redocly/openapi-core';
import fc, { type Arbitrary } from 'fast-check';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { GOAPI_PATHS } from '../../../src/endpoints/goapi/handler.ts';
import { CURL_EXAMPLES } from '../../../src/endpoints/v1/curl-examples.ts';
import { OPERATIONS } from '../../../src/endpoints/v1/operations.ts';
import type { Operation, Parameter } from '../../../src/endpoints/v1/operation.ts';
import { USER_RIGHTS } from '../../../src/core/rights.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createCallHub } from '../../../src/events/call-hub.ts';
import { routesOf } from '../../../src/endpoints/v1/routes.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { plainEnvironment } from '../../support/command.ts';
import { findProgram, skipWithout } from '../../support/programs.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { makeToken } from '../../support/made-token.ts';
import { send, startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import { createImporter } from './imports-fixture.ts';

const NUMBER = '5500000001';
const run = promisify(execFile);
const curlSkip = skipWithout('curl', findProgram('curl') !== undefined, 'curl');

const DESCRIPTION = {
  lists: [
    { list_id: 101, name: 'South' },
    { list_id: 100, name: 'North', fields: [{ label: 'plan', type: 'TEXT' } as const] },
  ],
  leads: [
    { lead_id: 1, list_id: 100, phone_number: NUMBER, custom: [['plan', 'gold']] as const },
    { lead_id: 2, list_id: 100, first_name: 'Ana', alt_phone: NUMBER },
  ],
  users: [
    {
      name: 'crm',
      password: { verifier: CHEAP_VERIFIER },
      rights: ['read', 'edit', 'calls', 'admin'] as const,
    },
  ],
};

const ANY_TEXT = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
/** What makes a request succeed, among what does not. */
const TEXTS = fc.oneof(
  fc.constantFrom(NUMBER, '1', '2', '100', 'goGetCustomerInfo', 'json', 'xml', 'hash', 'crm'),
  ANY_TEXT,
);
/** What may be stored, and is answered again. */
const STORED_TEXTS = fc.oneof(fc.constantFrom(NUMBER, 'SELECT'), ANY_TEXT);

interface SchemaParts {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly TSchema[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

/** Imports that are done, and not yet; their ids are made by chance. */
let knownImports: readonly string[] = [];
/** A call that is kept: its id is made by chance. */
let knownCall = '';

/** Who asks, of parameters that say so. Never somebody known with a wrong password, which would lock them. */
function callerOf(name: string): Arbitrary<string> | undefined {
  if (name === 'goPass' || name === 'pass') return fc.constant(PASSWORD);
  if (name === 'goUser' || name === 'user') return fc.constantFrom('crm', 'crm', 'crm', 'crm', 'nobody');
  if (name === 'call') return fc.constantFrom(knownCall, knownCall, 'q83v0fXkP1Zb');
  if (name === 'import') return fc.constantFrom(...knownImports, ...knownImports, 'q83v0fXkP1Zb');
  if (name === 'offset') return fc.constantFrom('0', '0', '0', '1', 'x');
  return undefined;
}

/** Values that a schema allows. */
function valuesOf(schema: TSchema, texts = TEXTS): Arbitrary<unknown> {
  const parts = schema as unknown as SchemaParts;
  if (parts.anyOf !== undefined) return fc.oneof(...parts.anyOf.map((one) => valuesOf(one, texts)));
  if (parts.type === 'object' && parts.examples !== undefined) {
    return fc.oneof(fc.constantFrom(...parts.examples), valuesOf({ ...schema, examples: undefined }, texts));
  }
  if (parts.examples !== undefined) return fc.oneof(fc.constantFrom(NUMBER, ...parts.examples), texts);
  if (parts.enum !== undefined) return fc.constantFrom(...parts.enum);
  switch (parts.type) {
    case 'integer': {
      const { minimum: min = 0, maximum: max = 1_000 } = parts;
      const known = [1, 2, 100].filter((number) => number >= min && number <= max);
      return fc.oneof(
        { arbitrary: fc.constantFrom(...known), weight: 8 },
        { arbitrary: fc.integer({ min, max }), weight: 1 },
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valuesOf(parts.items ?? schema, texts), { minLength: 1, maxLength: 4 });
    case 'object': {
      const members = Object.entries(parts.properties ?? {}).map(
        ([name, one]) => [name, callerOf(name) ?? valuesOf(one, texts)] as const,
      );
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(parts.required ?? [])] });
    }
    case undefined:
    default:
      return texts;
  }
}

/** As the document has it, or anything else. */
function sentOf(schema: TSchema, texts = TEXTS): Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: valuesOf(schema, texts), weight: 4 },
    { arbitrary: fc.jsonValue(), weight: 1 },
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Request {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

function requestsOf(
  operation: Operation,
  credentials: Arbitrary<Record<string, string>>,
): Arbitrary<Request> {
  const { path, tag, parameters = [], body } = operation;
  const values = fc.record(
    Object.fromEntries(
      parameters.map((parameter) => [keyOf(parameter), callerOf(parameter.name) ?? sentOf(parameter.schema)]),
    ),
    {
      requiredKeys: parameters
        .filter(({ in: where, name }) => where === 'path' || callerOf(name) !== undefined)
        .map(keyOf),
    },
  );
  const bodies = Object.entries(body ?? {}).map(([type, schema]) =>
    sentOf(schema, tag === 'records' ? STORED_TEXTS : TEXTS).map((value) => ({
      type,
      text: bodyOf(type, value),
    })),
  );
  const bodyArbitrary =
    bodies.length === 0
      ? fc.constant(undefined)
      : fc.oneof(
          ...bodies,
          fc.record({ type: fc.constantFrom('application/json', 'text/plain'), text: fc.string() }),
        );
  return fc.tuple(values, bodyArbitrary, credentials).map(([given, sent, authorization]) => {
    const query: string[] = [];
    let target = path;
    const headers: Record<string, string> = { ...authorization };
    for (const parameter of parameters) {
      const value = given[keyOf(parameter)];
      if (value === undefined) continue;
      const text = textOf(value);
      if (parameter.in === 'path')
        target = target.replace(`{${parameter.name}}`, () => encodeURIComponent(text));
      if (parameter.in === 'query') query.push(`${parameter.name}=${encodeURIComponent(text)}`);
      if (parameter.in === 'header' && /^[ -~]+$/.test(text))
        headers[parameter.name.toLowerCase()] = text.trim() || '*';
    }
    if (sent !== undefined) headers['content-type'] = sent.type;
    return {
      target: query.length === 0 ? target : `${target}?${query.join('&')}`,
      headers,
      body: sent?.text,
    };
  });
}

function keyOf({ in: where, name }: Parameter): string {
  return `${where} ${name}`;
}

function bodyOf(type: string, value: unknown): string {
  if (type.endsWith('json')) return JSON.stringify(value);
  const pairs = Object.entries(Object(value) as object).map(
    ([name, one]) => [name, textOf(one)] as [string, string],
  );
  return new URLSearchParams(pairs).toString();
}

/** How answers with the outcome in their text begin that are no refusals; rows have separators alone. */
const SUCCESS = /"result":"success"|<result>success|^SUCCESS|^(?!ERROR).*\|/;

/** The answer is one that the document has for this operation. */
function assertDescribed({ answers }: Operation, { status, headers, text }: Answer): void {
  const described = answers[status];
  assert.ok(described !== undefined, `the status ${status} is not in the document: ${text}`);
  if (described.content === undefined) {
    assert.equal(text, '');
    return;
  }
  const type = String(headers['content-type']).replace(/;.*/, '');
  const schema = described.content[type];
  assert.ok(schema !== undefined, `${type} is not in the document for ${status}`);
  const value: unknown = type.endsWith('json') ? JSON.parse(text) : text;
  const [fault] = Value.Errors(schema, value);
  assert.equal(fault, undefined, `${text} is not as the document has it: ${JSON.stringify(fault)}`);
  for (const name of Object.keys(described.headers ?? {})) {
    if (name !== 'RateLimit') assert.ok(name.toLowerCase() in headers, `${status} without ${name}`);
  }
}

/** Those that take leads away come last: others would find none. */
function withLeadsFirst(operations: readonly Operation[]): readonly Operation[] {
  const takesLeads = ({ method, tag }: Operation) => method === 'delete' || tag === 'persons';
  return [...operations].sort((one, other) => Number(takesLeads(one)) - Number(takesLeads(other)));
}

describe('the OpenAPI document', () => {
  let app: TestApp;
  let importer: ReturnType<typeof createImporter>;
  let credentials: Arbitrary<Record<string, string>>;
  /** Brings the bytes that lack. */
  const completeImport = async () => {
    const open = knownImports[1] ?? '';
    const { received } = await importer.read(open);
    await importer.ask('PUT', `/${open}/parts/${received}`, Buffer.alloc(1_000 - received, 'x'));
    await importer.ended(open);
  };
  before(async () => {
    app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, DESCRIPTION), {
      config: { rateLimit: 100_000, enumerationLimit: 100_000 },
    });
    for (const leadId of [1, 2]) {
      const stored = await app.store.records.read(leadId, 'every list');
      assert.ok(stored !== undefined);
      const by = { user: 'crm', endpoint: 'v1', requestId: 'r' } as const;
      await app.store.records.change(leadId, stored.state, { ...stored.state, province: 'P' }, by, {});
    }
    const about = {
      source: 'api',
      account: '1',
      user: 'crm',
      state: 'ringing',
      at: 0,
      mayBegin: true,
    } as const;
    knownCall = (await app.store.calls.report(about))?.call.callId ?? '';
    importer = createImporter(app.url, 'crm');
    const done = await importer.upload('done.csv', 'phone_number\n5500000099\nabc\n', { list: 100 });
    await importer.start(done.id);
    const begun = await importer.ask('POST', '', { name: 'open.csv', size: 1_000 });
    knownImports = [done.id, (JSON.parse(begun.text) as { readonly id: string }).id];
    const token = makeToken(app.store, { name: 'document', scope: ['read', 'edit', 'calls'] });
    credentials = fc.oneof(
      { arbitrary: fc.constantFrom(basic('crm', PASSWORD), bearer(token)), weight: 6 },
      {
        arbitrary: fc.constantFrom({}, basic('nobody', 'wrong'), bearer('cc_'), {
          authorization: 'Digest x',
        }),
        weight: 1,
      },
    );
  });
  after(() => app.close());

  it('is served to everybody, and passes a linter', async () => {
    const { status, text } = await send(app.url, '/openapi.json');
    assert.equal(status, 200);
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
    const errors = found.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ ruleId, message }) => `${ruleId}: ${message}`),
      [],
    );
  });

  it('has every route of /v1, and both addresses of the documented protocol', () => {
    const described = new Set(OPERATIONS.map(({ method, path }) => `${method} ${path}`));
    for (const { method, url } of routesOf(createCallHub(systemClock))) {
      assert.ok(described.has(`${method.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}')}`), url);
    }
    for (const path of GOAPI_PATHS)
      assert.ok(described.has(`get ${path}`) && described.has(`post ${path}`), path);
  });

  for (const operation of withLeadsFirst(OPERATIONS)) {
    it(`has every answer of ${operation.method.toUpperCase()} ${operation.path}`, async () => {
      if (operation.id === 'startImport') await completeImport();
      const statuses = new Set<number>();
      // Where outcomes have the status 200, refusals have it, too.
      let wasServed = false as boolean;
      const property = fc.asyncProperty(
        requestsOf(operation, credentials),
        async ({ target, headers, body }) => {
          const method = operation.method.toUpperCase();
          const sent = { method, headers, ...(body === undefined ? {} : { body }) };
          const answer = await send(app.url, target, sent);
          statuses.add(answer.status);
          wasServed ||= answer.status < 300 && (operation.actions === undefined || SUCCESS.test(answer.text));
          assertDescribed(operation, answer);
        },
      );
      // Few of the ids that are tried are there, and most values are refused.
      // Each of those about people reads all that is kept.
      const numRuns = operation.tag === 'persons' ? 10 : 60;
      for (let round = 0; round < 10 && !wasServed; round += 1) await fc.assert(property, { numRuns });
      // Else nothing was tried but refusals.
      assert.ok(wasServed, [...statuses].join(', '));
    });
  }
});

describe('the pages of the reference', () => {
  it('hold every operation and problem, without script, and take nothing from elsewhere', async () => {
    const app = await startTestApp(temporaryFolder(), () => undefined);
    try {
      const { text, headers } = await send(app.url, '/docs');
      for (const { path, summary } of OPERATIONS) {
        assert.ok(text.includes(path), path);
        assert.ok(text.includes(summary.replaceAll("'", '&#39;')), summary);
      }
      assert.doesNotMatch(text, /<script|https?:\/\//);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/);
      for (const [, page] of text.matchAll(/href="(\/docs\/problems\/\w+)"/g)) {
        assert.equal((await send(app.url, page ?? '')).status, 200, page);
      }
      assert.equal((await send(app.url, '/docs/problems/none')).status, 404);
      // Whoever opens it looks for an operation.
      const targets = [...text.matchAll(/href="([^"]*)"/g)].map(([, target = '']) => target);
      assert.equal(targets[0], '/openapi.json');
      assert.ok(targets.indexOf('#findLeads') < targets.findIndex((target) => target.includes('problems')));
      for (const target of targets.filter((each) => each.startsWith('#')))
        assert.ok(text.includes(`id="${target.slice(1)}"`), target);
    } finally {
      await app.close();
    }
  });

  it('have examples that run', { skip: curlSkip }, async (t) => {
    const user = { name: 'MyUser', password: { verifier: CHEAP_VERIFIER }, rights: USER_RIGHTS };
    const lead = { lead_id: 14246, list_id: 100, phone_number: '8004321000' };
    const app = await startTestApp(temporaryFolder(), (store) =>
      fillEmbedded(store, { lists: [{ list_id: 100, name: 'North' }], leads: [lead], users: [user] }),
    );
    t.after(() => app.close());
    const { text } = await send(app.url, '/docs');
    for (const [id, example] of Object.entries(CURL_EXAMPLES)) {
      assert.ok(text.includes(`id="${id}"`), id);
      const { stdout } = await run('sh', ['-c', example.replace('curl ', 'curl -sS --fail-with-body ')], {
        env: plainEnvironment({ API: new URL(app.url).host, NAME: user.name, PASSWORD }),
      });
      assert.doesNotMatch(stdout, /"error"|problems/, id);
    }
    assert.equal([...text.matchAll(/class="example"/g)].length, Object.keys(CURL_EXAMPLES).length);
  });
});
