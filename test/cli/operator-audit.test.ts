import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';

import { faultsOf, recordsOf, type Written } from '../audit/audit-fixture.ts';
import { runCallercard, startCallercard, stopServer, type Ran } from '../support/command.ts';
import { createReadOnlyUser } from '../support/dialer-accounts.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { loadDatasetIntoDialer } from '../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { readPage } from '../support/markdown.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

const AUDIT = join('data', 'callercard-audit');
const NEW = 'a new password of ana';
const OTHER = 'another password of ana';
const CSV = 'telefono,nombre\n5512345678,Ana\nno number,Luis\n';

type Act = readonly [args: readonly string[], input: string | undefined, recorded: readonly Written[]];

const USUAL = { rights: ['card', 'read'], lists: 'every list' };

/** The records of an act with counts. */
const ended = (act: Written, counts: Written): readonly Written[] => [
  act,
  { ...act, result: 'done', counts },
];

/** Every command that changes or discloses something, in an order in which each can be done, with its records. */
const ACTS: readonly Act[] = [
  [['user', 'add', 'Ana', '--password-stdin'], NEW, [{ action: 'user_add', subject: 'Ana', after: USUAL }]],
  [
    ['user', 'set', 'ana', '--rights', 'card,edit,calls', '--lists', '1,2'],
    undefined,
    [
      {
        action: 'user_set',
        subject: 'Ana',
        before: USUAL,
        after: { rights: ['card', 'read', 'edit', 'calls'], lists: [1, 2] },
      },
    ],
  ],
  [['user', 'password', 'ana', '--password-stdin'], OTHER, [{ action: 'user_password', subject: 'Ana' }]],
  [
    ['user', 'disable', 'ana'],
    undefined,
    [{ action: 'user_disable', subject: 'Ana', before: { active: true }, after: { active: false } }],
  ],
  [
    ['user', 'enable', 'ana'],
    undefined,
    [{ action: 'user_enable', subject: 'Ana', before: { active: false }, after: { active: true } }],
  ],
  [
    ['user', 'unlock', 'ana'],
    undefined,
    [{ action: 'user_unlock', subject: 'Ana', before: { failures: 0 } }],
  ],
  [
    ['user', 'remove', 'ana'],
    undefined,
    [
      {
        action: 'user_remove',
        subject: 'Ana',
        before: { active: true, rights: ['card', 'read', 'edit', 'calls'], lists: [1, 2] },
      },
    ],
  ],
  [
    ['token', 'create', 'crm', '--scope', 'calls', '--expires', '2030-01-01'],
    undefined,
    [
      {
        action: 'token_create',
        subject: 'token:crm',
        after: { rights: ['calls'], lists: 'every list', expires: '2030-01-02T00:00:00.000Z' },
      },
    ],
  ],
  [['token', 'revoke', 'crm'], undefined, [{ action: 'token_revoke', subject: 'token:crm' }]],
  [
    ['import', 'customers.csv', '--list', '5'],
    undefined,
    ended(
      { action: 'import', subject: 'customers.csv' },
      { added: 1, updated: 0, unchanged: 0, rejected: 1 },
    ),
  ],
  [
    ['import', 'customers.csv', 'customers.csv', '--list', '5'],
    undefined,
    [
      { action: 'import', subject: 'customers.csv, customers.csv' },
      {
        action: 'import',
        result: 'done',
        subject: 'customers.csv, customers.csv',
        counts: { added: 0, updated: 0, unchanged: 2, rejected: 2 },
      },
    ],
  ],
  [
    ['backup', 'out/all.backup'],
    undefined,
    ended({ action: 'backup', subject: 'all.backup' }, { leads: 51 }),
  ],
  [
    ['restore', 'out/all.backup', '--replace'],
    undefined,
    ended({ action: 'restore', subject: 'all.backup' }, { leads: 51, erased: 0 }),
  ],
  [
    ['copy', '--from', 'sqlite:data/callercard.db', '--to', 'sqlite:out/copy.db'],
    undefined,
    ended({ action: 'copy', subject: 'callercard.db to copy.db' }, { leads: 51, users: 1 }),
  ],
  [
    ['list', 'rename', '5', 'Cinco'],
    undefined,
    [{ action: 'list_rename', subject: 'list:5', before: { name: null }, after: { name: 'Cinco' } }],
  ],
  [
    ['list', 'delete', '5', '--move-to', '1'],
    undefined,
    ended({ action: 'list_delete', subject: 'list:5 to list:1', before: { name: 'Cinco' } }, { leads: 1 }),
  ],
  [
    ['export', 'out/all.xlsx', '--format', 'xlsx'],
    undefined,
    ended({ action: 'export', subject: 'all.xlsx' }, { leads: 51 }),
  ],
  [['export', 'out/all.csv'], undefined, ended({ action: 'export', subject: 'all.csv' }, { leads: 51 })],
  [
    ['export'],
    undefined,
    [{ action: 'export' }, { action: 'export', result: 'done', counts: { leads: 51 } }],
  ],
  [['lead', 'show', '7'], undefined, [{ action: 'lead_show', leadIds: [7] }]],
  [['lead', 'delete', '8'], undefined, [{ action: 'lead_delete', leadIds: [8] }]],
  [
    ['person', 'find', '--phone', '5500000008'],
    undefined,
    [{ action: 'person_find', subject: '********08', leadIds: [8] }],
  ],
  [
    ['person', 'export', '--lead', '7', '--out', 'out/hers'],
    undefined,
    [
      { action: 'person_export', leadIds: [7] },
      { action: 'person_export', result: 'done', leadIds: [7], counts: { leads: 1, reads: 1 } },
    ],
  ],
  [
    ['person', 'erase', '--phone', '5500000008', '--yes'],
    undefined,
    [
      { action: 'person_erase', leadIds: [8] },
      {
        action: 'person_erase',
        result: 'done',
        leadIds: [8],
        counts: {
          leads: 0,
          numbers: 0,
          notes: 0,
          changes: 1,
          externalIds: 0,
          idempotencyKeys: 0,
          dailyReads: 0,
          calls: 0,
          importNames: 0,
          files: 0,
          unclean: 0,
        },
      },
    ],
  ],
  [
    ['retention', '--yes', '--retention', '1=1'],
    undefined,
    [
      { action: 'retention', subject: 'list:1' },
      { action: 'retention', result: 'done', subject: 'list:1', counts: { leads: 49 } },
    ],
  ],
];

