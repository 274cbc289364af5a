import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { AuditWriter, type AuditWriterOptions } from '../../src/audit/audit-writer.ts';
import { readRecord } from '../../src/audit/record.ts';
import type { StoreEvent } from '../../src/core/store.ts';
import { verifyChains, type ChainReport, type SeenRecords } from '../../src/audit/verify.ts';
import { claimFile } from '../../src/stores/claim-file.ts';
import { createFakeClock, type FakeClock } from '../service/test-services.ts';
import { temporaryFolder } from '../support/test-app.ts';

/** A writer in a folder of its own, with a clock that a test moves. */
export interface OpenAudit {
  readonly writer: AuditWriter;
  readonly clock: FakeClock;
  readonly logged: readonly StoreEvent[];
}

/** A folder for an audit, which is not there yet. */
export function newAuditFolder(): string {
  return join(temporaryFolder(), 'audit');
}

export function openAudit(folder: string, changes: Partial<AuditWriterOptions> = {}): OpenAudit {
  const clock = createFakeClock();
  const logged: StoreEvent[] = [];
  const writer = new AuditWriter({
    folder,
    durability: 'written',
    clock,
    claimFile,
    log: (event) => logged.push(event),
    ...changes,
  });
  return { writer, clock, logged };
}

/** A lookup that found the lead 7 by a number. */
export function lookupEvent(changes: Partial<LookupEvent> = {}): LookupEvent {
  return {
    at: Date.UTC(2026, 5, 1, 8, 30),
    endpoint: 'goapi',
    domain: 'default',
    requestId: 'r-1',
    address: '192.0.2.1',
    user: 'crm',
    query: {
      by: 'phone_number',
      phone: { asSent: '+52 55 1234 5678', digits: '525512345678', key: '525512345678' },
    },
    result: 'found',
    leadId: 7,
    foundBy: 'phone_number',
    durationMs: 0.3,
    cause: undefined,
    ...changes,
  };
}

/** Writes that many records, each in a turn of its own. */
export async function recordMany(writer: AuditWriter, count: number): Promise<void> {
  for (let at = 1; at <= count; at += 1) await writer.record(lookupEvent({ requestId: `r-${at}` }));
}

/** The names of the files with records, chain by chain and in order. */
export function filesOf(folder: string): readonly string[] {
  const placeOf = (name: string) => name.slice('audit-2026-11-25-'.length);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
}

export type Written = Readonly<Record<string, unknown>>;

/** Every record of a folder, file by file; what was cut short is none. */
export function recordsOf(folder: string, kind?: string): readonly Written[] {
  return filesOf(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').trimEnd().split('\n'))
    .map((line) => readRecord(line)?.fields)
    .filter((record) => record !== undefined)
    .filter((record) => kind === undefined || record.kind === kind);
}

export async function verify(folder: string, seen: SeenRecords = new Map()): Promise<readonly ChainReport[]> {
  const reports: ChainReport[] = [];
  for await (const report of verifyChains(folder, seen, () => undefined)) reports.push(report);
  return reports;
}

/** What verify says to be wrong, in one line for each chain. */
export async function faultsOf(folder: string, seen?: SeenRecords): Promise<readonly string[]> {
  return (await verify(folder, seen))
    .map(({ bad }) => bad)
    .filter((bad) => bad !== undefined)
    .map(({ file, line, why }) => `${file.replace(/^audit-[\d-]+-/, '')}:${line} ${why}`);
}
