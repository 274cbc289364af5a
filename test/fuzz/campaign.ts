import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeCase, type FuzzCase } from './make-case.ts';
import { runCase } from './run-case.ts';
import type { FuzzedServer } from './servers.ts';

/** Connections at a time. */
const AT_ONCE = 32;
const GOOD_EVERY = 64;
const SHRINK_TRIES = 400;

export interface CampaignOptions {
  readonly seed: number;
  /** The first case; a single one where `cases` is 1. */
  readonly first?: number;
  readonly cases?: number;
  /** Ends the campaign by then; monotonic. */
  readonly until?: number;
  /** Told how many cases are done. */
  readonly onProgress?: (cases: number, answers: number) => void;
}

export interface Campaign {
  readonly cases: number;
  readonly answers: number;
  /** Undefined: nothing was found. */
  readonly fault: Fault | undefined;
}

export interface Fault {
  readonly number: number;
  readonly message: string;
  /** What was sent, as small as it could be made. */
  readonly bytes: Buffer;
}

/** Sends case after case until one finds a fault. */
export async function runCampaign(server: FuzzedServer, options: CampaignOptions): Promise<Campaign> {
  const { seed, first = 0, cases = Infinity, until = Infinity, onProgress } = options;
  let [next, answers] = [first, 0];
  let fault: Fault | undefined;
  const isOver = () => fault !== undefined || next >= first + cases || performance.now() > until;

  async function work(): Promise<void> {
    while (!isOver()) {
      const number = next;
      next += 1;
      const tried = makeCase(seed, number);
      try {
        const heard = await runCase(server.url, tried);
        answers += heard;
        if (number % GOOD_EVERY === 0) await server.checkGood();
      } catch (error) {
        fault ??= { number, message: messageOf(error), bytes: tried.bytes };
      }
      if (number % 1_000 === 999) onProgress?.(next - first, answers);
    }
  }

  await server.checkGood();
  await Promise.all(Array.from({ length: cases === 1 ? 1 : AT_ONCE }, work));
  if (fault !== undefined) fault = await shrink(server.url, fault);
  const said = server.complaints();
  if (fault === undefined && said.length > 0) {
    fault = { number: next, message: `the log complains: ${said.join('\n')}`, bytes: Buffer.alloc(0) };
  }
  return { cases: next - first, answers, fault };
}

/** Takes out what does not matter, as long as something is wrong without it. */
async function shrink(url: string, fault: Fault): Promise<Fault> {
  let smallest = fault;
  let size = Math.ceil(fault.bytes.length / 2);
  for (let tries = 0; size >= 1 && tries < SHRINK_TRIES; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.bytes.length && tries < SHRINK_TRIES; tries += 1) {
      const bytes = Buffer.concat([smallest.bytes.subarray(0, at), smallest.bytes.subarray(at + size)]);
      const message = await faultOf(url, { bytes, cuts: [], expected: undefined });
      if (message === undefined) at += size;
      else smallest = { ...smallest, bytes, message };
    }
  }
  return smallest;
}

async function faultOf(url: string, tried: FuzzCase): Promise<string | undefined> {
  try {
    await runCase(url, tried);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A log that is read at the end: lines that a good server does not write. */
export function temporaryLog(): { readonly path: string; complaints(): readonly string[]; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-fuzz-'));
  const path = join(folder, 'log');
  return {
    path,
    complaints: () =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .filter((line) => (JSON.parse(line) as { level: number }).level >= 50),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
