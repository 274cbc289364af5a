import assert from 'node:assert/strict';
import { it } from 'node:test';

import { createApp } from '../../src/app.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { inject, startTestApp, temporaryFolder, testConfig, type TestApp } from '../support/test-app.ts';
import { ask, attackBoth, FORMATS, LEAD, parametersWith, WAYS } from './attacked-servers.ts';

attackBoth('credentials', (attacked) => {
  for (const format of FORMATS) {
    it(`1: unknown users, wrong passwords and missing credentials get the same answer, byte for byte (${format})`, async () => {
      const answers = new Set<string>();
      for (const [at, way] of WAYS.entries()) {
        for (const changes of [
          { goUser: `nobody${at}`, goPass: PASSWORD },
          { goUser: `victim${at}`, goPass: `${PASSWORD} but wrong` },
          { goUser: `victim${at}`, goPass: PASSWORD.toUpperCase() },
          { goUser: `victim${at}`, goPass: '' },
          { goUser: '', goPass: PASSWORD },
          // What is asked for does not matter before the password is right.
          { goUser: `nobody${at}`, lead_id: '999999' },
          { goUser: `nobody${at}`, lead_id: 'x' },
          { goUser: `nobody${at}`, lead_id: '' },
        ]) {
          const { status, headers, text } = await ask(
            attacked().url,
            parametersWith({ ...changes, responsetype: format }),
            way,
          );
          const { date, ...rest } = headers;
          assert.equal(typeof date, 'string');
          answers.add(JSON.stringify([status, rest, text]));
        }
        const { text } = await ask(attacked().url, parametersWith({ goUser: `victim${at}` }), way);
        assert.match(text, /"lead_id":14246,/);
      }
      assert.equal(answers.size, 1, [...answers].join('\n'));
      assert.match([...answers][0] ?? '', /Invalid Username\/Password/);
    });
  }

  for (const [what, name] of [
    ['a user', 'victim100'],
    ['an unknown name', 'nobody100'],
  ] as const) {
    it(`5, 6: wrong passwords of ${what} are counted together, by every path, method and spelling`, async () => {
      const full = name.replace(/./g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
      const spellings = [name, name.toUpperCase(), `${name} `, full, name.replace('i', 'í')];
      const messages: string[] = [];
      for (let guess = 0; guess < 12; guess += 1) {
        const goUser = spellings[guess % spellings.length] ?? name;
        const parameters = parametersWith({ goUser, goPass: `guess ${guess}` });
        const { text } = await ask(attacked().url, parameters, WAYS[guess % WAYS.length], {}, guess % 2);
        messages.push((JSON.parse(text) as { message: string }).message);
      }
      const locked = 'Too many login attempts, try again in 15 minutes';
      assert.deepEqual(messages, [...Array<string>(10).fill('Invalid Username/Password'), locked, locked]);
      for (const way of WAYS) {
        // The right password, too.
        const { text } = await ask(attacked().url, parametersWith({ goUser: name.toUpperCase() }), way);
        assert.equal((JSON.parse(text) as { message: string }).message, locked);
      }
      assert.match((await ask(attacked().url, parametersWith({}))).text, /"success"/);
    });
  }
});

/** What a look-up of a user that is broken may give back. */
const BROKEN_READS: readonly (readonly [what: string, read: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['zero', 0],
  ['false', false],
  ['an empty object', {}],
  ['an empty list', []],
  [
    'an account of zeros',
    {
      account: { id: 0, name: 0, verifier: 0, active: 0, rights: 0, lists: 0 },
      identity: 'planted',
      failures: { count: 0, lastFailedAt: 0 },
    },
  ],
  [
    'an account without a verifier',
    {
      account: { id: 1, name: 'crm', active: true, rights: 31 },
      identity: 'planted',
      failures: { count: 0, lastFailedAt: 0 },
    },
  ],
  [
    'an account with an empty verifier',
    {
      account: { id: 1, name: 'crm', verifier: '', active: true, rights: 31 },
      identity: 'planted',
      failures: { count: 0, lastFailedAt: 0 },
    },
  ],
];

it('2: a user query that returns nothing, zeros or an error refuses the login', async () => {
  const running: TestApp = await startTestApp(temporaryFolder(), (store) => fill(store));
  const { accounts } = running.store;
  const read = accounts.read.bind(accounts);
  try {
    for (const goPass of [PASSWORD, '', '0', 'undefined', 'null']) {
      for (const [what, broken] of BROKEN_READS) {
        accounts.read = () => broken as ReturnType<typeof read>;
        const { status, text } = await ask(running.url, parametersWith({ goPass, responsetype: 'json' }));
        assert.doesNotMatch(text, /success|Bruno|lead_info/, `${what}: ${text}`);
        assert.ok(status === 200 || status >= 500, `${what}: ${status}`);
      }
      accounts.read = () => {
        throw new Error('planted: the look-up of a user fails');
      };
      const { status, text } = await ask(running.url, parametersWith({ goPass }));
      assert.equal(status, 500);
      assert.equal(text, '{"result":"error","message":"Internal error"}');
    }
    accounts.read = read;
    assert.match((await ask(running.url, parametersWith({}))).text, /"success"/);
  } finally {
    await running.close();
  }
});

it('7: a new store has no users', async () => {
  const config = testConfig(`${temporaryFolder()}/new.db`);
  const app = createApp(config, { store: openStore(config, { create: true }) });
  try {
    for (const goUser of ['MyUser', 'admin', 'VDAD', 'VDCL', '']) {
      for (const goPass of ['MyPass', 'donotedit', '']) {
        const query = new URLSearchParams(parametersWith({ goUser, goPass })).toString();
        const { text } = await inject(app, { method: 'GET', url: `/goAPIv2/goAgent/goAPI.php?${query}` });
        assert.equal(text, '{"result":"error","message":"Invalid Username/Password"}', `${goUser} ${goPass}`);
      }
    }
  } finally {
    await app.close();
  }
});

function fill(store: OwnStore): Promise<void> {
  return fillEmbedded(store, {
    lists: [{ list_id: 100, name: 'seen' }],
    leads: [{ ...LEAD, list_id: 100, first_name: 'Bruno' }],
    users: [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }],
  });
}
