/**
 * `npm run bench:audit`: what the audit costs a lookup, by its durability, and how long it takes to verify and to search
 * a million records.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../src/core/clock.ts';
import { AuditWriter } from '../src/audit/audit-writer.ts';
import { writeTable } from '../src/process/terminal.ts';
import { claimFile } from '../src/stores/claim-file.ts';
import { byPhone } from './lookups/requests.ts';
import { BENCH_FOLDER, ensureBenchStore, FIRST_LEAD_ID, LEADS, phoneOf } from './lookups/store.ts';
import { compare, writeComparison, type Candidate } from './measure.ts';
import { forkServer } from './measure/servers.ts';

const TARGET = join(import.meta.dirname, 'audit', 'target.ts');
const RECORDS = Number(process.env.BENCH_RECORDS ?? 1_000_000);
/** Lookups whose records leave together, as in a busy server. */
const OF_A_BATCH = 32;

const store = await ensureBenchStore();
const folder = mkdtempSync(join(BENCH_FOLDER, 'audit-'));
try {
  await measureRecords();
  await measureLookups();
  await measureReading();
} finally {
  rmSync(folder, { recursive: true });
}

/** The CPU of a record by itself, less that of a batch in which nothing is written. */
async function measureRecords(): Promise<void> {
  const rows: string[][] = [];
  const count = RECORDS / 5;
  for (const ofABatch of [1, 8, OF_A_BATCH]) {
    const trail = openTrail(join(folder, `batches-of-${ofABatch}`));
    const record = await cpuOf(count, ofABatch, (number) => recordOf(trail, number));
    const nothing = await cpuOf(count, ofABatch, () => new Promise<void>((resolve) => setImmediate(resolve)));
    await trail.close();
    rows.push([String(ofABatch), (record - nothing).toFixed(1)]);
  }
  process.stdout.write(`${writeTable(['lookups in a batch', 'CPU us/record'], rows)}\n\n`);
}

/** Microseconds of CPU for one of so many, once the engine has compiled what is used often. */
async function cpuOf(
  count: number,
  ofABatch: number,
  work: (number: number) => Promise<void>,
): Promise<number> {
  const warmUp = Math.ceil(count / 2 / ofABatch) * ofABatch;
  let before = process.cpuUsage();
  for (let done = 0; done < warmUp + count; done += ofABatch) {
    if (done === warmUp) before = process.cpuUsage();
    await Promise.all(Array.from({ length: ofABatch }, (_, at) => work(done + at + 1)));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function measureLookups(): Promise<void> {
  const candidate = (name: string, kind: string): Candidate => ({
    name,
    start: () => forkServer(TARGET, [store, kind, join(folder, kind)]),
    target: (leadId) => byPhone(phoneOf(leadId)),
    leads: { first: FIRST_LEAD_ID, count: LEADS },
  });
  const measured = await compare([
    candidate('audit off', 'off'),
    candidate('written before the answer', 'written'),
    candidate('synced before the answer', 'synced'),
  ]);
  process.stdout.write(`${writeComparison(measured, measured[0])}, by phone_number\n\n`);
}

async function measureReading(): Promise<void> {
  const place = join(folder, 'read');
  await writeRecords(place);
  const files = readdirSync(place).filter((name) => name.endsWith('.jsonl'));
  const bytes = files.reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
  const rows: string[][] = [];
  for (const args of [
    ['verify', place],
    ['search', place, '--lead', '4711'],
    ['search', place, '--json'],
  ]) {
    const { seconds, memoryMib } = await timeCommand(['audit', ...args]);
    const name = args.filter((word) => word !== place).join(' ');
    rows.push([`audit ${name}`, seconds.toFixed(1), String(Math.round(memoryMib))]);
  }
  const about = `${RECORDS.toLocaleString('en')} records, ${Math.round(bytes / 1024 / 1024)} MiB in ${files.length} files`;
  process.stdout.write(`${writeTable(['command', 'seconds', 'memory MiB'], rows)}\n${about}\n`);
}

async function writeRecords(place: string): Promise<void> {
  process.stderr.write(`writing ${RECORDS.toLocaleString('en')} records\n`);
  const trail = openTrail(place);
  for (let batch = 0; batch * OF_A_BATCH < RECORDS; batch += 1) {
    const records = Array.from({ length: OF_A_BATCH }, (_, at) =>
      recordOf(trail, batch * OF_A_BATCH + at + 1),
    );
    await Promise.all(records);
  }
  await trail.close();
}

function openTrail(place: string): AuditWriter {
  const log = () => undefined;
  return new AuditWriter({ folder: place, durability: 'written', clock: systemClock, claimFile, log });
}

function recordOf(trail: AuditWriter, number: number): Promise<void> {
  const digits = phoneOf(number);
  return trail.record({
    at: systemClock.wall(),
    endpoint: 'goapi',
    domain: 'default',
    requestId: `bench-${number}`,
    address: '192.0.2.1',
    user: 'bench',
    query: { by: 'phone_number', phone: { asSent: digits, digits, key: `52${digits}` } },
    result: 'found',
    leadId: number,
    foundBy: 'phone_number',
    durationMs: 0.3,
    cause: undefined,
  });
}

async function timeCommand(args: readonly string[]): Promise<{ seconds: number; memoryMib: number }> {
  const child = fork(join(import.meta.dirname, 'audit', 'reading.ts'), args);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${args.join(' ')} ended early`);
  });
  const [report] = (await Promise.race([once(child, 'message'), ended])) as [
    { code: number; seconds: number; memoryMib: number },
  ];
  if (report.code !== 0) throw new Error(`${args.join(' ')} ended with ${report.code}`);
  return report;
}
