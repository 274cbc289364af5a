import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { profilesPath, readProfiles, saveProfile, signatureOf } from '../../src/files/import-profiles.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { join } from 'node:path';

const ANSWERS = { map: ['Contacto=first_name'], custom: ['Años:NUMBER'], ignore: ['x'] };

describe('a profile of an import', () => {
  it('is used without flags for the same header, whatever its order, and only then', async () => {
    const cwd = temporaryFolder();
    const run = async (name: string, text: string, ...flags: string[]) => {
      writeFileSync(join(cwd, name), text);
      const args = ['import', name, '--list', '1', '--database', 'sqlite:leads.db', ...flags];
      return await runCallercard(args, { cwd });
    };
    const first = await run(
      'a.csv',
      'Tel,Zona,Edad\n3315550001,Norte,31\n',
      ...['--map', 'Zona=city', '--custom', 'Edad:NUMBER', '--profile', 'weekly list'],
    );
    assert.equal(first.code, 0, first.stderr);
    const file = join(cwd, 'leads.import-profiles.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);

    const again = await run('b.csv', 'edad,ZONA,tel\n32,Sur,3315550002\n');
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /ZONA → city/);
    assert.match(again.stderr, /read with the profile "weekly list", which has the same header/);

    const other = await run('c.csv', 'edad,zona,tel,nota\n32,Sur,3315550003,x\n');
    assert.doesNotMatch(other.stderr, /profile/);
    assert.match(other.stderr, /zona → custom field zona/);

    const flags = await run('d.csv', 'edad,zona,tel\n32,Sur,3315550004\n', '--ignore', 'edad');
    assert.doesNotMatch(flags.stderr, /profile/);
    const byName = await run('e.csv', 'edad,zona,tel\n33,Este,3315550005\n', '--profile', 'weekly list');
    assert.match(byName.stderr, /zona → city/);
  });

  it('is not kept where the import is refused', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.csv'), 'Zona\nNorte\n');
    const args = ['import', 'a.csv', '--list', '1', '--database', 'sqlite:leads.db', '--profile', 'x'];
    const { code } = await runCallercard(args, { cwd });
    assert.notEqual(code, 0);
    assert.ok(!existsSync(join(cwd, 'leads.import-profiles.json')));
  });
});

describe('the file of profiles', () => {
  it('keeps the newest 200, one of each name', () => {
    const path = profilesPath(join(temporaryFolder(), 'store.db'));
    assert.deepEqual(readProfiles(path), []);
    for (let number = 0; number < 203; number++) {
      saveProfile(path, { name: `p${number % 202}`, signature: `s${number}`, answers: ANSWERS });
    }
    const profiles = readProfiles(path);
    assert.equal(profiles.length, 200);
    assert.deepEqual(profiles[0], { name: 'p0', signature: 's202', answers: ANSWERS });
  });

  it('is refused where it is something else', () => {
    const path = profilesPath(join(temporaryFolder(), 'store.db'));
    for (const text of [
      '',
      '[]',
      '{"profiles":[{"name":1}]}',
      '{"profiles":[{"name":"a","signature":"b"}]}',
    ]) {
      writeFileSync(path, text);
      assert.throws(() => readProfiles(path), /is no file of import profiles; move it away/, text);
    }
  });

  it('knows a header by its names', () => {
    const signature = signatureOf(['Teléfono', 'Nombre']);
    assert.equal(signatureOf(['nombre', ' TELEFONO ', '', 'reject_line', 'reject_reason']), signature);
    assert.notEqual(signatureOf(['nombre', 'telefono', 'x']), signature);
  });
});
