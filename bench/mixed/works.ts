import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { USER } from '../lookups/store.ts';
import { CALLERCARD, type MixedStore } from './store.ts';

/** What a server or a command beside it does while others look leads up. */
export interface OtherWork {
  readonly what: string;
  /** Does it once. */
  readonly run: (url: string) => Promise<void>;
  /** It is done once; else again and again. */
  readonly isOnce?: true;
  /** The most that the p99 of lookups may be of the quiet one. */
  readonly asked?: number;
}

const AUTHORIZATION = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`;
const ITEMS = 1_000;

/** @param leads of the store, numbered from 1 */
export function otherWorks(store: MixedStore, leads: number, asked: number): readonly OtherWork[] {
  const command = async (...args: readonly string[]) => {
    const child = spawn(process.execPath, [CALLERCARD, ...args, '--database', `sqlite:${store.path}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${said}`);
  };
  const backup = join(store.folder, 'backup.db');
  const items = Array.from({ length: ITEMS }, () => ({ lead_id: 1 + Math.floor(Math.random() * leads) }));
  return [
    { what: 'an import of new leads', run: () => command('import', store.newLeads), isOnce: true, asked },
    {
      what: 'an import of leads that are there',
      run: () => command('import', store.knownLeads),
      isOnce: true,
      asked,
    },
    {
      what: `POST /v1/leads/lookup of ${ITEMS.toLocaleString('en')}`,
      run: (url) => ask(`${url}/v1/leads/lookup`, { method: 'POST', body: JSON.stringify({ items }) }),
    },
    { what: 'a search by words', run: (url) => ask(`${url}/v1/leads?q=hernandez+guadalajara`) },
    {
      what: 'a backup',
      async run() {
        await command('backup', backup);
        rmSync(backup);
      },
    },
  ];
}

async function ask(url: string, request: { readonly method?: string; readonly body?: string } = {}) {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' };
  const response = await fetch(url, { ...request, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 200)}`);
}
