import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';

import { importLeads } from '../../src/cli/import.ts';
import type { ImportOptions } from '../../src/cli/import-options.ts';
import { createTerminal, type Terminal } from '../../src/process/terminal.ts';
import type { LeadRecord } from '../../src/core/lead-archive.ts';
import { openConnection, type Connection } from '../../src/stores/sqlite/connection.ts';
import { createLeadArchive, type SqliteArchive } from '../../src/stores/sqlite/lead-archive.ts';

/** A terminal whose words can be read back. */
export interface TestTerminal {
  readonly terminal: Terminal;
  readonly out: () => string;
  readonly err: () => string;
}

export function createTestTerminal(): TestTerminal {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let out = '';
  let err = '';
  stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  return { terminal: createTerminal(new PassThrough(), stdout, stderr), out: () => out, err: () => err };
}

export interface ImportFixture {
  readonly archive: SqliteArchive;
  readonly connection: Connection;
  /** A path in a folder of the test's own. */
  readonly path: (name: string) => string;
  /** Writes a file there. */
  readonly file: (name: string, content: string | Buffer) => string;
  readonly read: (name: string) => string;
  readonly import: (
    file: string | readonly string[],
    options?: Partial<ImportOptions>,
    signal?: AbortSignal,
  ) => Promise<Imported>;
  readonly leads: () => readonly LeadRecord[];
}

export interface Imported {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** A new store in a folder of its own; both go when the test ends. */
export function createImportFixture(context: TestContext): ImportFixture {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-import-'));
  const connection = openConnection({
    path: join(folder, 'store.db'),
    country: undefined,
    fallbackCountry: 'MX',
    create: true,
  });
  context.after(() => {
    connection.database.close();
    rmSync(folder, { recursive: true });
  });
  const archive = createLeadArchive(connection, 365);
  const path = (name: string) => join(folder, name);
  return {
    archive,
    connection,
    path,
    file: (name, content) => {
      writeFileSync(path(name), content);
      return path(name);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    import: async (file, options = {}, signal = new AbortController().signal) => {
      const { terminal, out, err } = createTestTerminal();
      const all = { map: [], custom: [], ignore: [], onDuplicate: 'update', ...options } as const;
      const exitCode = await importLeads(file, all, {
        openStore: () => ({ archive, country: connection.country }),
        terminal,
        signal,
      });
      return { exitCode, out: out(), err: err() };
    },
    leads: () => [...archive.leads()],
  };
}

/** Of an export without a record in the audit, which operator-audit.test.ts tests. */
export const unrecorded = { begin: () => Promise.resolve(), onLeads: () => undefined };
