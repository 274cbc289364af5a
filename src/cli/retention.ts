import { setTimeout as pause } from 'node:timers/promises';

import type { Command } from 'commander';

import type { CallStore, ForgottenCalls } from '../core/call-store.ts';
import type { OwnStore } from '../core/store.ts';
import type { DueCalls, DueData, DueRule } from '../core/due-data.ts';
import { countDue, dueLeads } from '../core/retention.ts';
import { EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';
import { withStore } from './command-store.ts';
import { checkCanAsk, confirm } from './confirm.ts';
import { withClaim } from './finish-import.ts';
import { PAUSE_MS } from './in-pieces.ts';
import { openForRecords } from './lead.ts';
import { withActRecord } from './operator-audit.ts';
import {
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';

interface RetentionOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `retention`: erases leads whose time is over. */
export function addRetention(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('retention')
    .description(
      'Erases the leads to which nothing has happened for as many days as the setting "retention" says of their list: no call, change, note or import.',
    )
    .option('--dry-run', 'only say how many')
    .option('--yes', 'do not ask')
    .option('--json', 'the counts as JSON');
  addDomainFlags(command, [...RECORDED_SETTINGS, 'retention']).action((options: RetentionOptions) =>
    run(() => {
      if (options.dryRun !== true) checkCanAsk(terminal, options.yes === true);
      return keepRetention(configOfDomain(options, terminal), options, terminal);
    }),
  );
}

function keepRetention(
  domain: ChosenDomain,
  options: RetentionOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const rules = domain.config.retention;
  if (rules.length === 0)
    throw wrongUse(
      'no list has a retention; set it: --retention LIST=DAYS, or "retention" in the config file',
    );
  return withStore(openForRecords(domain, terminal), async (store) => {
    const now = Date.now();
    const { rules: due, calls } = await countDue(store, rules, now);
    const print = () => {
      if (options.json === true) terminal.json(due);
      else terminal.out(writeTable(['list', 'days', 'leads'], due.map(rowOf)));
    };
    if (options.dryRun === true || options.yes !== true) print();
    if (options.dryRun === true) return EXIT.ok;
    const count = due.reduce((sum, { leads }) => sum + leads, 0);
    const isNothing = count + calls.count === 0 && (await store.persons.uncleaned()).length === 0;
    if (
      !isNothing &&
      options.yes !== true &&
      !(await confirm(terminal, `Erase ${count} leads and ${calls.count} calls of nobody for good?`))
    ) {
      terminal.err('nothing was erased');
      return EXIT.interrupted;
    }
    const exitCode = isNothing
      ? EXIT.ok
      : await withClaim(store.archive, { terminal }, () =>
          eraseDue(domain, store, { rules: due, calls, now }, terminal),
        );
    if (options.yes === true) print();
    return exitCode;
  });
}

function rowOf({ listId, days, leads }: DueRule): readonly string[] {
  return [listId === '*' ? 'others' : String(listId), String(days), String(leads)];
}

async function forgetCalls(domain: ChosenDomain, calls: CallStore, { before }: DueCalls): Promise<void> {
  await withActRecord(domain, async (record) => {
    await record.begin({ action: 'retention', subject: 'calls' });
    let erased = 0;
    record.counts = { calls: erased };
    for (let after: number | undefined = 0; after !== undefined;) {
      const { count, next }: ForgottenCalls = await calls.forgetUnknown(before, after);
      erased += count;
      record.counts = { calls: erased };
      after = next;
      await pause(PAUSE_MS);
    }
  });
}

/** A record for each list; the files are cleaned at the end. */
async function eraseDue(
  domain: ChosenDomain,
  { persons, calls: kept }: OwnStore,
  { rules: due, calls, now }: DueData & { readonly now: number },
  terminal: Terminal,
): Promise<ExitCode> {
  for (const rule of due.filter(({ leads }) => leads > 0)) {
    await withActRecord(domain, async (record) => {
      await record.begin({ action: 'retention', subject: `list:${rule.listId}` });
      let erased = 0;
      record.counts = { leads: erased };
      for await (const batch of dueLeads(persons, rule, due, now)) {
        await persons.erase(batch, now, 'retention');
        erased += batch.length;
        record.counts = { leads: erased };
        await pause(PAUSE_MS);
      }
    });
  }
  if (calls.count > 0) await forgetCalls(domain, kept, calls);
  const { left } = await persons.cleanFiles();
  if (left.length === 0) return EXIT.ok;
  terminal.err(printable(`erased, but not yet from the files: ${left.join('; ')}; run this command again`));
  return EXIT.attention;
}
