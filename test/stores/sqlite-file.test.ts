import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, it } from 'node:test';

import { inspectSqlite } from '../../src/diagnostics/sqlite.ts';
import { StoreRefusal, type OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { Country } from '../../src/core/phone.ts';
import { parseQuery } from '../../src/core/query.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { fillEmbedded, type StoreDescription } from './described-store.ts';

const LEADS: StoreDescription = {
  lists: [{ list_id: 1, name: 'one' }],
  leads: Array.from({ length: 3_000 }, (_, at) => ({
    lead_id: at + 1,
    list_id: 1,
    phone_number: String(5_500_000_000 + at),
    comments: `comment ${at} `.repeat(5),
  })),
  users: [],
};

/** A sound store with some hundred pages; each test damages a copy. */
let sound: string;

before(async () => {
  sound = join(temporaryFolder(), 'sound.db');
  const store = openStore(testConfig(sound), { create: true });
  await fillEmbedded(store, LEADS);
  await store.close();
});

function copyOfSound(): string {
  const path = join(temporaryFolder(), 'copy.db');
  copyFileSync(sound, path);
  return path;
}

function writeAt(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(file);
  }
}

/** Whether a copy opens and answers for a lead by its number; what it answers may not be another lead. */
async function answersRight(path: string, leadId: number): Promise<boolean> {
  const copy = join(temporaryFolder(), 'asked.db');
  copyFileSync(path, copy);
  let store: OwnStore;
  try {
    store = openStore(testConfig(copy));
  } catch {
    return false;
  }
  const query = parseQuery({ phoneNumber: String(5_500_000_000 + leadId - 1) }, 'MX');
  assert.ok(!('code' in query));
  const found = await store.leads.find(query, 'every list');
  assert.equal(found?.leadId, leadId);
  await store.close();
  return true;
}

/** Where these bytes stand. */
function placesOf(bytes: Buffer, wanted: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) places.push(at);
  return places;
}

/** Every file of the folder with its bytes. */
function bytesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const path = join(folder, name);
      const content = statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
      return [name, createHash('sha256').update(content).digest('hex')];
    }),
  );
}

/** Checks that the store is refused in these words, and that nothing in its folder was touched, made or left. */
function assertRefused(path: string, words: RegExp, advice: RegExp, country?: Country): void {
  for (const create of [false, true]) {
    const untouched = bytesOf(dirname(path));
    assert.throws(
      () => openStore(testConfig(path), { create, country }),
      (error) => {
        assert.ok(error instanceof StoreRefusal, String(error));
        assert.ok(error.message.startsWith(`${path} `), error.message);
        assert.match(error.message, words);
        assert.match(error.message, advice);
        assert.doesNotMatch(error.message, /SQLITE_|ERR_|\n| at .*\.ts/);
        return true;
      },
    );
    assert.deepEqual(bytesOf(dirname(path)), untouched);
  }
}

describe('a file that cannot be the store is refused and left to the byte', () => {
  const NAME_ANOTHER = /--database sqlite:PATH/;
  const RESTORE = /restore .*from a backup/;

  it('40: with zero bytes', () => {
    const path = join(temporaryFolder(), 'empty.db');
    writeFileSync(path, '');
    assertRefused(path, /is empty \(0 bytes\)/, RESTORE);
  });

  it('40: that is a text, short or long', () => {
    for (const text of [
      'x',
      'phone_number,first_name\n5587654321,Bruno\n',
      'SQLite format 3',
      'text '.repeat(5_000),
    ]) {
      const path = join(temporaryFolder(), 'leads.csv');
      writeFileSync(path, text);
      assertRefused(path, /is no callercard store/, NAME_ANOTHER);
    }
  });

  it('40: that is the database of another program', () => {
    for (const mode of ['DELETE', 'WAL']) {
      const path = join(temporaryFolder(), 'other.db');
      runSql(path, `PRAGMA journal_mode = ${mode}; CREATE TABLE leads (lead_id); PRAGMA user_version = 1`);
      assertRefused(path, /belongs to another program/, NAME_ANOTHER);
    }
  });

  it('40: that a newer callercard wrote', () => {
    const path = copyOfSound();
    runSql(path, 'PRAGMA user_version = 99');
    assertRefused(
      path,
      /written by a newer callercard \(schema 99, this one knows \d+\)/,
      /update callercard/,
    );
  });

  it('40: that was cut short', () => {
    const size = statSync(sound).size;
    for (const length of [size - 1, size - 8_192, Math.floor(size / 2), 8_192, 200]) {
      const path = copyOfSound();
      truncateSync(path, length);
      assertRefused(path, /is damaged/, RESTORE);
    }
  });

  it('40: with a damaged page in its middle', () => {
    const path = copyOfSound();
    const pages = statSync(sound).size / 8_192;
    assert.ok(pages > 50, `only ${pages} pages`);
    writeAt(path, Math.floor(pages / 2) * 8_192, Buffer.alloc(8_192, 0xaa));
    assertRefused(path, /is damaged/, RESTORE);
  });

  it('40: with a damaged first page behind a good header', () => {
    const path = copyOfSound();
    writeAt(path, 100, Buffer.alloc(4_000, 0xaa));
    assertRefused(path, /is damaged|cannot be used/, RESTORE);
  });

  it('40: with a damaged index, which would lead from a number to another customer', async () => {
    // The number as it is compared, in its row, in the index, and perhaps in a place that is free again.
    const key = Buffer.from(`52${5_500_000_000 + 70}`);
    let refused = 0;
    for (const place of placesOf(readFileSync(sound), key)) {
      const path = copyOfSound();
      writeAt(path, place + key.length - 1, Buffer.from('9'));
      if (!(await answersRight(path, 71))) {
        assertRefused(path, /is damaged/, RESTORE);
        refused += 1;
      }
    }
    assert.ok(refused >= 2, `${refused} refused`);
  });

  it('40: whose own description of its tables is damaged', () => {
    // Without what migrations, and VACUUM itself, leave in unused places.
    const compact = copyOfSound();
    runSql(compact, 'PRAGMA secure_delete = ON; VACUUM');
    const places = placesOf(readFileSync(compact), Buffer.from('modify_date TEXT'));
    assert.ok(places.length > 0);
    for (const [at, place] of places.entries()) {
      const path = `${compact}-${at}`;
      copyFileSync(compact, path);
      writeAt(path, place, Buffer.from('n'));
      assertRefused(path, /is damaged/, RESTORE);
    }
  });

  it('40: that is a folder', () => {
    const path = join(temporaryFolder(), 'folder.db');
    mkdirSync(path);
    assertRefused(path, /is not a file/, NAME_ANOTHER);
  });

  it('whose numbers are compared as those of another country than the one that was chosen', () => {
    const path = copyOfSound();
    assertRefused(path, /numbers as those of MX, not US/, /set the default country to MX, or export/, 'US');
  });
});

