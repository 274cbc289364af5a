import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';

import { ROOT, runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused, createCustomers, CUSTOMERS } from './customers.ts';

const SECRET = 'planted-secret';

describe('callercard, as a shell sees it', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();
  after(() => {
    assert.deepEqual(readdirSync(cwd), [], 'asking for help left a trace');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(await runCallercard(['--version'], { cwd }), {
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('lists its commands and exit codes', async () => {
    const { code, stdout, stderr } = await runCallercard(['--help'], { cwd });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    for (const word of [
      'demo',
      'serve',
      'import',
      'export',
      'user',
      'lookup',
      'check',
      'settings',
      'Exit codes:',
    ]) {
      assert.match(stdout, new RegExp(`^ *${word}`, 'm'));
    }
  });

  it('explains each command as the documentation has it', async () => {
    const documented = readFileSync(join(ROOT, 'docs', 'commands.md'), 'utf8');
    for (const words of [['import'], ['user', 'add'], ['serve']]) {
      const { code, stdout, stderr } = await runCallercard([...words, '--help'], { cwd });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.ok(
        documented.includes(`## callercard ${words.join(' ')}\n\n\`\`\`text\n${stdout.trimEnd()}\n`),
        stdout,
      );
    }
  });

  it('says where to look for a command or a flag that is not there', async () => {
    for (const args of [['serves'], ['serve', '--prot', '1'], ['user', 'remove'], ['lookup', '--phone']]) {
      const { code, stdout, stderr } = await runCallercard(args, { cwd });
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
      assert.match(stderr, /--help/);
    }
  });
});

describe('callercard settings', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'config.json'),
    JSON.stringify({ port: 9001, rateLimit: 7, corsOrigins: ['https://crm.example.com'] }),
  );

  it('shows each value and its source: flag, environment, config file, default', async () => {
    const env = { PORT: '9002', CALLERCARD_RATE_LIMIT: '8', CALLERCARD_LOG_LEVEL: '' };
    const args = ['settings', '--json', '--config', 'config.json', '--rate-limit', '9'];
    const { code, stdout } = await runCallercard(args, { cwd, env });
    assert.equal(code, 0);
    const shown = JSON.parse(stdout) as readonly { name: string; value: string; source: string }[];
    const found = Object.fromEntries(shown.map(({ name, value, source }) => [name, `${value} (${source})`]));
    assert.equal(found.rateLimit, '9 (flag --rate-limit)');
    assert.equal(found.port, '9002 (environment PORT)');
    assert.equal(found.corsOrigins, 'https://crm.example.com (file config.json)');
    assert.equal(found.logLevel, 'info (default)');
  });

  it('shows a table to a person', async () => {
    const { code, stdout, stderr } = await runCallercard(['settings'], {
      cwd,
      env: { CALLERCARD_CONFIG: 'config.json' },
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^setting +value +from +environment\n/);
    assert.match(stdout, /^port +9001 +file config.json +CALLERCARD_PORT$/m);
  });

  it('masks a password in the address of the database', async () => {
    const database = `sqlite:mariadb://me:${SECRET}@db.example.com/asterisk`;
    for (const args of [['settings'], ['settings', '--json']]) {
      const { code, stdout, stderr } = await runCallercard(args, {
        cwd,
        env: { CALLERCARD_DATABASE: database },
      });
      assert.equal(code, 0);
      assert.match(stdout, /:\/\/me:\*\*\*@db\.example\.com/);
      assert.ok(!`${stdout}${stderr}`.includes(SECRET));
    }
  });

  it('reports every problem at once, and no value that may be a secret', async () => {
    writeFileSync(join(cwd, 'bad.json'), JSON.stringify({ prot: 1, logLevel: 'loud' }));
    const { code, stdout, stderr } = await runCallercard(
      ['settings', '--config', 'bad.json', '--port', '80800'],
      {
        cwd,
        env: {
          CALLERCARD_PROT: '1',
          CALLERCARD_DATABASE: `mariadb://me:${SECRET}@here`,
          CALLERCARD_CORS_ORIGINS: '*',
        },
      },
    );
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    const problems = stderr.trimEnd().split('\n');
    for (const name of [
      'prot (file',
      'CALLERCARD_PROT (env',
      'port (flag',
      'database (env',
      'corsOrigins (env',
      'logLevel (file',
    ]) {
      assert.equal(
        problems.filter((line) => line.startsWith(`callercard: ${name}`)).length,
        1,
        `${name}\n${stderr}`,
      );
    }
    assert.equal(problems.length, 6, stderr);
    assert.ok(!stderr.includes(SECRET));
  });

  it('refuses an unknown variable, with where to find the names', async () => {
    const ran = await runCallercard(['serve'], { cwd, env: { CALLERCARD_PROT: '8081' } });
    assertRefused(
      ran,
      2,
      /^callercard: CALLERCARD_PROT \(environment\) is no setting; "callercard settings" lists them all\n/,
    );
  });
});

describe('a store that cannot be used', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'customers.csv'), CUSTOMERS);
  writeFileSync(join(cwd, 'file'), '');
  const foreign = join(cwd, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.exec('CREATE TABLE theirs (a)');
  other.close();

  it('is not there: says how to fill one, and makes none', async () => {
    for (const command of [['serve'], ['lookup', '--lead', '1'], ['user', 'list'], ['export']]) {
      const ran = await runCallercard([...command, '--database', 'sqlite:nowhere/x.db'], { cwd });
      assertRefused(
        ran,
        1,
        /^callercard: there is no store at nowhere\/x\.db; fill one with "callercard import FILE"/,
      );
    }
    const check = await runCallercard(['check', '--database', 'sqlite:nowhere/x.db'], { cwd });
    assert.equal(check.code, 1);
    assert.match(check.stderr, /there is no store at nowhere/);
    assert.equal(existsSync(join(cwd, 'nowhere')), false);
  });

  it('is in a folder that cannot be written: says to choose another', async () => {
    // A path below a file: root may write to any folder.
    const args = ['import', 'customers.csv', '--database', 'sqlite:file/x.db'];
    assertRefused(
      await runCallercard(args, { cwd }),
      1,
      /^callercard: cannot make a store at file\/x\.db \(.+\); choose a folder/,
    );
  });

  it('belongs to another program: says so and leaves it as it is', async () => {
    const before = readFileSync(foreign);
    for (const command of [['serve'], ['import', 'customers.csv'], ['user', 'list']]) {
      const ran = await runCallercard([...command, '--database', 'sqlite:foreign.db'], { cwd });
      assertRefused(
        ran,
        1,
        /^callercard: foreign\.db belongs to another program; name another file with --database/,
      );
    }
    assert.deepEqual(readFileSync(foreign), before);
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.startsWith('foreign')),
      ['foreign.db'],
    );
  });
});

