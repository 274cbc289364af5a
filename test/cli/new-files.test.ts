/** The files that commands write: made new, by nobody else, and in the place of nothing that was there before. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { exportLeads } from '../../src/cli/export.ts';
import { kindOf } from '../../src/files/new-file.ts';
import { createRejects } from '../../src/files/rejects.ts';
import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';
import { createImportFixture, createTestTerminal, type ImportFixture, unrecorded } from './import-fixture.ts';

const LEADS = 'phone,first_name\n5512345678,Ana\nno number,Luis\n';

/** What somebody may have put where a file is to be, and how it is found to be as it was. */
const TAKEN: Readonly<Record<string, (path: string) => () => void>> = {
  file: (path) => {
    writeFileSync(path, 'mine', { mode: 0o644 });
    return () => {
      assert.equal(readFileSync(path, 'utf8'), 'mine');
      assert.equal(statSync(path).mode & 0o777, 0o644);
    };
  },
  'link to a file': (path) => {
    writeFileSync(`${path}.victim`, 'mine');
    symlinkSync(`${path}.victim`, path);
    return () => {
      assert.ok(lstatSync(path).isSymbolicLink());
      assert.equal(readFileSync(`${path}.victim`, 'utf8'), 'mine');
    };
  },
  'link to nothing': (path) => {
    symlinkSync(`${path}.victim`, path);
    return () => {
      assert.ok(lstatSync(path).isSymbolicLink());
      assert.ok(!existsSync(`${path}.victim`));
    };
  },
  pipe: (path) => {
    execFileSync('mkfifo', [path]);
    return () => assert.ok(lstatSync(path).isFIFO());
  },
  folder: (path) => {
    mkdirSync(path);
    return () => assert.deepEqual(readdirSync(path), []);
  },
};

describe('the rejects of an import', () => {
  for (const [what, put] of Object.entries(TAKEN)) {
    it(`58: named by --rejects are not written where a ${what} is, and nothing is imported`, async (t) => {
      const fixture = createImportFixture(t);
      const file = fixture.file('a.csv', LEADS);
      const assertAsItWas = put(fixture.path('bad.csv'));
      const kind = what.split(' ')[0] ?? '';
      const says = kind === 'file' ? 'exists already' : `is a ${kind} that exists already`;
      await assert.rejects(fixture.import(file, { list: 1, rejects: fixture.path('bad.csv') }), (cause) => {
        assert.ok(cause instanceof CommandFailure);
        assert.match(
          cause.message,
          new RegExp(`/bad\\.csv ${says}, .*; move it away, or name another file with --rejects$`),
        );
        return true;
      });
      assertAsItWas();
      assert.equal(fixture.archive.countLeads(), 0);
    });

    if (what === 'file') continue;
    it(`58: are not written where a ${what} has their usual name, and the command says so`, async () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'a.csv'), LEADS);
      const assertAsItWas = put(join(cwd, 'a.rejects.csv'));
      const ran = await runCallercard(['import', 'a.csv', '--list', '1'], { cwd });
      assertRefused(
        ran,
        EXIT.failed,
        /^callercard: a\.rejects\.csv is a .*; move it away, or name another file with --rejects$/m,
      );
      assertAsItWas();
      assert.ok(!existsSync(join(cwd, 'data')));
    });
  }

  it('58: of another import stay, and the next ones get a number', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', LEADS);
    const assertAsItWas = TAKEN.file?.(fixture.path('a.rejects.csv'));
    const { err, exitCode } = await fixture.import(file, { list: 1 });
    assert.equal(exitCode, EXIT.attention);
    assert.match(err, /rejected 1 \(see .*\/a\.2\.rejects\.csv\)/);
    const again = await fixture.import(file, { list: 1, json: true });
    assert.match(again.out, /"rejectsFile":".*\/a\.3\.rejects\.csv"/);
    assertAsItWas?.();
    assert.equal(fixture.read('a.2.rejects.csv'), fixture.read('a.3.rejects.csv'));
  });

  it('58: are for this user alone, whatever others may', async (t) => {
    const fixture = createImportFixture(t);
    const before = process.umask(0);
    try {
      await fixture.import(fixture.file('a.csv', LEADS), { list: 1 });
    } finally {
      process.umask(before);
    }
    assert.equal(statSync(fixture.path('a.rejects.csv')).mode & 0o777, 0o600);
  });

  for (const [what, put] of Object.entries(TAKEN)) {
    it(`58: are not written into a ${what} that comes before the first bad row`, () => {
      const path = join(temporaryFolder(), 'a.rejects.csv');
      for (const isNumbered of what === 'file' ? [false] : [false, true]) {
        const rejects = createRejects(path, isNumbered, { header: ['phone'], delimiter: ',' });
        const assertAsItWas = kindOf(path) === undefined ? put(path) : () => undefined;
        assert.throws(
          () => rejects.add(['x'], 2, 'no number'),
          /rejected rows cannot be written to .* that exists already|\(exists already\); name another file with --rejects FILE/,
        );
        rejects.close();
        assertAsItWas();
      }
    });
  }
});

