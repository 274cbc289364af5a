import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { runCallercard, type Ran } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

const AUDIT = join('data', 'callercard-audit');

describe('callercard lookup', () => {
  it('is in the audit as the operator, with the account of the machine', async () => {
    const cwd = await createFilledFolder();
    assert.equal((await runCallercard(['lookup', '--phone', '55 0000 0007'], { cwd })).code, 0);
    const [name = ''] = readdirSync(join(cwd, AUDIT)).filter((file) => file.endsWith('.jsonl'));
    const text = readFileSync(join(cwd, AUDIT, name), 'utf8');
    assert.match(text, /"result":"found","user":"operator","address":"local:[^"]+","endpoint":"cli"/);
    assert.match(text, /"askedPhone":"\*{8}07","leadId":7,/);
    assert.doesNotMatch(text, /55000|Name 7/);
  });

  it('answers nothing where the audit cannot be written, and says what to do', async () => {
    const cwd = await createFilledFolder();
    writeFileSync(join(cwd, 'in-the-way'), '');
    for (const command of [['lookup', '--lead', '7'], ['serve']]) {
      const ran = await runCallercard([...command, '--audit', 'in-the-way'], { cwd });
      assertRefused(
        ran,
        1,
        /^callercard: the audit cannot be written in in-the-way \(E\w+: .*\); give this user a folder that it may write to: --audit FOLDER\n$/,
      );
      assert.equal(ran.stdout, '');
    }
  });

  it('60: is recorded also where the audit is off for callers, and check says that it is', async () => {
    const cwd = await createFilledFolder();
    const env = { CALLERCARD_AUDIT: 'off' };
    assert.equal((await runCallercard(['lookup', '--lead', '7'], { cwd, env })).code, 0);
    const search = await runCallercard(['audit', 'search', '--lead', '7'], { cwd, env });
    assert.match(search.stdout, /operator +local:\S+ +cli +found lead 7 +lead 7$/m);
    const { code, stdout } = await runCallercard(['check'], { cwd, env });
    assert.match(stdout, /^advice {2}audit: off: nobody can say later who looked at a customer$/m);
    assert.equal(code, 0);
    assert.equal((await runCallercard(['audit', 'verify'], { cwd, env })).code, 0);
  });
});

describe('callercard check', () => {
  it('says where the audit is, how large, and its last record, and writes nothing', async () => {
    const cwd = await createFilledFolder();
    const fresh = await runCallercard(['check'], { cwd });
    assert.match(fresh.stdout, /^ok {6}audit: data\/callercard-audit will be made by the first who writes$/m);
    assert.equal(existsSync(join(cwd, AUDIT)), false);
    await runCallercard(['lookup', '--lead', '7'], { cwd });
    const used = await runCallercard(['check'], { cwd });
    assert.match(
      used.stdout,
      /^ok {6}audit: data\/callercard-audit: 1 file, 1 KiB, last record: 20\d\d-.*Z$/m,
    );
    writeFileSync(join(cwd, 'in-the-way'), '');
    const broken = await runCallercard(['check', '--audit', 'in-the-way'], { cwd });
    assert.match(broken.stdout, /^PROBLEM audit: in-the-way cannot be used \(.*\)$/m);
    assert.equal(broken.code, 3);
  });
});