describe('callercard import, by its lines on standard error', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();

  it('refuses a file without a column for the phone number, with the flag that settles it', async () => {
    writeFileSync(join(cwd, 'nophone.csv'), 'nombre,apellido\nAna,Núñez\n');
    const ran = await runCallercard(['import', 'nophone.csv', '--list', '1'], { cwd });
    assertRefused(ran, 2, /no column holds the phone number; name the one that does with --map/);
  });

  it('refuses a file that is not there', async () => {
    assertRefused(
      await runCallercard(['import', 'nofile.csv', '--list', '1'], { cwd }),
      1,
      /there is no file nofile\.csv in \//,
    );
  });

  it('imports the good rows, and reports the others by its exit code', async () => {
    writeFileSync(join(cwd, 'some.csv'), 'phone,name\n8004321000,Bruno\n12,Nobody\n');
    const { code, stderr } = await runCallercard(
      ['import', 'some.csv', '--list', '1', '--database', 'sqlite:some.db'],
      { cwd },
    );
    assert.equal(code, 3);
    assert.match(stderr, /added 1, updated 0, unchanged 0, rejected 1 \(see some\.rejects\.csv\)/);
    assert.match(readFileSync(join(cwd, 'some.rejects.csv'), 'utf8'), /12,Nobody,3,phone_number/);
  });
});