const isFine = ({ code, stderr }: Ran, args: readonly string[]) =>
  assert.ok(code === 0 || (args[0] === 'import' && code === 3), stderr);

/** What an act says of itself. */
function ownFields(record: Written): Written {
  assert.match(String(record.at), /^20\d\d-.*Z$/);
  // Of a receipt nobody knows the digest beforehand.
  const common = ['seq', 'at', 'hash', 'receipt'];
  return Object.fromEntries(Object.entries(record).filter(([name]) => !common.includes(name)));
}

async function createFolder(): Promise<string> {
  const cwd = await createFilledFolder();
  writeFileSync(join(cwd, 'customers.csv'), CSV);
  assert.ok(!existsSync(join(cwd, 'out')));
  return cwd;
}

describe('what an operator does', () => {
  let cwd: string;
  let outputs = '';
  before(async () => {
    cwd = await createFolder();
    mkdirSync(join(cwd, 'out'));
    for (const [args, input] of ACTS) {
      const ran = await runCallercard(args, { cwd, ...(input === undefined ? {} : { input }) });
      isFine(ran, args);
      outputs += ran.stdout;
    }
  });

  it('60: is in the audit, each act with who did it and what changed, in their order', async () => {
    const who = { kind: 'operator', domain: 'default', user: 'operator', endpoint: 'cli' };
    const records = recordsOf(join(cwd, AUDIT), 'operator').map(ownFields);
    const [{ address } = {}] = records;
    assert.match(String(address), /^local:.+/);
    assert.deepEqual(
      records,
      ACTS.flatMap(([, , recorded]) => recorded).map((fields) => ({ ...who, address, ...fields })),
    );
    assert.deepEqual(await faultsOf(join(cwd, AUDIT)), []);
  });

  it('60: is every command but those that change and disclose nothing', () => {
    const harmless = [
      'user list',
      'token list',
      'audit search',
      'audit verify',
      'check',
      'imports',
      'list list',
      'settings',
      'completion',
      'serve',
      'demo',
    ];
    const acts = [
      ...ACTS.map(([args]) =>
        args.slice(0, /^(?:user|token|lead|list|person)$/.test(args[0] ?? '') ? 2 : 1).join(' '),
      ),
      'lookup',
    ];
    const groups = ['', 'user', 'token', 'audit', 'lead', 'list', 'person'];
    const { text } = readPage('docs/commands.md');
    const commands = [...text.matchAll(/^## callercard ?(.*)$/gm)].map(([, words = '']) => words);
    assert.deepEqual(commands.toSorted(), [...new Set([...harmless, ...acts, ...groups])].sort());
    // Both pages say of the same commands that they show accounts without a record.
    for (const page of ['docs/audit.md', 'docs/security.md'])
      assert.match(
        readPage(page).text.replace(/\s+/g, ' '),
        /`user list` and `token list`, which show names and rights but neither a lead nor a secret, leave no record/,
        page,
      );
  });

  it('60: has no password and no secret of a token in its records', () => {
    const [secret = ''] = /cc_[\w-]{43}/.exec(outputs) ?? [];
    assert.equal(secret.length, 46);
    const text = readdirSync(join(cwd, AUDIT))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(cwd, AUDIT, name), 'utf8'))
      .join('');
    for (const planted of [NEW, OTHER, secret, secret.slice(3)]) assert.ok(!text.includes(planted));
    assert.doesNotMatch(text, /argon2|5512345678/);
  });

  it('60: is found by search, by who did it and by whom it concerns', async () => {
    const search = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runCallercard(['audit', 'search', ...args], { cwd });
      assert.equal(code, 0, stderr);
      return stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.slice(66).trim().replace(/ {2,}/g, ' | '));
    };
    assert.deepEqual(await search('--user', 'ANA'), [
      'user add | Ana; rights card,read, lists every list',
      'user set | Ana; rights card,read, lists every list -> rights card,read,edit,calls, lists 1,2',
      'user password | Ana',
      'user disable | Ana; active true -> active false',
      'user enable | Ana; active false -> active true',
      'user unlock | Ana; was failures 0',
      'user remove | Ana; was active true, rights card,read,edit,calls, lists 1,2',
    ]);
    assert.deepEqual(await search('--user', 'token:crm'), [
      'token create | token:crm; rights calls, lists every list, expires 2030-01-02T00:00:00.000Z',
      'token revoke | token:crm',
    ]);
    const acts = await search('--user', 'operator');
    assert.deepEqual(acts.slice(-13, -5), [
      'export | all.csv',
      'export done | all.csv; leads 51',
      'export | standard output',
      'export done | standard output; leads 51',
      'lead show | lead 7',
      'lead delete | lead 8',
      'person find | ********08; lead 8',
      'person export | lead 7',
    ]);
    assert.deepEqual(
      await search('--lead', '8'),
      acts.filter((row) => / lead 8\b/.test(row)),
    );
  });
});

