/** docs/where-data-lives.md: what is planted is found where its table says, and nowhere else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { basic, bearer } from '../support/authorization.ts';
import { ROOT, runCallercard, startCallercard, type RunningServer } from '../support/command.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { readPage, tableBelow } from '../support/markdown.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { redisSkip, startRedis, type RedisServer } from '../support/redis-server.ts';
import { runSql } from '../support/run-sql.ts';
import { isAnswering, send, temporaryFolder, type Answer } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** What a place holds, by the words of the table. */
type Kind = 'every field' | 'number' | 'user names';

const NUMBER = '5587612340';
/** Of a customer: in no other data of a test, nor in a word of the product. */
const FIELDS = [
  'Quetzalcoatlina',
  'quetza@planted.example',
  'Tlalpantepec',
  'plantedcomment',
  'plantedpolicy',
];
const FORMER_NAME = 'Xochitlalpanita';
const AGENT = 'agentplanted';
const PASSWORD = 'right password 5587';
/** Typed where a user's name or a password is expected: kept nowhere. */
const [TYPED, WRONG] = ['typedplanted', 'wrongplanted'];

const NEEDLES: readonly (readonly [Kind, string])[] = [
  ['number', NUMBER],
  ...[...FIELDS, FORMER_NAME].map((text) => ['every field', text] as const),
  ['user names', AGENT],
];

interface Place {
  /** Of the files, keys or paths. */
  readonly patterns: readonly string[];
  readonly holds: ReadonlySet<Kind>;
}

const places: readonly Place[] = tableBelow(readPage('docs/where-data-lives.md').text, '<!-- places -->').map(
  ([place = '', what = '']) => {
    const holds = new Set<Kind>();
    if (what.includes('every field')) for (const kind of ['every field', 'number'] as const) holds.add(kind);
    if (/(?<!masked )number\b/.test(what)) holds.add('number');
    if (what.includes('user name')) holds.add('user names');
    return { patterns: [...place.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code), holds };
  },
);

function kindsIn(content: string | Buffer): ReadonlySet<Kind> {
  const text = typeof content === 'string' ? content : content.toString('latin1');
  for (const never of [TYPED, WRONG, PASSWORD]) assert.ok(!text.includes(never), `${never} was kept`);
  return new Set(NEEDLES.filter(([, needle]) => text.includes(needle)).map(([kind]) => kind));
}

/** What was found, by file, key or path. */
type Found = Map<string, ReadonlySet<Kind>>;

function searchFolder(folder: string, found: Found): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      found.set(name, kindsIn(readFileSync(path)));
  }
}

/** Each place holds what its row says, and no more; nothing is where no row is. */
function assertAsWritten(found: Found, mustHold: readonly string[]): void {
  const seen = new Map<Place, Set<Kind>>();
  for (const [name, kinds] of found) {
    const place = places.find(({ patterns }) => patterns.some((pattern) => matchesGlob(name, pattern)));
    const more = [...kinds].filter((kind) => place?.holds.has(kind) !== true);
    assert.deepEqual(more, [], `${name} holds more than the page says`);
    if (place !== undefined) seen.set(place, new Set([...(seen.get(place) ?? []), ...kinds]));
  }
  for (const name of mustHold) {
    const place = places.find(({ patterns }) => patterns.includes(name));
    assert.ok(place !== undefined, `the page has no ${name}`);
    assert.deepEqual([...(seen.get(place) ?? [])].sort(), [...place.holds].sort(), `${name} holds less`);
  }
}

const HEADER = 'lead_id;first_name;last_name;phone_number;email;city;comments;policy';
const rowOf = (id: string, name: string, number = NUMBER) =>
  [id, name, 'Last', number, FIELDS[1], FIELDS[2], FIELDS[3], FIELDS[4]].join(';');

const form = (parameters: Readonly<Record<string, string>>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(parameters).toString(),
});