describe('a store that is not there', () => {
  it('40: is refused with what to do, and not made', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'missing.db');
    assert.throws(() => openStore(testConfig(path)), {
      name: 'StoreRefusal',
      message: `there is no store at ${path}; fill one with "callercard import FILE", make an empty one with "callercard serve --create", or name another with --database sqlite:PATH`,
    });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is made on demand, with the folders above it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a', 'b', 'new.db');
    const store = openStore(testConfig(path), { create: true });
    assert.equal(store.leads.country, 'MX');
    assert.equal(store.archive.countLeads(), 0);
    await store.close();
    assert.deepEqual(readdirSync(dirname(path)), ['new.db']);
  });

  it('cannot be made where a file is in the way, and leaves nothing behind', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    const path = join(folder, 'file', 'new.db');
    assert.throws(() => openStore(testConfig(path), { create: true }), {
      name: 'StoreRefusal',
      message:
        /^cannot make a store at .+; choose a folder that this user may write to with --database sqlite:PATH$/,
    });
    assert.deepEqual(readdirSync(folder), ['file']);
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'mine');
  });
});

describe('the country of a store', () => {
  it('is the one that was chosen when it was made, whatever the default is later', async () => {
    const path = join(temporaryFolder(), 'spain.db');
    await openStore(testConfig(path), { create: true, country: 'ES' }).close();
    const again = openStore(testConfig(path, { defaultCountry: 'US' }));
    assert.equal(again.leads.country, 'ES');
    await again.close();
    const chosen = openStore(testConfig(path), { country: 'ES' });
    assert.equal(chosen.leads.country, 'ES');
    await chosen.close();
  });
});

describe('a store whose writer was killed', () => {
  it('41: while its log was copied into it opens with everything that was committed', async () => {
    const path = join(temporaryFolder(), 'written.db');
    const store = openStore(testConfig(path), { create: true });
    const holder = new DatabaseSync(path);
    holder.exec('PRAGMA wal_autocheckpoint = 0');
    await fillEmbedded(store, LEADS);
    const killed = join(temporaryFolder(), 'killed.db');
    copyFileSync(path, killed);
    copyFileSync(`${path}-wal`, `${killed}-wal`);
    // The first page is copied first: it tells the new length before the file has it.
    holder.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    writeAt(killed, 0, readFileSync(path).subarray(0, 8_192));
    holder.close();
    await store.close();

    const reopened = openStore(testConfig(killed));
    assert.equal(reopened.archive.countLeads(), LEADS.leads.length);
    assert.deepEqual(
      [...inspectSqlite(reopened.connection)]
        .filter(({ subject }) => subject === 'integrity')
        .map(({ level }) => level),
      ['ok'],
    );
    await reopened.close();
  });

  it('41: at any point of its log opens with what was committed until there, and nothing torn', async () => {
    const path = join(temporaryFolder(), 'written.db');
    const store = openStore(testConfig(path), { create: true });
    const holder = new DatabaseSync(path);
    holder.exec('PRAGMA wal_autocheckpoint = 0');
    const written = readFileSync(path);
    const [list, leads] = [LEADS.lists, LEADS.leads.slice(0, 90)];
    for (let at = 0; at < leads.length; at += 30) {
      await fillEmbedded(store, { lists: list, leads: leads.slice(at, at + 30), users: [] });
    }
    const log = readFileSync(`${path}-wal`);
    const counts = new Set<number>();
    for (let part = 0; part <= 20; part += 1) {
      const cut = join(temporaryFolder(), 'cut.db');
      writeFileSync(cut, written);
      writeFileSync(`${cut}-wal`, log.subarray(0, Math.floor((log.length * part) / 20)));
      const reopened = openStore(testConfig(cut));
      const kept = [...reopened.archive.leads()].map(({ lead }) => [
        lead.lead_id,
        lead.phone_number,
        lead.comments,
      ]);
      assert.deepEqual(
        kept,
        leads.slice(0, kept.length).map((lead) => [lead.lead_id, lead.phone_number, lead.comments]),
      );
      assert.equal(
        [...inspectSqlite(reopened.connection)].find(({ subject }) => subject === 'integrity')?.level,
        'ok',
      );
      counts.add(kept.length);
      await reopened.close();
    }
    // Each batch is there as a whole or not at all.
    assert.deepEqual(
      [...counts].sort((a, b) => a - b),
      [0, 30, 60, 90],
    );
    holder.close();
    await store.close();
  });
});