describe('what an operator would do without a record', () => {
  it('60: is not done and discloses nothing, whichever command it is', async () => {
    const cwd = await createFolder();
    for (const args of [
      ['user', 'add', 'Ana', '--password-stdin'],
      ['token', 'create', 'crm'],
      ['import', 'customers.csv', '--list', '5'],
    ]) {
      const ran = await runCallercard(args, { cwd, ...(args[0] === 'user' ? { input: NEW } : {}) });
      isFine(ran, args);
    }
    writeFileSync(join(cwd, 'in-the-way'), '');
    const known = () => runCallercard(['export'], { cwd });
    const users = async () => (await runCallercard(['user', 'list'], { cwd })).stdout;
    const tokens = async () => (await runCallercard(['token', 'list'], { cwd })).stdout;
    const before = [await users(), await tokens(), (await known()).stdout];
    const files = readdirSync(cwd);
    for (const [args, input] of [
      ...ACTS.filter(([[noun, verb]]) => `${noun} ${verb}` !== 'user add' && verb !== 'create'),
      [['user', 'add', 'Luis', '--password-stdin'], NEW],
      [['token', 'create', 'other'], undefined],
      [['lookup', '--lead', '7'], undefined],
      [['export', 'all.csv'], undefined],
    ] as const) {
      // The folder out is not there: that an export cannot be written is found later.
      const ran = await runCallercard([...args, '--audit', 'in-the-way'], {
        cwd,
        ...(input === undefined ? {} : { input }),
      });
      assertRefused(ran, 1, /^callercard: the audit cannot be written in in-the-way .*: --audit FOLDER\n$/);
    }
    assert.deepEqual([await users(), await tokens(), (await known()).stdout], before);
    assert.deepEqual(readdirSync(cwd), files);
  });

  it('60: is recorded beside the store where the audit is off for callers', async () => {
    const cwd = await createFilledFolder();
    const env = { CALLERCARD_AUDIT: 'off' };
    assert.equal((await runCallercard(['user', 'disable', 'crm'], { cwd, env })).code, 0);
    const server = await startCallercard(['serve'], { cwd, env });
    await stopServer(server);
    assert.deepEqual(
      recordsOf(join(cwd, AUDIT)).map(({ kind, action }) => action ?? kind),
      ['file', 'opened', 'user_disable'],
    );
  });
});

