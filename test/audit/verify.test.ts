import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';

import type { SeenRecords } from '../../src/audit/verify.ts';
import { newAuditFolder, faultsOf, filesOf, openAudit, recordMany, verify } from './audit-fixture.ts';

describe('verify', () => {
  let folder: string;
  let names: readonly string[];
  const pathOf = (at: number) => join(folder, names[at] ?? '');

  /** Three files or more; the second begins with its header and ends in the middle of the chain. */
  beforeEach(async () => {
    folder = newAuditFolder();
    const { writer } = openAudit(folder, { limits: { fileBytes: 1_500 } });
    await recordMany(writer, 20);
    await writer.close();
    names = filesOf(folder);
    assert.ok(names.length >= 4, String(names.length));
    assert.deepEqual(await faultsOf(folder), []);
  });

  function changeLines(at: number, change: (lines: string[]) => readonly string[]): void {
    const lines = readFileSync(pathOf(at), 'latin1').trimEnd().split('\n');
    writeFileSync(pathOf(at), `${change(lines).join('\n')}\n`, 'latin1');
  }

  async function seen(): Promise<SeenRecords> {
    const reports = await verify(folder);
    return new Map(reports.flatMap(({ chain, last }) => (last === undefined ? [] : [[chain, last]])));
  }

  it('names the line of any changed byte', async () => {
    const whole = readFileSync(pathOf(1));
    for (let at = 0; at < whole.length; at += 7) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(pathOf(1), changed);
      const [fault = ''] = await faultsOf(folder);
      const line = whole.subarray(0, at).toString('latin1').split('\n').length;
      // The newline before a record belongs to the line that it ends.
      assert.match(fault, new RegExp(`^c1-00000[23]\\.jsonl:(?:${line}|1) `), `byte ${at}: ${fault}`);
    }
  });

  it('names the line of a removed, a moved and a repeated record', async () => {
    changeLines(1, (lines) => lines.toSpliced(2, 1));
    assert.match(
      (await faultsOf(folder)).join(),
      /^c1-000002\.jsonl:3 record \d+ stands where record \d+ belongs$/,
    );
  });

  it('names a record with a forged number and hash', async () => {
    changeLines(1, (lines) => lines.toSpliced(2, 1, lines[2]?.replace('"leadId":7', '"leadId":8') ?? ''));
    assert.match((await faultsOf(folder)).join(), /^c1-000002\.jsonl:3 record \d+ is not as it was written$/);
  });

  it('names a missing file, and notes when the first ones are missing', async () => {
    const second = pathOf(1);
    renameSync(second, `${second}.aside`);
    assert.deepEqual(await faultsOf(folder), [
      'c1-000003.jsonl:1 file number 2, which comes before it, is missing',
    ]);
    rmSync(pathOf(0));
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.notes.length], [undefined, 1]);
    assert.match(report?.notes[0] ?? '', /begins with .*c1-000003\.jsonl; 2 before it are not here/);
  });

  it('names a file that replaces another', async () => {
    renameSync(pathOf(1), pathOf(2));
    assert.match((await faultsOf(folder)).join(), /is missing/);
    const moved = pathOf(2).replace('000003', '000002');
    renameSync(pathOf(2), moved);
    assert.match((await faultsOf(folder)).join(), /^c1-000004\.jsonl:1 file number 3, /);
    renameSync(moved, pathOf(2));
    rmSync(pathOf(0));
    assert.match(
      (await faultsOf(folder)).join(),
      /^c1-000003\.jsonl:1 the file does not begin as its name says$/,
    );
  });

  it('names a file that was truncated before the last one, within a record and between two', async () => {
    const whole = readFileSync(pathOf(1));
    truncateSync(pathOf(1), whole.length - 10);
    assert.match((await faultsOf(folder)).join(), /^c1-000003\.jsonl:1 record \d+ stands where/);
    truncateSync(pathOf(1), whole.subarray(0, -1).lastIndexOf('\n') + 1);
    assert.match((await faultsOf(folder)).join(), /^c1-000003\.jsonl:1 record \d+ stands where/);
  });

  it('names the file after one to which something was appended', async () => {
    appendFileSync(pathOf(1), 'no record');
    assert.deepEqual(await faultsOf(folder), [
      'c1-000003.jsonl:1 file number 2 ended with 0 bytes that were no record, and now with 9',
    ]);
  });

  it('finds a truncated end only with a record that was seen earlier', async () => {
    const earlier = await seen();
    assert.deepEqual(await faultsOf(folder, earlier), []);
    changeLines(names.length - 1, (lines) => lines.slice(0, -1));
    assert.deepEqual(await faultsOf(folder), []);
    assert.match(
      (await faultsOf(folder, earlier)).join(),
      /ends with record \d+; record \d+ was seen earlier$/,
    );
    for (const name of names) rmSync(join(folder, name));
    assert.match((await faultsOf(folder, earlier)).join(), /ends with record 0; /);
  });

  it('finds a chain that was rewritten from an earlier record on', async () => {
    const earlier = await seen();
    const { writer } = openAudit(newAuditFolder(), { limits: { fileBytes: 1_500 } });
    for (const name of names) rmSync(join(folder, name));
    await writer.close();
    const forged = openAudit(folder, { limits: { fileBytes: 1_500 } });
    await recordMany(forged.writer, 25);
    await forged.writer.close();
    changeLines(0, (lines) => lines);
    assert.deepEqual(await faultsOf(folder), []);
    // The same times and fields make the same hashes: what differs shows.
    assert.deepEqual(await faultsOf(folder, earlier), []);
    const [chain, last] = [...earlier][0] ?? assert.fail();
    const other = new Map([[chain, { ...last, hash: 'x'.repeat(43) }]]);
    assert.match((await faultsOf(folder, other)).join(), /is another one than was seen earlier$/);
  });

  it('27: finds that the beginning is gone up to a record that was seen earlier, and beyond it', async () => {
    const reports = new Map<number, Map<number, { seq: number; hash: string }>>();
    const [all] = [names.map((name) => [name, readFileSync(join(folder, name))] as const)];
    for (const count of [1, 2]) {
      for (const [name] of all.slice(count)) rmSync(join(folder, name));
      reports.set(count, new Map(await seen()));
      for (const [name, bytes] of all) writeFileSync(join(folder, name), bytes);
    }
    const earlier = reports.get(1) ?? assert.fail();
    // Archived up to the record: the next one has its hash.
    rmSync(pathOf(0));
    assert.deepEqual(await faultsOf(folder, earlier), []);
    const [[chain, last]] = [...earlier] as [[number, { seq: number; hash: string }]];
    const gone = /begins with record \d+; record \d+ was seen earlier and is not here/;
    assert.match(
      (await faultsOf(folder, new Map([[chain, { ...last, hash: 'x'.repeat(43) }]]))).join(),
      gone,
    );
    rmSync(pathOf(1));
    assert.deepEqual(await faultsOf(folder), []);
    assert.match((await faultsOf(folder, earlier)).join(), gone);
    assert.deepEqual(await faultsOf(folder, reports.get(2)), []);
  });

  it('reports files that are empty or no audit', async () => {
    writeFileSync(pathOf(1), '');
    assert.match((await faultsOf(folder)).join(), /^c1-000003\.jsonl:1 record \d+ stands where/);
    writeFileSync(pathOf(1), Buffer.alloc(3_000, 0xff));
    assert.match((await faultsOf(folder)).join(), /^c1-000003\.jsonl:1 record \d+ stands where/);
  });
});
