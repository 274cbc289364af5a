import assert from 'node:assert/strict';

import type { Inspection } from '../../../src/core/store.ts';
import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import type { StoreDescription } from '../../stores/described-store.ts';
import { inspectAll } from '../inspect-all.ts';

/** Passwords of users and of our account. No message may contain one. */
const SECRETS = ['planted-agent', 'planted-boss', 'planted-reader', 'Qm5tW8yLr2Xc7VdK'] as const;

export const READER = { user: 'callercard', password: 'planted-reader' } as const;

/** A small installation in which nothing is wrong. */
export const SOUND: StoreDescription = {
  lists: [
    {
      list_id: 100,
      name: 'With fields',
      fields: [
        { label: 'plan', type: 'TEXT' },
        { label: 'visits', type: 'NUMBER' },
      ],
    },
    { list_id: 200, name: 'Without' },
  ],
  leads: [
    { lead_id: 1, list_id: 100, phone_number: '5500000001', custom: [['plan', 'Gold']], isCustomer: true },
    { lead_id: 2, list_id: 200, phone_number: '5500000002' },
  ],
  users: [
    { name: 'agent', password: 'planted-agent', lists: [100] },
    { name: 'boss', password: 'planted-boss' },
  ],
};

/** Checks this dialer by inspectAll. Asserts that no message contains anything of the inside. */
export async function inspectionsOf(config: DialerConfig): Promise<readonly Inspection[]> {
  const found = await inspectAll(config, SECRETS);
  for (const { subject, message, advice } of found) {
    assert.match(subject, /^[a-z ]{3,15}$/);
    // No statement of a lookup, no hash, no address with its password, no stack.
    assert.doesNotMatch(
      `${message}\n${advice ?? ''}`,
      /FROM vicidial_list\b|UNION|PASSWORD '\*|mariadb:\/\/|\bat .+\.ts:\d/,
    );
  }
  return found;
}

/** The messages of a level, as `subject: message`. */
export function messagesAt(found: readonly Inspection[], level: Inspection['level']): readonly string[] {
  return found.filter((one) => one.level === level).map(({ subject, message }) => `${subject}: ${message}`);
}

/** Everything that is not ok, with its advice. */
export function notWell(found: readonly Inspection[]): readonly string[] {
  return found
    .filter(({ level }) => level !== 'ok')
    .map(({ level, subject, message, advice = '' }) => `${level} ${subject}: ${message} -> ${advice}`);
}

/** Asserts that exactly one inspection has these words, and returns it. */
export function only(
  found: readonly Inspection[],
  level: Inspection['level'],
  subject: string,
  words: RegExp,
): Inspection {
  const [one, ...more] = found.filter((each) => each.subject === subject && words.test(each.message));
  assert.ok(one !== undefined, `no ${subject} with ${String(words)} in:\n${JSON.stringify(found, null, 1)}`);
  assert.deepEqual(more, []);
  assert.equal(one.level, level, one.message);
  return one;
}

/** Asserts that a subject has no advice and no problem. */
export function nothingOf(found: readonly Inspection[], subject: string): void {
  assert.deepEqual(notWell(found.filter((one) => one.subject === subject)), []);
}