describe('an act that fails', () => {
  it('60: has a record of its failure, with what was done before', async () => {
    const cwd = await createFilledFolder();
    // A custom field of the list would have two types.
    writeFileSync(join(cwd, 'first.csv'), 'phone_number,custom:points:NUMBER@7\n8000000000,1\n');
    writeFileSync(join(cwd, 'second.csv'), 'phone_number,custom:points:TEXT@7\n8000000000,a\n');
    assert.equal((await runCallercard(['import', 'first.csv', '--list', '7'], { cwd })).code, 0);
    assert.equal((await runCallercard(['import', 'second.csv', '--list', '7'], { cwd })).code, 1);
    assert.equal((await runCallercard(['export', 'no/such/folder.csv'], { cwd })).code, 1);
    const [, , began, failed, exported, notExported] = recordsOf(join(cwd, AUDIT), 'operator');
    assert.deepEqual(
      [began?.action, began?.result, failed?.action, failed?.result],
      ['import', undefined, 'import', 'failed'],
    );
    assert.ok(Number((failed?.counts as Written).added) >= 0, JSON.stringify(failed));
    assert.deepEqual(
      [exported?.action, exported?.result, notExported?.action, notExported?.result],
      ['export', undefined, 'export', 'failed'],
    );
  });

  it('60: has none where nothing could be done', async () => {
    const cwd = await createFilledFolder();
    for (const args of [
      ['user', 'disable', 'nobody'],
      ['user', 'set', 'nobody', '--rights', 'card'],
      ['user', 'remove', 'nobody'],
      ['token', 'revoke', 'nobody'],
      ['import', 'nothing.csv'],
      ['export', 'data'],
    ])
      assert.notEqual((await runCallercard(args, { cwd })).code, 0, args.join(' '));
    assert.equal(existsSync(join(cwd, AUDIT)), false);
  });
});

