import { setTimeout as pause } from 'node:timers/promises';

import type { Command } from 'commander';

import type { CallStore, ForgottenCalls } from '../core/call-store.ts';
import type { OwnStore } from '../core/store.ts';
import type { ListRetention } from '../config/privacy-settings.ts';
import { DAY_MS } from '../core/days.ts';
import type { ListChoice, PersonStore } from '../core/person-store.ts';
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

/** Leads that are erased in one transaction: others wait for some 100 ms. */
const BATCH = 500;

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

/** A rule, with the leads whose time is over by it. */
interface DueRule extends ListRetention {
  readonly leads: number;
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
    const due: DueRule[] = [];
    for (const rule of rules) {
      let leads = 0;
      for await (const batch of dueLeads(store.persons, rule, rules, now)) leads += batch.length;
      due.push({ ...rule, leads });
    }
    const print = () => {
      if (options.json === true) terminal.json(due);
      else terminal.out(writeTable(['list', 'days', 'leads'], due.map(rowOf)));
    };
    if (options.dryRun === true || options.yes !== true) print();
    if (options.dryRun === true) return EXIT.ok;
    const count = due.reduce((sum, { leads }) => sum + leads, 0);
    const calls = await dueCalls(store.calls, rules, now);
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
          eraseDue(domain, store, { due, calls, now }, terminal),
        );
    if (options.yes === true) print();
    return exitCode;
  });
}

function rowOf({ listId, days, leads }: DueRule): readonly string[] {
  return [listId === '*' ? 'others' : String(listId), String(days), String(leads)];
}

/** In batches. What was found may be erased before the next one is asked for. */
async function* dueLeads(
  persons: PersonStore,
  { listId, days }: ListRetention,
  rules: readonly ListRetention[],
  now: number,
): AsyncGenerator<readonly number[]> {
  const others = rules.flatMap((rule) => (rule.listId === '*' ? [] : [rule.listId]));
  const lists: ListChoice = listId === '*' ? { except: others } : { listId };
  let after = 0;
  for (;;) {
    const found = await persons.findUntouched(lists, now - days * DAY_MS, { after, limit: BATCH });
    const last = found.at(-1);
    if (last === undefined) return;
    yield found;
    after = last;
  }
}

/** Calls of no lead that is known. */
interface DueCalls {
  readonly before: number;
  readonly count: number;
}

/** They are of no list: their time is that of lists without a rule of their own. */
async function dueCalls(calls: CallStore, rules: readonly ListRetention[], now: number): Promise<DueCalls> {
  const rule = rules.find(({ listId }) => listId === '*');
  const before = rule === undefined ? 0 : now - rule.days * DAY_MS;
  return { before, count: rule === undefined ? 0 : await calls.countUnknown(before) };
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
  { due, calls, now }: { readonly due: readonly DueRule[]; readonly calls: DueCalls; readonly now: number },
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