/** Asks by every endpoint, as a program, a telephone and an agent do; found and refused. */
async function askEverywhere(url: string, tokens: { readonly program: string; readonly phone: string }) {
  const answers: Answer[] = [];
  const ask = async (...sent: Parameters<typeof send> extends [string, ...infer Rest] ? Rest : never) => {
    const answer = await send(url, ...sent);
    answers.push(answer);
    return answer;
  };
  const goapi = { goUser: AGENT, goPass: PASSWORD, goAction: 'goGetCustomerInfo', responsetype: 'json' };
  const queryOf = (more: object) => new URLSearchParams({ ...goapi, ...more }).toString();
  for (const asked of [{ phone_number: NUMBER }, { lead_id: '1' }]) {
    assert.match((await ask(`${GOAPI_PATHS[0]}?${queryOf(asked)}`)).text, /"success"/);
    await ask(GOAPI_PATHS[0], form({ ...goapi, ...asked, responsetype: 'xml' }));
    await ask(`${GOAPI_PATHS[0]}?${queryOf({ ...asked, goUser: TYPED, goPass: WRONG })}`);
    await ask(`${GOAPI_PATHS[0]}?${queryOf({ ...asked, goPass: WRONG })}`);
  }
  const headers = bearer(tokens.program);
  const items = JSON.stringify({ items: [{ phone: NUMBER }, { lead_id: 1 }] });
  const json = { ...headers, 'content-type': 'application/json' };
  assert.equal((await ask(`/v1/leads?phone=${NUMBER}`, { headers })).status, 200);
  assert.equal((await ask('/v1/leads/1', { headers: basic(AGENT, PASSWORD) })).status, 200);
  assert.equal((await ask('/v1/leads/lookup', { method: 'POST', headers: json, body: items })).status, 200);
  const [change, note] = [{ city: FIELDS[2], comments: FIELDS[3] }, { text: `${FIELDS[0]} ${NUMBER}` }];
  for (const [method, target, body] of [
    ['PATCH', '/v1/leads/1', { ...change, state: FIELDS[0] }],
    ['POST', '/v1/leads/1/notes', note],
    ['PATCH', '/v1/leads/1', { ...change, state: null }],
  ] as const) {
    const sent = { method, headers: { ...json, 'idempotency-key': NUMBER }, body: JSON.stringify(body) };
    const { status, text } = await ask(target, sent);
    assert.ok(status < 300 || /read_only_store|api_not_allowed/.test(text), text);
  }
  await ask('/v1/leads/1/timeline', { headers });
  await ask('/v1/leads/1/notes', { headers });
  assert.equal((await ask(`/v1/caller-id?phone=${NUMBER}&token=${tokens.phone}`)).status, 200);
  const call = JSON.stringify({ user: AGENT, phone: NUMBER });
  assert.ok((await ask('/v1/calls', { method: 'POST', headers: json, body: call })).status < 300);
  const client = createCardClient(url);
  await client.signIn(AGENT, PASSWORD);
  const card = await client.get(`/card?phone=${NUMBER}`);
  assert.match(card.text, new RegExp(FIELDS[0] ?? ''));
  answers.push(card, await client.get('/card?lead=1'));
  const [, title = ''] = /<title>(.*?)<\/title>/.exec(card.text) ?? [];
  assert.notEqual(title, '');
  assert.deepEqual([...kindsIn(title)], [], 'the title says whose card it is');
  for (const { headers: sent, text } of answers) {
    if (FIELDS.some((field) => text.includes(field)))
      assert.match(String(sent['cache-control']), /no-store/, 'it may be cached');
  }
}

/** A file that is looked through, and not imported. */
async function sendFile(url: string, token: string, file: string): Promise<void> {
  const headers = { ...bearer(token), 'content-type': 'application/json' };
  const body = JSON.stringify({
    ...{ name: 'sent.csv', size: Buffer.byteLength(file) },
    ...{ list: 1, map: ['lead_id=lead_id'] },
  });
  const { headers: answered } = await send(url, '/v1/imports', { method: 'POST', headers, body });
  const { location = '' } = answered;
  const bytes = { ...bearer(token), 'content-type': 'application/octet-stream' };
  await send(url, `${location}/parts/0`, { method: 'PUT', headers: bytes, body: file });
  const isPreviewed = async () =>
    (await send(url, location, { headers: bearer(token) })).text.includes('"state":"previewed"');
  await until('it is looked through', isPreviewed, 100);
}