describe('callercard lookup', { concurrency: 2 }, () => {
  let cwd: string;
  before(async () => {
    cwd = await createCustomers();
  });

  it('shows the customer to a person, without the fields that hold nothing', async () => {
    const { code, stdout, stderr } = await runCallercard(['lookup', '--phone', '+52 1 33 1234 5678'], {
      cwd,
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^first_name +Ana$/m);
    assert.match(stdout, /^found by +phone_number$/m);
    assert.doesNotMatch(stdout, /email|null/);
  });

  it('shows further numbers with their labels, and none in the documented answer', async () => {
    writeFileSync(
      join(cwd, 'family.csv'),
      'nombre,telefono,celular,tel oficina,tel casa\nEva,3355550001,3355550002,33 5555 0003,3355550004\n',
    );
    const database = ['--database', 'sqlite:family.db'];
    await runCallercard(['import', 'family.csv', '--list', '9', ...database], { cwd });
    const { stdout } = await runCallercard(['lookup', '--phone', '3355550003', ...database], { cwd });
    const lines = stdout.split('\n').filter((line) => /number|phone/.test(line));
    assert.deepEqual(lines, [
      'phone_number     3355550001',
      'alt_phone        3355550002',
      'further number   33 5555 0003 (tel oficina)',
      'further number   3355550004 (tel casa)',
    ]);
    assert.match(stdout, /^found by +further$/m);
    const json = await runCallercard(['lookup', '--phone', '3355550003', '--json', ...database], { cwd });
    assert.doesNotMatch(json.stdout, /oficina|3355550004/);
  });

  it('says how many other leads have the number', async () => {
    const { stdout } = await runCallercard(['lookup', '--phone', '044 81 2345 6789'], { cwd });
    assert.match(stdout, /^found by +phone_number; 2 leads have this number$/m);
  });

  it('has one exit code where no lead is found, and another for a malformed query', async () => {
    assertRefused(
      await runCallercard(['lookup', '--phone', '5500000000'], { cwd }),
      3,
      /No lead has the number 5500000000/,
    );
    assertRefused(
      await runCallercard(['lookup', '--lead', '99', '--json'], { cwd }),
      3,
      /There is no lead 99/,
    );
    assertRefused(
      await runCallercard(['lookup', '--phone', '55-CALL-NOW'], { cwd }),
      2,
      /phone_number has letters/,
    );
    assertRefused(await runCallercard(['lookup'], { cwd }), 2, /give --phone NUMBER or --lead ID/);
  });

  it('does not let stored text steer the terminal', async () => {
    writeFileSync(join(cwd, 'evil.csv'), 'phone,name\n3300000000,\u001b[31mred\u0007\n');
    await runCallercard(['import', 'evil.csv', '--list', '9', '--database', 'sqlite:evil.db'], { cwd });
    const { stdout } = await runCallercard(
      ['lookup', '--phone', '3300000000', '--database', 'sqlite:evil.db'],
      { cwd },
    );
    assert.match(stdout, /^first_name +\?\[31mred\?$/m);
  });
});

describe('callercard check', () => {
  it('says what is missing by advice and exit code, and nothing once all is there', async () => {
    const cwd = await createCustomers();
    const lacking = await runCallercard(['check'], { cwd });
    assert.equal(lacking.code, 3);
    assert.match(
      lacking.stdout,
      /^PROBLEM users: no active user has the right card or read\n +-> callercard user add NAME, or open the link/m,
    );
    assert.doesNotMatch(lacking.stdout, /PROBLEM (?!users)/);
    await runCallercard(['user', 'add', 'crm', '--password-stdin'], { cwd, input: 'correct horse battery' });
    const sound = await runCallercard(['check'], { cwd });
    assert.deepEqual({ code: sound.code, stderr: sound.stderr }, { code: 0, stderr: '' });
    assert.doesNotMatch(sound.stdout, /PROBLEM|advice/);
    const json = await runCallercard(['check', '--json', '--host', '0.0.0.0'], { cwd });
    const { sound: isSound, found } = JSON.parse(json.stdout) as {
      sound: boolean;
      found: readonly { level: string; subject: string }[];
    };
    assert.deepEqual([json.code, isSound], [0, true]);
    assert.deepEqual(
      found.filter(({ level }) => level !== 'ok').map(({ subject }) => subject),
      ['host'],
    );
  });
});
