import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { actFields } from '../../src/audit/operator-act.ts';
import { readUsage, USAGE_LIMITS } from '../../src/audit/usage.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { type Right, rightsOf } from '../../src/core/rights.ts';
import { inspectUnusedRights } from '../../src/diagnostics/unused-rights.ts';
import { filesOf, lookupEvent, newAuditFolder, openAudit } from '../audit/audit-fixture.ts';
import { createFakeClock } from '../service/test-services.ts';
import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { temporaryFolder } from '../support/test-app.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

type Said = Pick<LookupEvent, 'user' | 'endpoint' | 'result' | 'right'>;

const USES: Readonly<Record<string, Said>> = {
  reads: { user: 'reads', endpoint: 'goapi', result: 'found' },
  'reads, in vain': { user: 'seeks', endpoint: 'v1', result: 'phone_not_found' },
  'reads calls': { user: 'token:calls', endpoint: 'v1', result: 'calls_read' },
  'reads what happened': { user: 'token:past', endpoint: 'v1', result: 'timeline_read' },
  'sees cards': { user: 'sees', endpoint: 'card', result: 'found' },
  'signs in': { user: 'signs', endpoint: 'card', result: 'signed_in' },
  'notifies calls': { user: 'token:pbx', endpoint: 'v1', result: 'call_notified' },
  'changes what it finds': { user: 'edits', endpoint: 'v1', result: 'found', right: 'edit' },
  'changes in vain': { user: 'tries', endpoint: 'v1', result: 'lead_not_found', right: 'edit' },
  'notes on the card': { user: 'notes', endpoint: 'card', result: 'note_added' },
  'is a telephone': { user: 'token:phone', endpoint: 'caller-id', result: 'found' },
};

/** None of these is a use of a right: somebody tried. */
const TRIES: readonly Said[] = [
  { user: 'idle', endpoint: 'goapi', result: 'credentials_invalid' },
  { user: 'idle', endpoint: 'v1', result: 'api_not_allowed' },
  { user: 'idle', endpoint: 'card', result: 'locked_out' },
  { user: 'idle', endpoint: 'v1', result: 'rate_limited' },
];

/** An audit of so many days until today, whose events are all of its first day. */
async function auditOf(
  days: number,
  events: readonly Said[] = Object.values(USES),
  last = Date.UTC(2026, 5, 1),
) {
  const folder = newAuditFolder();
  const clock = createFakeClock(last - days * DAY_MS);
  const { writer } = openAudit(folder, { clock });
  for (let day = 0; day <= days; day += 1) {
    // The first day is not whole, so nobody relies on it.
    for (const event of day === 1 ? events : [])
      await writer.record(lookupEvent({ ...event, at: clock.wall() }));
    await writer.record(lookupEvent({ user: 'always', at: clock.wall() }));
    if (day < days) clock.pass(DAY_MS);
  }
  return { folder, writer, now: clock.wall() };
}

const holder = (name: string, ...rights: readonly Right[]) => ({ name, rights: rightsOf(rights) });

const HOLDERS = [
  holder('reads', 'card', 'read'),
  holder('seeks', 'read'),
  holder('token:calls', 'read'),
  holder('token:past', 'read'),
  holder('sees', 'card', 'admin', 'edit'),
  holder('signs', 'card', 'calls'),
  holder('edits', 'read', 'edit'),
  holder('tries', 'read', 'edit'),
  holder('notes', 'card', 'edit'),
  holder('idle', 'card', 'read'),
  holder('token:pbx', 'read', 'calls'),
  holder('token:phone', 'caller-id'),
];

describe('a check of rights that nobody uses', () => {
  it('51: names who has more than the audit shows, and says how far it looked', async () => {
    const { folder, writer, now } = await auditOf(60, [...Object.values(USES), ...TRIES]);
    await writer.close();
    const found = await inspectUnusedRights(folder, HOLDERS, now);
    assert.equal(found?.level, 'advice');
    assert.equal(
      found.message,
      'not used in the last 59 days, as far as the audit says: reads (card); sees (edit); signs (calls); edits (read); tries (read); notes (card); idle (card, read); token:pbx (read)',
    );
    assert.match(found.advice ?? '', /user set NAME --rights/);
    const used = await inspectUnusedRights(
      folder,
      [holder('reads', 'read'), holder('token:phone', 'caller-id')],
      now,
    );
    assert.deepEqual(
      [used?.level, used?.message],
      ['ok', 'all were used in the last 59 days, as far as the audit says'],
    );
  });

  it('51: says nothing of what was given only lately', async () => {
    const { folder, writer, now } = await auditOf(60);
    const context = { at: now, domain: 'default', address: 'local:ana' };
    for (const [action, subject] of [
      ['user_add', 'idle'],
      ['user_set', 'signs'],
      ['token_create', 'token:pbx'],
      ['user_password', 'reads'],
    ] as const)
      await writer.recordFields(actFields(context, { action, subject }));
    await writer.close();
    const found = await inspectUnusedRights(folder, HOLDERS, now);
    assert.match(found?.message ?? '', /: reads \(card\); sees/);
    assert.doesNotMatch(found?.message ?? '', /idle|signs|token/);
  });

  it('51: judges nobody by less than a month, and looks no further back than a quarter', async () => {
    for (const [days, level, words] of [
      [0, 'ok', /not known: at least 30 days are needed, and the audit has 0 to read$/],
      [30, 'ok', /the audit has 29 to read$/],
      [31, 'advice', /in the last 30 days/],
      [200, 'advice', /in the last 90 days.*reads \(card, read\)/],
    ] as const) {
      const { folder, writer, now } = await auditOf(days);
      await writer.close();
      const found = await inspectUnusedRights(folder, HOLDERS, now);
      assert.equal(found?.level, level, String(days));
      assert.match(found.message, words);
    }
    assert.equal(await inspectUnusedRights(newAuditFolder(), HOLDERS, 0), undefined);
  });

  it('51: counts only days of which nothing was archived, and reads no more than its limit', async () => {
    const { folder, writer, now } = await auditOf(80);
    // Of another process, long ago: the last file of a chain stays, whatever is archived.
    const other = openAudit(folder, { clock: createFakeClock(now - 80 * DAY_MS) });
    await other.writer.record(lookupEvent());
    for (const each of [writer, other.writer]) await each.close();
    const whole = await readUsage(folder, now);
    assert.equal(whole.days, 79);
    const few = await readUsage(folder, now, { ...USAGE_LIMITS, bytes: 20_000 });
    assert.ok(few.days > 10 && few.days < 79 && few.days !== 30, String(few.days));
    assert.equal('used' in few, few.days >= USAGE_LIMITS.leastDays);
    const archive = temporaryFolder();
    for (const name of filesOf(folder).slice(0, 41)) renameSync(join(folder, name), join(archive, name));
    const rest = await readUsage(folder, now);
    assert.equal(rest.days, 38);
    assert.ok('used' in rest && rest.used.get('reads') === undefined && rest.used.get('always') === 2);
  });

  it('51: is a part of callercard check', async () => {
    const cwd = await createFilledFolder();
    const events = [{ user: 'crm', endpoint: 'v1', result: 'found' }] as const;
    const { folder, writer } = await auditOf(45, events, Date.now());
    await writer.close();
    renameSync(folder, join(cwd, 'data', 'callercard-audit'));
    const { code, stdout } = await runCallercard(['check'], { cwd });
    assert.match(stdout, /^advice {2}rights: not used in the last 44 days.*: crm \(card, calls\)$/m);
    assert.equal(code, 0);
  });
});
