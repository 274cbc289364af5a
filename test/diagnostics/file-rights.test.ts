import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { EXIT } from '../../src/process/exit-code.ts';
import { type GuardedFile, inspectFileRights, trustedGroups } from '../../src/diagnostics/file-rights.ts';
import { domainFiles, installationFiles } from '../../src/diagnostics/guarded-files.ts';
import { loadConfig } from '../../src/config/load.ts';
import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { temporaryFolder } from '../support/test-app.ts';

const OWN = process.getgid?.() ?? 0;
/** Debian's `adm`, in which this process is not. */
const ADM = 4;
const DAEMON = 1;
const notRoot = process.getuid?.() !== 0 && 'only root may give files to other groups';

const EVERYBODY = 'every user of this machine may';
const TRUSTED = new Set([0, OWN]);

/** A file with a mode, in a folder of its own. */
function fileOf(mode: number, name = 'file'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, 'x');
  chmodSync(path, mode);
  return path;
}

function inspect(file: GuardedFile, trusted: ReadonlySet<number> = TRUSTED) {
  return inspectFileRights([file], trusted).map(({ level, message, advice }) =>
    [level, message.replaceAll(file.path, 'FILE'), advice?.replaceAll(file.path, 'FILE')]
      .filter(Boolean)
      .join(' | '),
  );
}

const CLOSED = ['ok | closed to other users of this machine: FILE'];