describe('an export', () => {
  async function filled(t: TestContext): Promise<ImportFixture> {
    const fixture = createImportFixture(t);
    await fixture.import(fixture.file('a.csv', LEADS), { list: 1 });
    return fixture;
  }

  for (const [what, put] of Object.entries(TAKEN)) {
    it(`58: is not written where a ${what} is${what === 'file' ? '' : ', with --force neither'}`, async (t) => {
      const fixture = await filled(t);
      const assertAsItWas = put(fixture.path('out.csv'));
      const { terminal } = createTestTerminal();
      for (const isForced of what === 'file' ? [false] : [false, true]) {
        await assert.rejects(
          exportLeads(fixture.path('out.csv'), isForced, {
            ...unrecorded,
            archive: fixture.archive,
            terminal,
          }),
          (cause) =>
            cause instanceof CommandFailure && /\/out\.csv (?:exists|is a \w+); name /.test(cause.message),
        );
        assertAsItWas();
      }
      assert.deepEqual(
        readdirSync(fixture.path('')).filter((name) => name.includes('.part-')),
        [],
      );
    });

    it(`58: is not written over a ${what} that comes while it is made`, async (t) => {
      const fixture = await filled(t);
      let assertAsItWas: (() => void) | undefined;
      const archive = {
        ...fixture.archive,
        lists: () => fixture.archive.lists(),
        *leads() {
          assertAsItWas = put(fixture.path('out.csv'));
          yield* fixture.archive.leads();
        },
      };
      const { terminal } = createTestTerminal();
      await assert.rejects(
        exportLeads(fixture.path('out.csv'), false, { ...unrecorded, archive, terminal }),
        (cause) =>
          cause instanceof CommandFailure && /\/out\.csv (?:exists|is a \w+); name /.test(cause.message),
      );
      assert.ok(assertAsItWas);
      assertAsItWas();
      assert.deepEqual(
        readdirSync(fixture.path('')).filter((name) => name.includes('.part-')),
        [],
      );
    });
  }

  it('58: leaves the devices of the machine alone', async (t) => {
    const fixture = await filled(t);
    const before = statSync('/dev/null');
    const { terminal } = createTestTerminal();
    await assert.rejects(
      exportLeads('/dev/null', true, { ...unrecorded, archive: fixture.archive, terminal }),
      /^CommandFailure: \/dev\/null is a device; name another file, or - for standard output$/,
    );
    await assert.rejects(
      fixture.import(fixture.path('a.csv'), { list: 1, rejects: '/dev/null' }),
      /\/dev\/null is a device that exists already/,
    );
    const after = statSync('/dev/null');
    assert.deepEqual([after.mode, after.rdev, after.ino], [before.mode, before.rdev, before.ino]);
  });
});
