import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { verifyChains, type ChainReport } from '../../src/audit/verify.ts';
import { loadDataset } from '../support/dataset.ts';
import { isAnswering, send, startTestApp, temporaryFolder, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const ASK = '/goAPIv2/goAgent/goAPI.php?goAction=goGetCustomerInfo&responsetype=json&goUser=MyUser';

describe('the audit of an app', () => {
  let folder: string;
  let auditFolder: string;
  let running: TestApp;
  beforeEach(async () => {
    folder = temporaryFolder();
    auditFolder = join(folder, 'test-audit');
    running = await startTestApp(folder, loadDataset);
  });
  afterEach(() => running.close());

  const filesOf = () => readdirSync(auditFolder).filter((name) => name.endsWith('.jsonl'));
  const text = () =>
    filesOf()
      .map((name) => readFileSync(join(auditFolder, name), 'utf8'))
      .join('');
  const ask = (query: string) => send(running.url, `${ASK}&${query}`);

  async function verify(): Promise<readonly ChainReport[]> {
    const reports: ChainReport[] = [];
    for await (const report of verifyChains(auditFolder, new Map(), () => undefined)) reports.push(report);
    return reports;
  }

  it('has one record for each answered read before the answer, without any field of the lead', async () => {
    for (let count = 1; count <= 5; count += 1) {
      await ask('goPass=MyPass&phone_number=8004321000');
      assert.equal(text().match(/"result":"found"/g)?.length, count);
    }
    const records = text();
    for (const part of [
      '"leadId":14246',
      '"user":"MyUser"',
      '"address":"127.0.0.1"',
      '"foundBy":"phone_number"',
    ]) {
      assert.ok(records.includes(part), part);
    }
    for (const secret of ['MyPass', '8004321000', 'Bruno', 'Macias', 'Reforma', 'Guadalajara']) {
      assert.ok(!records.includes(secret), secret);
    }
    const [report] = await verify();
    assert.equal(report?.bad, undefined);
    assert.ok((report?.records ?? 0) >= 5);
  });

  it('records refusals, and never the password', async () => {
    await ask('goPass=planted-secret&lead_id=14246');
    await ask('goPass=MyPass&lead_id=14246');
    assert.ok(text().includes('"result":"credentials_invalid"'));
    assert.ok(!text().includes('planted-secret'));
  });

  it('is one line per record, whatever a name holds', async () => {
    await ask(
      `goPass=MyPass&lead_id=14246&phone_number=${encodeURIComponent('\r\n{"x":1}\u2028\u001b[31m')}`,
    );
    await ask('goPass=MyPass&lead_id=14246');
    for (const line of text().trimEnd().split('\n')) JSON.parse(line);
    assert.doesNotMatch(text(), /[^ -~\n]/);
  });

  for (const [what, change] of [
    [
      'a changed byte',
      (lines: string[]) => lines.map((line) => line.replace('"leadId":14246', '"leadId":14247')),
    ],
    ['a removed record', (lines: string[]) => lines.toSpliced(3, 1)],
    [
      'two records in another order',
      (lines: string[]) => lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''),
    ],
    ['an added record', (lines: string[]) => lines.toSpliced(3, 0, lines[3] ?? '')],
  ] as const) {
    it(`shows ${what}, and where it is`, async () => {
      for (let count = 1; count <= 5; count += 1) await ask('goPass=MyPass&lead_id=14246');
      await running.app.close();
      assert.equal((await verify())[0]?.bad, undefined);
      const [name = ''] = filesOf();
      const lines = readFileSync(join(auditFolder, name), 'utf8').trimEnd().split('\n');
      writeFileSync(join(auditFolder, name), `${change(lines).join('\n')}\n`);
      const bad = (await verify())[0]?.bad;
      assert.equal(bad?.file, name);
      assert.ok(bad.line >= 3 && bad.line <= 5, JSON.stringify(bad));
    });
  }

  it('when it cannot be written: 503 at once, not ready, and recovery without a restart', async () => {
    await ask('goPass=MyPass&lead_id=14246');
    const aside = `${auditFolder}-aside`;
    renameSync(auditFolder, aside);
    writeFileSync(auditFolder, 'in the way');
    // The open file goes on being written until somebody looks, at most a second later.
    await until('a refusal', async () => (await ask('goPass=MyPass&lead_id=14246')).status !== 200);
    const started = performance.now();
    const answer = await ask('goPass=MyPass&lead_id=14246');
    assert.equal(answer.status, 503, answer.text);
    assert.doesNotMatch(answer.text, /Bruno|lead_info|audit-aside|ENOTDIR|EEXIST/);
    assert.ok(performance.now() - started < 1_000);
    assert.equal((await send(running.url, '/readyz')).status, 503);
    rmSync(auditFolder);
    renameSync(aside, auditFolder);
    await until('ready again', () => isAnswering(running.url, '/readyz'));
    assert.equal((await ask('goPass=MyPass&lead_id=14246')).status, 200);
    assert.equal(
      (await verify()).find(({ bad }) => bad !== undefined),
      undefined,
    );
  });

  it('is readable by its owner only', () => {
    assert.equal(statSync(auditFolder).mode & 0o077, 0);
    for (const name of filesOf()) assert.equal(statSync(join(auditFolder, name)).mode & 0o077, 0, name);
    assert.ok(filesOf().length > 0);
  });
});
