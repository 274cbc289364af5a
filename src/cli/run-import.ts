import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

import type { LogStoreEvent, OwnStore } from '../core/store.ts';
import { EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import { checkNotReplaced, isStoreThere, openOwnStore, storePath } from './command-store.ts';
import type { ImportContext, SentOptions } from './import-options.ts';
import type { ActDomain, ActRecord } from './operator-audit.ts';

/** What the repeatable flags say when they are not given. */
const NO_COLUMNS = { map: [], custom: [], ignore: [] } as const;

/** Where an import runs, and who watches it. */
export interface ImportHost extends Pick<
  ImportContext,
  'terminal' | 'signal' | 'progress' | 'waitsForTurn' | 'by'
> {
  /** Undefined: nothing that stays is changed. */
  readonly record?: ActRecord | undefined;
  /** A trial of an import into PostgreSQL. */
  readonly asPostgresql?: boolean;
}

/** Imports files into the store of a domain, with its records. */
export async function runImport(
  domain: ActDomain,
  files: readonly string[],
  flags: SentOptions,
  { record, asPostgresql, ...host }: ImportHost,
): Promise<ExitCode> {
  const { terminal } = host;
  // Rows by the million let V8's heap grow to 200 MB, of which 25 are in use; kept small it costs a tenth of the time. Into
  // PostgreSQL a batch of rows is kept until it is committed: there a small heap would cost twice the CPU time.
  if (domain.config.database.engine !== 'postgresql') setFlagsFromString('--optimize-for-size');
  const { importLeads } = await import('./import.ts');
  const { newTally } = await import('./import-options.ts');
  const { profilesPath } = await import('../files/import-profiles.ts');
  // A store that may not even be looked for is said first, not the files beside it.
  await isStoreThere(domain.config);
  const tally = newTally();
  let store: OwnStore | undefined;
  const openStore = async () => {
    const log: LogStoreEvent = ({ message }) => terminal.err(printable(`callercard: ${message}`));
    store = await openOwnStore(domain, { create: true, log });
    await store.begin?.();
    await record?.begin({
      action: 'import',
      subject: flags.name ?? files.map((file) => basename(file)).join(', '),
    });
    const { numberBlocks } = domain.config;
    return { archive: store.archive, country: store.leads.country, asPostgresql, numberBlocks };
  };
  try {
    const profiles = profilesPath(storePath(domain.config));
    const context = { ...host, openStore, tally, profiles };
    const exitCode = await importLeads(files, { ...NO_COLUMNS, onDuplicate: 'match', ...flags }, context);
    if (store !== undefined) checkNotReplaced(store);
    if (record !== undefined) record.isStopped = exitCode === EXIT.interrupted;
    return exitCode;
  } finally {
    const { added, updated, unchanged, rejected, removed } = tally;
    const counts = { added, updated, unchanged, rejected, ...(flags.replace === true ? { removed } : {}) };
    if (record !== undefined) record.counts = counts;
    await store?.close();
  }
}

/** The same on a copy of the store, which goes with its folder. */
export async function tryImport(
  domain: ActDomain,
  files: readonly string[],
  flags: SentOptions,
  host: Omit<ImportHost, 'record'>,
): Promise<ExitCode> {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { makeTrial } = await import('./trial-store.ts');
  const folder = mkdtempSync(join(tmpdir(), 'callercard-trial-'));
  try {
    const options = { ...flags, rejects: join(folder, 'trial.rejects.csv') };
    const config = await makeTrial(domain.config, join(folder, 'trial.db'), host);
    const asPostgresql = domain.config.database.engine === 'postgresql';
    return await runImport({ ...domain, config }, files, options, { ...host, asPostgresql });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
