import assert from 'node:assert/strict';

import { openStore } from '../../../src/stores/open-store.ts';
import type { Inspection } from '../../../src/core/store.ts';
import { inspectStore } from '../../../src/diagnostics/store.ts';
import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import type { StoreDescription } from '../../stores/described-store.ts';

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

/** Checks this dialer. Asserts that whatever is not ok has advice, and that no message contains a secret. */
export async function inspectionsOf(config: DialerConfig): Promise<readonly Inspection[]> {
  const store = openStore(config, { forOperator: true });
  const found: Inspection[] = [];
  try {
    for await (const inspection of inspectStore(store)) found.push(inspection);
  } finally {
    await store.close();
  }
  for (const { level, subject, message, advice } of found) {
    assert.equal(advice !== undefined, level !== 'ok', `${subject}: ${message}`);
    assert.match(subject, /^[a-z ]{3,15}$/);
    const text = `${message}\n${advice ?? ''}`;
    for (const secret of SECRETS) assert.ok(!text.includes(secret), `a secret is shown: ${text}`);
    // No statement of a lookup, no hash, no address with its password, no stack.
    assert.doesNotMatch(text, /FROM vicidial_list\b|UNION|PASSWORD '\*|mariadb:\/\/|\bat .+\.ts:\d/);
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