describe('docs/where-data-lives.md', { timeout: 240_000 }, () => {
  it('names only places with what they hold', () => {
    assert.ok(places.length >= 10);
    for (const { patterns } of places) assert.ok(patterns.length > 0);
  });

  it(
    'names every place of data of an embedded store',
    { skip: redisSkip || skipWithout('sqlite3', findProgram('sqlite3') !== undefined, 'sqlite3') },
    async (t) => {
      const cwd = temporaryFolder();
      const redis: RedisServer = await startRedis('planted-secret of Redis');
      t.after(() => redis.kill());
      const run = async (args: readonly string[], codes: readonly number[] = [0], input?: string) => {
        const ran = await runCallercard(args, { cwd, ...(input === undefined ? {} : { input }) });
        assert.ok(codes.includes(ran.code ?? -1), `${args.join(' ')}: ${ran.stderr}`);
        return ran;
      };
      const importRows = (rows: readonly string[], codes: readonly number[], ...more: readonly string[]) => {
        writeFileSync(join(cwd, 'customers.csv'), [HEADER, ...rows, ''].join('\n'));
        return run(
          [
            'import',
            'customers.csv',
            '--list',
            '1',
            '--custom',
            'policy',
            '--map',
            'lead_id=lead_id',
            ...more,
          ],
          codes,
        );
      };
      // A row that is refused, and a lead whose name is changed by a later import.
      await importRows([rowOf('1', FORMER_NAME), rowOf('no id', FIELDS[0] ?? '')], [3]);
      await run(
        ['user', 'add', AGENT, '--password-stdin', '--rights', 'card,read,calls'],
        [0],
        `${PASSWORD}\n`,
      );
      const tokenOf = async (name: string, scope: string) =>
        (await run(['token', 'create', name, '--scope', scope])).stdout.trim();
      const tokens = {
        program: await tokenOf('program', 'read,edit,calls'),
        phone: await tokenOf('phone', 'caller-id'),
      };
      const env = {
        CALLERCARD_REDIS: redis.url,
        CALLERCARD_LOG_LEVEL: 'debug',
        CALLERCARD_METRICS_TOKEN: 'metrics-token-of-a-test',
      };
      const server: RunningServer = await startCallercard(['serve'], { cwd, env });
      t.after(() => server.kill('SIGKILL'));
      await importRows(
        [rowOf('1', FIELDS[0] ?? ''), rowOf('no id', FIELDS[0] ?? '')],
        [3],
        '--on-duplicate',
        'update',
      );
      await askEverywhere(server.url, tokens);
      await sendFile(server.url, tokens.program, [HEADER, rowOf('1', FIELDS[0] ?? '')].join('\n'));
      await run(['lookup', '--phone', NUMBER]);
      await run(['export', 'export.csv']);
      assert.equal(spawnSync('sqlite3', ['data/callercard.db', '.backup store.backup'], { cwd }).status, 0);
      copyFileSync(join(ROOT, 'test', 'fixtures', '0.1', 'store.db'), join(cwd, 'older.db'));
      runSql(
        join(cwd, 'older.db'),
        `UPDATE leads SET first_name = '${FORMER_NAME}', phone_number = '${NUMBER}'; UPDATE users SET name = '${AGENT}'`,
      );
      await run(
        ['import', 'customers.csv', '--list', '1', '--ignore', 'policy', '--database', 'sqlite:older.db'],
        [0, 3],
      );

      const found: Found = new Map();
      searchFolder(cwd, found);
      // It is the embedded store, too, under another name.
      for (const name of [...found.keys()].filter((name) => /^older(?:\.db(?:-\w+)?$|-audit)/.test(name)))
        found.delete(name);
      const keys = (await redis.ask('KEYS', '*')) as readonly string[];
      for (const key of keys) {
        found.set(key, kindsIn(`${key} ${String(await redis.ask('GET', key))}`));
        const ttl = Number(await redis.ask('PTTL', key));
        assert.ok(ttl > 0 && ttl <= 8 * 3_600_000, `${key}: ${ttl} ms`);
      }
      const metrics = await send(server.url, '/metrics', { headers: bearer(env.CALLERCARD_METRICS_TOKEN) });
      assert.equal(metrics.status, 200);
      found.set('/metrics', kindsIn(metrics.text));
      server.kill('SIGTERM');
      await server.ended();
      found.set('stderr', kindsIn(server.said()));
      assertAsWritten(found, [
        'data/callercard.db',
        'data/callercard.db-wal',
        '*.schema-*',
        'customers.csv',
        '*.rejects.csv',
        'data/callercard-imports/*/file',
        'export.csv',
        '*.backup',
        'data/callercard-audit/*',
        'stderr',
        'callercard:last:*',
        '/metrics',
      ]);
      assert.deepEqual(
        readdirSync(join(cwd, 'data')).sort(),
        ['callercard-audit', 'callercard-imports', 'callercard.db', 'callercard.db-import'],
        'the log is gone',
      );
    },
  );
});

