import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';

import { actFields } from '../../src/audit/operator-act.ts';
import { OPERATOR_ACTIONS } from '../../src/core/operator-act.ts';
import { AUDIT_ACTIONS, ENDPOINTS } from '../../src/core/lookup-event.ts';
import { readPage } from '../support/markdown.ts';
import { newAuditFolder, lookupEvent, openAudit, recordsOf, type Written } from './audit-fixture.ts';

const { text } = readPage('docs/audit.md');

/** The rows of the first table below that comment, cell by cell. */
function tableAfter(comment: string): readonly (readonly string[])[] {
  const [, after = ''] = text.split(`<!-- ${comment} -->`);
  const [, table = ''] = /\n\|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(after) ?? [];
  const rows = table.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** An audit with each kind of record, and each field that there is. */
async function everyRecord(): Promise<readonly Written[]> {
  const folder = newAuditFolder();
  const { writer } = openAudit(folder, { limits: { notesPerSecond: 1 } });
  const byWords = { by: 'text', words: ['ana'] };
  const queries = [lookupEvent().query, { by: 'lead_id', leadId: 7, asSent: '7' }, byWords];
  for (const query of queries) await writer.record(lookupEvent({ query } as object));
  await writer.record(lookupEvent({ result: 'signed_in' }));
  await writer.record(lookupEvent({ result: 'call_notified', recipient: 'agent7' }));
  const changed = { leadId: 7, listId: 1, fields: ['city'] };
  await writer.record(lookupEvent({ result: 'lead_changed', ...changed }));
  await writer.record(lookupEvent({ result: 'note_added', leadId: 7 }));
  await writer.record(lookupEvent({ result: 'person_erased', receipt: 'digest' }));
  for (let at = 0; at < 5; at += 1) writer.note(lookupEvent({ result: 'credentials_invalid' }));
  await writer.record(lookupEvent({ result: 'api_not_allowed', right: 'read' }));
  const state = { active: true, rights: ['card'], lists: [1], failures: 1 } as const;
  const act = { action: 'user_set', subject: 'ana', leadIds: [7], before: state, after: state } as const;
  const context = { at: 0, domain: 'default', address: 'local:root' };
  await writer.recordFields(
    actFields(context, act, { result: 'done', counts: { leads: 1 }, receipt: 'digest' }),
  );
  await writer.record(lookupEvent({ result: 'administered', act }));
  await writer.close();
  return recordsOf(folder);
}

describe('docs/audit.md', () => {
  it('27: documents exactly the fields of every kind of record', async () => {
    const records = await everyRecord();
    const fieldsOf = (kind: string) =>
      new Set(records.filter((record) => record.kind === kind).flatMap(Object.keys));
    const documented = tableAfter('fields of lookup').map(([field]) => field);
    // What admins do has the records of operators' acts.
    const kindsOfRequests = new Set<string>(['lookup', ...Object.values(AUDIT_ACTIONS)]);
    kindsOfRequests.delete('operator');
    const ofPeople = [...kindsOfRequests];
    assert.deepEqual(
      documented.toSorted(),
      [...new Set(ofPeople.flatMap((kind) => [...fieldsOf(kind)]))].sort(),
    );
    const [, kindsSaid = ''] = /^\| `kind` \| (.*) \|$/m.exec(text) ?? [];
    assert.deepEqual(
      [...kindsSaid.matchAll(/`([\w-]+)`/g)].map(([, kind]) => kind),
      ofPeople,
    );

    const kinds = new Set(records.map(({ kind }) => String(kind)));
    for (const kind of ofPeople) assert.ok(kinds.delete(kind), kind);
    const rows = tableAfter('fields of others');
    assert.deepEqual([...new Set(rows.map(([kind]) => kind))].sort(), [...kinds].sort());
    for (const kind of kinds) {
      const named = rows.filter(([of]) => of === kind).map(([, field = '']) => field);
      const common = ['seq', 'at', 'kind', 'hash'];
      assert.deepEqual(
        [...named.filter((field) => field !== ''), ...common].sort(),
        [...fieldsOf(kind)].sort(),
        kind,
      );
    }
  });

  it('60: documents exactly the acts of operators', () => {
    const [, said = ''] = /^\| `operator` \| `action` \| (.*) \|$/m.exec(text) ?? [];
    assert.deepEqual(
      [...said.matchAll(/`(\w+)`/g)].map(([, action]) => action),
      OPERATOR_ACTIONS,
    );
  });

  it('27: documents exactly the endpoints', () => {
    const [, said = ''] = /^\| `endpoint` \| (.*) \|$/m.exec(text) ?? [];
    const named = [...said.matchAll(/`([\w-]+)` \(/g)].map(([, endpoint]) => endpoint);
    assert.deepEqual(named, ENDPOINTS);
  });

  it('27: shows how a hash is computed, so that a chain can be checked without callercard', () => {
    const [, shown = ''] = /<<'END'\n([^]*?\n)END\n/.exec(text) ?? [];
    const lines = shown.trimEnd().split('\n');
    assert.ok(lines.length > 3);
    let before = '';
    for (const line of lines) {
      const [covered = ''] = line.split(',"hash"');
      const sum = createHash('sha256').update(before).update(covered).digest('base64url');
      assert.equal((JSON.parse(line) as { hash: string }).hash, sum);
      before = sum;
    }
  });
});
