import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createApp } from '../../src/app.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { EmbeddedConfig } from '../../src/stores/store-config.ts';
import { CHEAP_VERIFIER } from '../../test/service/lookup-fixture.ts';
import { PATH, queryFor } from '../../test/http/raw-socket.ts';
import { fillEmbedded } from '../../test/stores/described-store.ts';
import { inject, temporaryFolder, testConfig } from '../../test/support/test-app.ts';

const LEADS = 240;

/** A store that is as it should be. */
export interface SoundStore {
  readonly bytes: Buffer;
  /** Each lookup with its answer, by lead and by number. */
  readonly answers: readonly (readonly [url: string, text: string])[];
}

export function storeConfig(path: string): EmbeddedConfig {
  return testConfig(path, { audit: 'off', rateLimit: 1_000_000 });
}

export async function makeSoundStore(): Promise<SoundStore> {
  const path = join(temporaryFolder(), 'sound.db');
  const config = storeConfig(path);
  const store = openStore(config, { create: true });
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'one', fields: [{ label: 'badge', type: 'TEXT' }] }],
    leads: Array.from({ length: LEADS }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      first_name: `Name ${at + 1}`,
      phone_number: phoneOf(at + 1),
      comments: `comment ${at + 1} `.repeat(8),
      custom: [['badge', `badge ${at + 1}`]] as const,
    })),
    users: [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }],
  });
  const app = createApp(config, { store });
  const answers: (readonly [string, string])[] = [];
  for (let lead = 1; lead <= LEADS; lead += 1) {
    for (const asked of [{ lead_id: String(lead) }, { phone_number: phoneOf(lead) }]) {
      const url = `${PATH}?${queryFor(asked)}`;
      const { text } = await inject(app, { method: 'GET', url });
      if (!text.includes(`"lead_id":${lead},`)) throw new Error(`the sound store answers ${text}`);
      answers.push([url, text]);
    }
  }
  await app.close();
  return { bytes: readFileSync(path), answers };
}

function phoneOf(lead: number): string {
  return String(5_500_000_000 + lead * 7);
}
