import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { bearer } from '../support/authorization.ts';
import { runCallercard, startCallercard, stopServer } from '../support/command.ts';
import { send } from '../support/test-app.ts';
import { copyFixture, TOKENS } from './fixture-0.1.ts';

const RECORDS = { 1: 355, 2: 5 } as const;

/** What two of its endpoints are called now. */
const ENDPOINTS: Readonly<Record<string, string>> = { api: 'v1', command: 'cli' };

/** A record as 0.1 wrote it; in `door` it has the endpoint. */
interface OldRecord {
  readonly at: string;
  readonly kind: string;
  readonly result?: string;
  readonly user?: string;
  readonly address: string;
  readonly door: string;
  readonly askedLead?: number;
  readonly leadId?: number;
}

interface Verified {
  readonly sound: boolean;
  readonly audits: readonly {
    readonly chains: readonly { chain: number; files: number; records: number }[];
  }[];
}

describe('an audit of version 0.1', () => {
  const cwd = copyFixture();
  const run = (...args: readonly string[]) => runCallercard(['audit', ...args], { cwd });
  const lines = linesOf(join(cwd, 'audit'));

  it('is verified, as words and as JSON, also against what 0.1 said of it', async () => {
    const words = await run('verify', 'audit', '--earlier', 'audit-seen.json');
    assert.equal(words.code, 0, words.stdout + words.stderr);
    for (const [chain, records] of Object.entries(RECORDS))
      assert.match(words.stdout, new RegExp(`^ok .*\\bchain ${chain}\\b.*\\b${records} records\\b`, 'm'));
    const json = await run('verify', 'audit', '--json', '--earlier', 'audit-seen.json');
    assert.equal(json.code, 0, json.stderr);
    const { sound, audits } = JSON.parse(json.stdout) as Verified;
    assert.equal(sound, true);
    assert.deepEqual(
      audits[0]?.chains.map(({ chain, files, records }) => ({ chain, files, records })),
      [
        { chain: 1, files: 3, records: RECORDS[1] },
        { chain: 2, files: 1, records: RECORDS[2] },
      ],
    );
  });

  for (const [flag, value, isWanted] of [
    ['--lead', '1', ofLead(1)],
    ['--lead', '204818', ofLead(204_818)],
    ['--lead', '5200', ofLead(5_200)],
    ['--user', 'ana', ofUser('ana')],
    ['--user', 'JOSÉ', ofUser('José')],
    ['--user', 'token:phones', ofUser('token:phones')],
    ['--user', 'operator', ofUser('operator')],
  ] as const) {
    const wanted = lines.filter((line) => isWanted(JSON.parse(line) as OldRecord)).sort();

    it(`search ${flag} ${value} --json finds the records as they were written: ${wanted.length}`, async () => {
      assert.ok(wanted.length > 0);
      const { code, stdout, stderr } = await run('search', 'audit', flag, value, '--json');
      assert.equal(code, 0, stderr);
      assert.deepEqual(stdout.trimEnd().split('\n').sort(), wanted);
      assert.match(stderr, /\b20\b/, 'refusals without a record of their own are not told');
    });

    it(`search ${flag} ${value} shows when, who, from where, by what and which lead`, async () => {
      const { code, stdout, stderr } = await run('search', 'audit', flag, value);
      assert.equal(code, 0, stderr);
      const [, ...rows] = stdout.trimEnd().split('\n');
      assert.equal(rows.length, wanted.length);
      for (const line of wanted) {
        const { at, user = '-', address, door, leadId } = JSON.parse(line) as OldRecord;
        const cells = [at.replace('T', ' '), user, address, ENDPOINTS[door] ?? door];
        const lead = leadId === undefined ? '' : String(leadId);
        assert.ok(
          rows.some((row) => row.startsWith(cells[0] ?? '') && holdsAll(row, [...cells, lead])),
          `${line}\n${stdout}`,
        );
      }
    });
  }

  it('has the endpoints and what was done beside looking up', async () => {
    const { stdout } = await run('search', 'audit', '--json');
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as OldRecord);
    const all = (of: (record: OldRecord) => string) => [...new Set(records.map(of))].sort();
    assert.deepEqual(
      all(({ door }) => door),
      ['api', 'caller-id', 'card', 'command', 'goapi'],
    );
    assert.deepEqual(
      all(({ kind }) => kind),
      ['call', 'lookup', 'sign-in'],
    );
    assert.equal(
      records.length,
      lines.filter((line) => /"kind":"(?:lookup|call|sign-in)"/.test(line)).length,
    );
  });

  it('is gone on with by a server, and stays sound', async () => {
    const folder = copyFixture();
    const env = { CALLERCARD_DATABASE: 'sqlite:store.db', CALLERCARD_AUDIT: 'audit' };
    const server = await startCallercard(['serve'], { cwd: folder, env });
    const answer = await send(server.url, '/v1/leads/204817', { headers: bearer(TOKENS.crm) });
    assert.equal(answer.status, 200);
    await stopServer(server);
    const here = { cwd: folder, env };
    const args = ['audit', 'verify', '--json', '--earlier', 'audit-seen.json', 'audit'];
    const { code, stdout } = await runCallercard(args, here);
    assert.equal(code, 0, stdout);
    const { audits } = JSON.parse(stdout) as Verified;
    const records = audits[0]?.chains.reduce((sum, chain) => sum + chain.records, 0) ?? 0;
    assert.ok(records > RECORDS[1] + RECORDS[2], `${records} records`);
    assert.equal(audits[0]?.chains.length, 2, 'a chain of 0.1 goes on');
    const search = await runCallercard(['audit', 'search', '--lead', '204817', '--json'], here);
    const found = search.stdout.trimEnd().split('\n');
    assert.equal(
      found.length,
      lines.filter((line) => ofLead(204_817)(JSON.parse(line) as OldRecord)).length + 1,
    );
  });
});

/** The lines of every file, but for what is no record. */
function linesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n'))
    .filter((line) => line.endsWith('"}'));
}

function ofLead(lead: number) {
  return ({ leadId, askedLead }: OldRecord) => leadId === lead || askedLead === lead;
}

function ofUser(name: string) {
  return ({ user }: OldRecord) => user === name;
}

function holdsAll(row: string, cells: readonly string[]): boolean {
  return cells.every((cell) => row.includes(cell));
}