describe('callercard audit', { concurrency: 2 }, () => {
  let cwd: string;
  const run = (...args: readonly string[]): Promise<Ran> => runCallercard(['audit', ...args], { cwd });
  before(async () => {
    cwd = await createFilledFolder();
    for (const lead of ['1', '2', '99999', '1']) await runCallercard(['lookup', '--lead', lead], { cwd });
  });

  it('search shows who asked for what, as a table and as JSON lines', async () => {
    const { code, stdout } = await run('search');
    assert.equal(code, 0);
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    assert.match(head, /^time \(UTC\) +user +from +endpoint +result +asked for$/);
    assert.deepEqual(
      rows.map((row) => row.replace(/^.{24} +operator +local:\S+ +cli +/, '').replace(/ {2,}/, ' | ')),
      [
        'found lead 1 | lead 1',
        'found lead 2 | lead 2',
        'lead_not_found | lead 99999',
        'found lead 1 | lead 1',
      ],
    );
    const json = await run('search', '--lead', '1', '--json');
    const records = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { leadId: number });
    assert.deepEqual(
      records.map(({ leadId }) => leadId),
      [1, 1],
    );
  });

  it('search takes user, time and limit, says when there is nothing, and what it does not understand', async () => {
    assert.equal(
      (await run('search', '--user', 'OPERATOR', '--limit', '2')).stdout.split('\n').length,
      1 + 2 + 1,
    );
    assertRefused(await run('search', '--user', 'crm'), 3, /^callercard: no such lookup is in the audit\n$/);
    assertRefused(await run('search', '--until', '2020-01-01'), 3, /no such lookup/);
    assert.equal((await run('search', '--since', '2020-01-01T08:30')).code, 0);
    assertRefused(await run('search', '--since', 'yesterday'), 2, /--since takes a day or a time in UTC/);
    assertRefused(await run('search', '--since', '2026-13-41'), 2, /--since takes a day or a time in UTC/);
    assertRefused(await run('search', '--lead', 'x'), 2, /--lead takes a whole number/);
    assertRefused(await run('search', 'nowhere'), 1, /there is no audit in nowhere/);
  });

  it('verify says that all is sound, or what is not, with the exit code 3', async () => {
    const sound = await run('verify');
    assert.match(
      sound.stdout,
      /^data\/callercard-audit\nok {6}chain 1: 9 records in 1 file; the last, 9, is of 20.*Z and has the hash \S{43}\n$/,
    );
    assert.equal(sound.code, 0);
    const json = await run('verify', '--json');
    writeFileSync(join(cwd, 'earlier.json'), json.stdout);
    const copy = temporaryFolder();
    const [name = ''] = readdirSync(join(cwd, AUDIT)).filter((file) => file.endsWith('.jsonl'));
    const lines = readFileSync(join(cwd, AUDIT, name), 'latin1').split('\n');
    writeFileSync(join(copy, name), lines.toSpliced(8, 1).join('\n'));
    assert.equal((await run('verify', copy)).code, 0, 'the end alone cannot show that');
    const cut = await run('verify', copy, '--earlier', 'earlier.json');
    assert.match(
      cut.stdout,
      /^PROBLEM chain 1: audit-\S+, line \d+: ends with record 8; record 9 was seen earlier/m,
    );
    assert.equal(cut.code, 3);
    writeFileSync(join(copy, name), lines.toSpliced(4, 1).join('\n'));
    const bad = await run('verify', copy, '--json');
    const { sound: isSound, audits } = JSON.parse(bad.stdout) as {
      sound: boolean;
      audits: readonly { chains: readonly { bad: object }[] }[];
    };
    assert.equal(isSound, false);
    assert.deepEqual(audits[0]?.chains[0]?.bad, {
      file: name,
      line: 5,
      why: 'record 6 stands where record 5 belongs',
    });
    assertRefused(await run('verify', '--earlier', 'data/callercard.db'), 2, /is not what/);
    assertRefused(await run('verify', 'nowhere'), 1, /^callercard: there is no audit in nowhere; /);
  });

  it('27: verify takes a folder without any record for a problem', async () => {
    const empty = temporaryFolder();
    const ran = await run('verify', empty);
    assert.deepEqual([ran.code, ran.stdout], [3, `${empty}\nPROBLEM there is no record here\n`]);
    const json = await run('verify', empty, '--json');
    assert.deepEqual(JSON.parse(json.stdout), { sound: false, audits: [{ folder: empty, chains: [] }] });
    assert.equal(json.code, 3);
  });

  it('27: search --json gives the records as they stand in the file', async () => {
    const { stdout } = await run('search', '--json');
    const [name = ''] = readdirSync(join(cwd, AUDIT)).filter((file) => file.endsWith('.jsonl'));
    const lines = readFileSync(join(cwd, AUDIT, name), 'latin1').split('\n');
    assert.deepEqual(
      stdout.trimEnd().split('\n'),
      lines.filter((line) => line.includes('"kind":"lookup"')),
    );
  });

  it('help says of each command what it does, with its flags and exit codes', async () => {
    const help = async (...args: readonly string[]) => {
      const ran = await run(...args, '--help');
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      return ran.stdout.replace(/\s+/g, ' ');
    };
    assert.match(await help(), /who looked up what, and when.*search .*verify /);
    assert.match(await help('search'), /--lead <id>.*--user <name>.*--since <time>.*--until <time>.*--json/);
    assert.match(await help('verify'), /Exit code 3 .*--earlier <file>.*--json.*--domain <name>/);
  });
});

describe('callercard audit where there are several domains', () => {
  it('verifies each, searches the one that is named, and each has its own', async () => {
    const cwd = temporaryFolder();
    const domains = {
      acme: { hosts: ['acme.example'], database: 'sqlite:acme.db' },
      beta: { hosts: ['beta.example'], database: 'sqlite:beta.db', audit: 'elsewhere' },
    };
    const env = { CALLERCARD_CONFIG: 'config.json' };
    writeFileSync(join(cwd, 'config.json'), JSON.stringify({ domains }));
    writeFileSync(join(cwd, 'a.csv'), 'telefono,nombre\n5512345678,Ana\n');
    for (const domain of ['acme', 'beta']) {
      await runCallercard(['import', 'a.csv', '--list', '1', '--domain', domain], { cwd, env });
      const lookups = domain === 'acme' ? 1 : 2;
      for (let at = 0; at < lookups; at += 1)
        await runCallercard(['lookup', '--lead', '1', '--domain', domain], { cwd, env });
    }
    const verified = await runCallercard(['audit', 'verify'], { cwd, env });
    assert.match(verified.stdout, /^acme: acme-audit\nok .* 6 records .*\nbeta: elsewhere\nok .* 8 records /);
    assertRefused(await runCallercard(['audit', 'search'], { cwd, env }), 2, /--domain which one is meant/);
    const found = await runCallercard(['audit', 'search', '--json', '--domain', 'acme'], { cwd, env });
    assert.equal(found.stdout.trimEnd().split('\n').length, 3);
    assert.match(found.stdout, /"domain":"acme"/);
    writeFileSync(
      join(cwd, 'config.json'),
      JSON.stringify({ domains: { ...domains, acme: { ...domains.acme, audit: './elsewhere' } } }),
    );
    assertRefused(
      await runCallercard(['check'], { cwd, env }),
      2,
      /domains\.beta\.audit \(file config\.json\) is the folder of acme/,
    );
    writeFileSync(join(cwd, 'config.json'), JSON.stringify({ audit: 'shared', domains }));
    assertRefused(
      await runCallercard(['check'], { cwd, env }),
      2,
      /^callercard: audit \(file config\.json\) belongs into each domain/,
    );
  });
});
