import assert from 'node:assert/strict';

import type { Config } from '../../src/config/settings.ts';
import type { Inspection } from '../../src/core/store.ts';
import { inspectStore } from '../../src/diagnostics/store.ts';
import { openStore } from '../../src/stores/open-store.ts';

/** Checks a store. Asserts that whatever is not ok has advice, and that no message contains a secret. */
export async function inspectAll(config: Config, secrets: readonly string[]): Promise<readonly Inspection[]> {
  const store = openStore(config, { forOperator: true });
  const found: Inspection[] = [];
  try {
    for await (const inspection of inspectStore(store)) found.push(inspection);
  } finally {
    await store.close();
  }
  for (const { level, subject, message, advice } of found) {
    assert.equal(advice !== undefined, level !== 'ok', `${subject}: ${message}`);
    const text = `${message}\n${advice ?? ''}`;
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret is shown: ${text}`);
  }
  return found;
}