describe('operators and a server at one time', () => {
  it('60: have records of each, in chains that hold', async () => {
    const cwd = await createFilledFolder();
    const server = await startCallercard(['serve'], { cwd });
    try {
      const names = Array.from({ length: 6 }, (_, at) => `token${at}`);
      const ran = await Promise.all(names.map((name) => runCallercard(['token', 'create', name], { cwd })));
      for (const { code, stderr } of ran) assert.equal(code, 0, stderr);
      const created = recordsOf(join(cwd, AUDIT), 'operator').map(({ subject }) => subject);
      assert.deepEqual(
        created.toSorted(),
        names.map((name) => `token:${name}`),
      );
      assert.deepEqual(await faultsOf(join(cwd, AUDIT)), []);
    } finally {
      await stopServer(server);
    }
  });
});

describe('what an operator does beside a dialer', { skip: mariadbSkip }, () => {
  const secret = 'p4ss-of-the-dialer';
  let dialer: MariadbServer;
  let options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  before(async () => {
    dialer = await startMariadb();
    await loadDatasetIntoDialer(dialer);
    await createReadOnlyUser(dialer, 'callercard', secret);
    options = {
      cwd: temporaryFolder(),
      env: {
        CALLERCARD_DATABASE: `mariadb://callercard:${secret}@${dialer.host}:${dialer.port}/asterisk`,
        CALLERCARD_STATE_FILE: 'state.db',
      },
    };
  });
  after(() => dialer.stop());

  it('60: is in the audit beside the state file', async () => {
    for (const args of [
      ['user', 'set', 'MYUSER', '--rights', 'calls'],
      ['user', 'set', 'MyUser', '--rights', 'none'],
      ['user', 'unlock', 'agent'],
      ['token', 'create', 'pbx', '--scope', 'caller-id'],
      ['token', 'revoke', 'pbx'],
      ['lookup', '--lead', '14246'],
    ]) {
      const { code, stderr } = await runCallercard(args, options);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    }
    const folder = join(options.cwd, 'state-audit');
    assert.deepEqual(
      recordsOf(folder)
        .filter(({ kind }) => kind === 'operator' || kind === 'lookup')
        .map(({ action, result, subject, before, after: to }) => [action ?? result, subject, before, to]),
      [
        ['user_set', 'MyUser', { rights: [] }, { rights: ['calls'] }],
        ['user_set', 'MyUser', { rights: ['calls'] }, { rights: [] }],
        ['user_unlock', 'agent', { failures: 0 }, undefined],
        ['token_create', 'token:pbx', undefined, recordsOf(folder, 'operator')[3]?.after],
        ['token_revoke', 'token:pbx', undefined, undefined],
        ['found', undefined, undefined, undefined],
      ],
    );
    assert.deepEqual(await faultsOf(folder), []);
  });

  it('of a person erases what is kept here, and says what the dialer must erase', async () => {
    const readsOf = (sql: string) => {
      using database = new DatabaseSync(join(options.cwd, 'state.db'));
      return database.prepare(sql).all();
    };
    readsOf("INSERT INTO daily_lead_counts VALUES (1, '1', 'reader', 2, 0)");
    readsOf("INSERT INTO daily_leads VALUES (1, '1', 14246), (1, '1', 5)");
    const run = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runCallercard(['person', ...args], options);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const { reads, elsewhere } = JSON.parse(await run('export', '--lead', '14246', '--out', '-')) as {
      reads: readonly { leadId?: number }[];
      elsewhere: readonly string[];
    };
    assert.ok(reads.some(({ leadId }) => leadId === 14246));
    assert.ok(elsewhere.some((line) => line.includes('vicidial_list (lead_id 14246)')));
    const receipt = await run('erase', '--lead', '14246', '--yes');
    assert.match(receipt, /removed: 1 reads of the day\n/);
    assert.match(receipt, /remains: in the dialer: vicidial_list \(lead_id 14246\)/);
    const left = readsOf('SELECT lead_id FROM daily_leads').map(({ lead_id: leadId }) => leadId);
    assert.deepEqual(left, [5]);
    const found = JSON.parse(await run('find', '--phone', '8004321000', '--json')) as readonly object[];
    assert.ok(found.length > 0);
  });
});
