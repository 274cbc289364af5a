import type { Command } from 'commander';

import type { LoadedConfig } from '../config/load.ts';
import type { Inspection } from '../lead/inspection.ts';
import { openCommandStore, withStore } from './command-store.ts';
import { EXIT } from './exit-code.ts';
import type { CommandHost } from './command-host.ts';
import { isLoopback } from './is-loopback.ts';
import { addSettingFlags, configOf } from './settings-flags.ts';

const MARKS: Readonly<Record<Inspection['level'], string>> = {
  ok: 'ok      ',
  advice: 'advice  ',
  problem: 'PROBLEM ',
};

export function addCheck(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('check')
    .description('Looks at configuration, store, indexes and users, and says what to do about what it finds.')
    .option('--json', 'as JSON');
  addSettingFlags(command).action((options: { json?: boolean }) =>
    run(async () => {
      const loaded = configOf({ ...options });
      const found: Inspection[] = [];
      const tell = (inspection: Inspection) => {
        found.push(inspection);
        if (options.json !== true) terminal.out(lineOf(inspection));
      };
      for (const inspection of inspectConfig(loaded)) tell(inspection);
      await withStore(openCommandStore(loaded), async (store) => {
        for await (const inspection of store.inspect()) tell(inspection);
      });
      const sound = !found.some(({ level }) => level === 'problem');
      if (options.json === true) terminal.out(JSON.stringify({ sound, found }, null, 2));
      return sound ? EXIT.ok : EXIT.attention;
    }),
  );
}

function lineOf({ level, subject, message, advice }: Inspection): string {
  return `${MARKS[level]}${subject}: ${message}${advice === undefined ? '' : `\n        -> ${advice}`}`;
}

function* inspectConfig({ config, texts }: LoadedConfig): Generator<Inspection> {
  yield { level: 'ok', subject: 'settings', message: 'every setting is understood' };
  if (!isLoopback(config.host)) {
    yield {
      level: 'advice',
      subject: 'host',
      message: `${texts.host} can be reached from other machines, and passwords travel as they are`,
      advice: 'put a reverse proxy with TLS in front and name it in trustedProxies',
    };
  }
}