describe('the rights of a file', () => {
  const table: readonly (readonly [number, GuardedFile['content'], readonly string[]])[] = [
    [0o600, 'secret', CLOSED],
    [0o400, 'secret', CLOSED],
    // This user's own group, in which is nobody else.
    [0o660, 'secret', CLOSED],
    [0o604, 'secret', [`problem | FILE (mode 604): ${EVERYBODY} read it | chmod o-r FILE`]],
    [0o644, 'secret', [`problem | FILE (mode 644): ${EVERYBODY} read it | chmod o-r FILE`]],
    [0o602, 'secret', [`problem | FILE (mode 602): ${EVERYBODY} change it | chmod o-w FILE`]],
    [0o666, 'secret', [`problem | FILE (mode 666): ${EVERYBODY} read and change it | chmod o-rw FILE`]],
    [0o644, 'private', [`advice | FILE (mode 644): ${EVERYBODY} read it | chmod o-r FILE`]],
    [0o646, 'private', [`problem | FILE (mode 646): ${EVERYBODY} read and change it | chmod o-rw FILE`]],
    [0o644, 'public', CLOSED],
    [0o646, 'public', [`problem | FILE (mode 646): ${EVERYBODY} change it | chmod o-w FILE`]],
  ];
  for (const [mode, content, found] of table) {
    it(`58: ${content}, mode ${mode.toString(8)}: ${found === CLOSED ? 'closed' : 'open'}`, () => {
      assert.deepEqual(inspect({ path: fileOf(mode), content }), found);
    });
  }

  it('58: are open to a group of others, by its name', { skip: notRoot }, () => {
    const of = (mode: number, content: GuardedFile['content']) => {
      const path = fileOf(mode);
      chownSync(path, 0, ADM);
      return inspect({ path, content });
    };
    assert.deepEqual(of(0o640, 'secret'), [
      'advice | FILE (mode 640): the group adm may read it | chmod g-r FILE',
    ]);
    assert.deepEqual(of(0o660, 'secret'), [
      'problem | FILE (mode 660): the group adm may read and change it | chmod g-rw FILE',
    ]);
    assert.deepEqual(of(0o664, 'secret'), [
      `problem | FILE (mode 664): ${EVERYBODY} read it, and the group adm may read and change it | chmod o-r,g-rw FILE`,
    ]);
    assert.deepEqual(of(0o640, 'public'), CLOSED);
  });

  it(
    '58: are closed where only the group of the service may read it, as deploy/README.md has it',
    { skip: notRoot },
    () => {
      const data = temporaryFolder();
      chownSync(data, DAEMON, DAEMON);
      const key = fileOf(0o640);
      chownSync(key, 0, DAEMON);
      assert.deepEqual(inspect({ path: key, content: 'secret' }, trustedGroups(data)), CLOSED);
      assert.deepEqual(inspect({ path: key, content: 'secret' }, trustedGroups(temporaryFolder())), [
        'advice | FILE (mode 640): the group daemon may read it | chmod g-r FILE',
      ]);
      // A group that is not the service's own one: others may be in it.
      chownSync(data, DAEMON, ADM);
      assert.equal(trustedGroups(data).has(ADM), false);
    },
  );

  it('58: may be quoted for a shell', () => {
    const path = fileOf(0o644, "it's a key");
    const [{ advice } = {}] = inspectFileRights([{ path, content: 'secret' }], TRUSTED);
    assert.match(advice ?? '', /^chmod o-r '\/.*\/it'\\''s a key'$/);
  });
});

describe('the rights of folders', () => {
  /** `outer/inner/file`, with these modes of the folders. */
  function nested(outer: number, inner: number): string {
    const folder = join(temporaryFolder(), 'outer');
    mkdirSync(join(folder, 'inner'), { recursive: true });
    const path = join(folder, 'inner', 'file');
    writeFileSync(path, 'x', { mode: 0o600 });
    chmodSync(join(folder, 'inner'), inner);
    chmodSync(folder, outer);
    return path;
  }

  it('58: that others may write to let them put another file there', () => {
    for (const [outer, inner, name] of [
      [0o755, 0o777, 'inner'],
      [0o777, 0o755, 'outer'],
      [0o757, 0o700, 'outer'],
    ] as const) {
      const path = nested(outer, inner);
      const folder = path.slice(0, path.lastIndexOf(`/${name}/`) + name.length + 1);
      const mode = (name === 'inner' ? inner : outer).toString(8);
      const found = [
        `problem | ${folder} (mode ${mode}): ${EVERYBODY} put another file in the place of FILE | chmod o-w ${folder}`,
      ];
      assert.deepEqual(inspect({ path, content: 'public' }), found);
    }
    assert.deepEqual(inspect({ path: nested(0o755, 0o755), content: 'secret' }), CLOSED);
  });

  it('58: where everybody may put files but take none away are right for a key, and not for a store', () => {
    const path = nested(0o755, 0o1777);
    assert.deepEqual(inspect({ path, content: 'secret' }), CLOSED);
    const [found = ''] = inspect({ path, content: 'secret', hasSiblings: true });
    assert.match(
      found,
      /^problem \| .*\/inner \(mode 1777\): .* may put files beside FILE \| move FILE into a folder of its own/,
    );
  });

  it('58: count where a link stands and where it leads', () => {
    const target = nested(0o777, 0o755);
    const link = join(temporaryFolder(), 'link');
    symlinkSync(target, link);
    assert.match(inspect({ path: link, content: 'secret' }).join('\n'), /^problem \| .*\/outer \(mode 777\)/);
    const path = nested(0o777, 0o755);
    renameSync(path, `${target}.moved`);
    symlinkSync(fileOf(0o600), path);
    assert.match(inspect({ path, content: 'secret' }).join('\n'), /^problem \| .*\/outer \(mode 777\)/);
  });

  it('58: of a group of others, too', { skip: notRoot }, () => {
    const path = nested(0o755, 0o770);
    chownSync(join(path, '..'), 0, ADM);
    assert.match(
      inspect({ path, content: 'secret' }).join('\n'),
      /inner \(mode 770\): the group adm may put another file .* chmod g-w /,
    );
  });

  it('58: with several open files are named once', () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), '', { mode: 0o644 });
    assert.deepEqual(inspect({ path: folder, content: 'private' }), [
      `advice | FILE/a (mode 644): ${EVERYBODY} read it, and so it is with 2 more there | chmod -R go-rwx FILE`,
    ]);
    chmodSync(folder, 0o777);
    assert.match(
      inspect({ path: folder, content: 'private' }).join('\n'),
      /^problem \| FILE \(mode 777\): .* change it \| chmod o-w FILE\nadvice/,
    );
  });
});

describe('the files that check looks at', () => {
  it('58: are config file, key, certificate, store with its logs, state file, audit, password and authority', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.json');
    const load = (settings: object) => {
      writeFileSync(file, JSON.stringify(settings));
      return loadConfig({ flags: {}, environment: {}, file });
    };
    const named = (files: readonly GuardedFile[]) => files.map(({ path, content }) => `${content} ${path}`);
    const plain = load({ tlsCert: 'c.pem', tlsKey: 'k.pem', database: 'sqlite:d/s.db' });
    assert.deepEqual(named(installationFiles(plain)), [`private ${file}`, 'secret k.pem', 'public c.pem']);
    assert.deepEqual(named(domainFiles(plain.config)), [
      'secret d/s.db',
      'secret d/s.db-wal',
      'secret d/s.db-shm',
      'private d/s-audit',
    ]);
    const dialer = load({
      database: 'mariadb://c@127.0.0.1/asterisk',
      databasePasswordFile: 'p',
      databaseCa: 'ca.pem',
      stateFile: 'state.db',
      audit: 'trail',
    });
    assert.deepEqual(named(installationFiles(dialer)), [`private ${file}`]);
    assert.deepEqual(named(domainFiles(dialer.config)), [
      'secret state.db',
      'secret state.db-wal',
      'secret state.db-shm',
      'private trail',
      'secret p',
      'public ca.pem',
    ]);
    assert.deepEqual(named(installationFiles(load({ metricsTokenFile: 't' }))), [
      `private ${file}`,
      'secret t',
    ]);
    for (const secret of [
      { database: 'mariadb://c:a long password@127.0.0.1/asterisk' },
      { redis: 'redis://:a long password@127.0.0.1' },
      { domains: { acme: { database: 'mariadb://c:a long password@127.0.0.1/asterisk' } } },
    ])
      assert.deepEqual(named(installationFiles(load(secret))), [`secret ${file}`]);
  });
});

