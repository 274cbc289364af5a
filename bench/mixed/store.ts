import { execFileSync } from 'node:child_process';
import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../test/support/command.ts';
import { phoneOfRow, writeLeads } from '../import/file.ts';
import { byLead, byPhone } from '../lookups/requests.ts';
import { BENCH_FOLDER, FIRST_LEAD_ID, fillBenchStore, USER } from '../lookups/store.ts';

export const CALLERCARD = join(ROOT, 'bin', 'callercard');

/** A store that may be written to, and files to import into it. */
export interface MixedStore {
  readonly folder: string;
  readonly path: string;
  /** New leads. */
  readonly newLeads: string;
  /** The file that the store was made of. */
  readonly knownLeads: string;
  remove(): void;
}

/** Makes a store of so many leads by an import, as a call centre has it, with its index for search; once, and copies it. */
export async function openMixedStore(leads: number, imported: number): Promise<MixedStore> {
  const base = join(BENCH_FOLDER, `mixed-${leads}.db`);
  const file = (rows: number, first: number) => join(BENCH_FOLDER, `leads-${rows}-from-${first}.csv`);
  mkdirSync(BENCH_FOLDER, { recursive: true });
  for (const [rows, first] of [
    [leads, 0],
    [imported, leads],
  ] as const)
    if (!existsSync(file(rows, first))) await writeLeads(file(rows, first), rows, first);
  if (!existsSync(base)) await makeBase(base, file(leads, 0));
  const folder = mkdtempSync(join(BENCH_FOLDER, 'mixed-'));
  const path = join(folder, 'callercard.db');
  copyFileSync(base, path, constants.COPYFILE_FICLONE);
  return {
    folder,
    path,
    newLeads: file(imported, leads),
    knownLeads: file(leads, 0),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function makeBase(base: string, file: string): Promise<void> {
  process.stderr.write('making a store by an import (once)\n');
  const draft = `${base}.draft`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  await fillBenchStore(draft, 0, [USER.name]);
  execFileSync(process.execPath, [CALLERCARD, 'import', file, '--database', `sqlite:${draft}`], {
    stdio: 'ignore',
  });
  renameSync(draft, base);
}

/** Lookups of leads of the store, every second one by number. */
export function mixedTargets(leads: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const row = Math.floor(Math.random() * leads);
    return at % 2 === 0 ? byLead(FIRST_LEAD_ID + row) : byPhone(String(phoneOfRow(row)));
  });
}