describe('docs/where-data-lives.md beside a dialer', { skip: mariadbSkip, timeout: 240_000 }, () => {
  let dialer: MariadbServer;
  before(async () => {
    dialer = await startMariadb();
    await fillForReader(dialer, {
      lists: [{ list_id: 1, name: 'one' }],
      leads: [
        {
          lead_id: 1,
          list_id: 1,
          phone_number: NUMBER,
          first_name: FIELDS[0] ?? '',
          comments: FIELDS[3] ?? '',
        },
      ],
      users: [{ name: AGENT, password: PASSWORD }],
    });
  });
  after(() => dialer.stop());

  it('names every place: none has a field of a lead', async (t) => {
    const cwd = temporaryFolder();
    const { user, password } = READER;
    const env = {
      CALLERCARD_DATABASE: `mariadb://${user}:${password}@${dialer.host}:${dialer.port}/asterisk`,
      CALLERCARD_STATE_FILE: 'state.db',
      CALLERCARD_LOG_LEVEL: 'debug',
      CALLERCARD_AUDIT: 'data/callercard-audit',
    };
    const tokenOf = async (name: string, scope: string) =>
      (await runCallercard(['token', 'create', name, '--scope', scope], { cwd, env })).stdout.trim();
    const tokens = {
      program: await tokenOf('program', 'read,calls'),
      phone: await tokenOf('phone', 'caller-id'),
    };
    const server = await startCallercard(['serve'], { cwd, env });
    t.after(() => server.kill('SIGKILL'));
    await until('it is ready', () => isAnswering(server.url, '/readyz'));
    await dialer.runRootSql("SET GLOBAL log_output = 'TABLE'");
    await dialer.runRootSql('SET GLOBAL general_log = ON');
    await askEverywhere(server.url, tokens);
    await dialer.runRootSql('SET GLOBAL general_log = OFF');
    const isLogged = async (text: string) => {
      const sql = "SELECT COUNT(*) AS found FROM mysql.general_log WHERE argument LIKE CONCAT('%', ?, '%')";
      return Number(((await dialer.runRootSql(sql, [text])) as readonly { found: bigint }[])[0]?.found) > 0;
    };
    // Mistyped names may be there: MariaDB logs some statements without what was bound.
    for (const text of [NUMBER, AGENT]) assert.ok(await isLogged(text), `the general log has no ${text}`);
    for (const text of [PASSWORD, WRONG]) assert.ok(!(await isLogged(text)), `the general log has ${text}`);
    const found: Found = new Map();
    searchFolder(cwd, found);
    server.kill('SIGTERM');
    await server.ended();
    searchFolder(cwd, found);
    found.set('stderr', kindsIn(server.said()));
    assertAsWritten(found, ['state.db', 'data/callercard-audit/*', 'stderr']);
  });
});