describe('the files that check looks at beside a store', () => {
  const LEFT = ['.schema-3', '.schema-12', '.copy-71', '.new-8', '.new-8-wal', '-wal.former', '-shm.former'];
  const NOT_OURS = ['x.db.schema-3', 's.db.bak', 's.db.schema-x', 's.dbx-wal.former'];

  it('58: are copies that an update kept, and what a killed process left, of a store and of a state file', () => {
    for (const settings of [
      (path: string) => ({ database: `sqlite:${path}` }),
      (path: string) => ({ database: 'mariadb://c@127.0.0.1/asterisk', stateFile: path }),
    ]) {
      const folder = temporaryFolder();
      const path = join(folder, 's.db');
      for (const name of [...LEFT.map((suffix) => `s.db${suffix}`), ...NOT_OURS])
        writeFileSync(join(folder, name), '', { mode: 0o644 });
      const { config } = loadConfig({ flags: settings(path), environment: {} });
      const found = inspectFileRights(domainFiles(config), TRUSTED).map(({ level, message }) => [
        level,
        message.slice(0, message.indexOf(' (mode')),
      ]);
      const open = LEFT.map((suffix) => ['problem', path + suffix]);
      assert.deepEqual(found.toSorted(), open.toSorted());
    }
  });

  it('58: are where a link to the store leads, too', () => {
    const path = fileOf(0o600, 'real.db');
    for (const suffix of ['-wal', '-wal.former']) writeFileSync(path + suffix, '');
    const link = join(temporaryFolder(), 's.db');
    symlinkSync(path, link);
    const { config } = loadConfig({ flags: { database: `sqlite:${link}` }, environment: {} });
    const paths = domainFiles(config).map((each) => each.path);
    for (const suffix of ['-wal', '-wal.former']) assert.ok(paths.includes(path + suffix));
  });
});

describe('callercard check', () => {
  it('58: names file, mode and cure of all that is open, and ends with 3', async () => {
    const cwd = await createFilledFolder();
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const config = { tlsCert, tlsKey, redis: 'redis://:a long password@127.0.0.1:1' };
    writeFileSync(join(cwd, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    const check = () => runCallercard(['check', '--config', 'config.json'], { cwd });
    const rightsIn = (stdout: string) =>
      [...stdout.matchAll(/^(\w+) +file rights: (.*)(?:\n +-> (.*))?$/gm)].map(([, ...parts]) => parts);
    const closed = rightsIn((await check()).stdout);
    assert.deepEqual(closed, [
      ['ok', `closed to other users of this machine: config.json, ${tlsKey}, ${tlsCert}`, undefined],
      ['ok', 'closed to other users of this machine: data/callercard.db', undefined],
    ]);
    chmodSync(join(cwd, 'config.json'), 0o644);
    chmodSync(tlsKey, 0o666);
    chmodSync(join(cwd, 'data/callercard.db'), 0o644);
    chmodSync(join(cwd, 'data'), 0o777);
    const { code, stdout } = await check();
    assert.equal(code, EXIT.attention);
    assert.deepEqual(rightsIn(stdout), [
      ['PROBLEM', `config.json (mode 644): ${EVERYBODY} read it`, 'chmod o-r config.json'],
      ['PROBLEM', `${tlsKey} (mode 666): ${EVERYBODY} read and change it`, `chmod o-rw ${tlsKey}`],
      ['PROBLEM', `data/callercard.db (mode 644): ${EVERYBODY} read it`, 'chmod o-r data/callercard.db'],
      [
        'PROBLEM',
        `${cwd}/data (mode 777): ${EVERYBODY} put another file in the place of data/callercard.db`,
        `chmod o-w ${cwd}/data`,
      ],
    ]);
  });
});
