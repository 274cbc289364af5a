import type { Command } from 'commander';

import { MAX_LIST_ID } from '../core/lead.ts';
import { parseListSettings } from '../core/list-patch.ts';
import type { ListSettings } from '../core/record-store.ts';
import type { OwnStore } from '../core/store.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';
import { openOwnStore, withStore } from './command-store.ts';
import { readListId } from './file-commands.ts';
import { openForRecords } from './lead.ts';
import { moveLeads, notesOnMove } from './move-leads.ts';
import { type ActRecord, recorded, withActRecord } from './operator-audit.ts';
import {
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { untilStopped } from './until-stopped.ts';
import { listWords } from './words/list.ts';

interface ListFlags {
  readonly json?: boolean;
  readonly moveTo?: number;
}

/** `list list`, `rename` and `delete`: the lists of a store of our own. */
export function addLists(program: Command, { terminal, run }: CommandHost): void {
  const list = program.command('list').description("The lists of callercard's own store.");
  const show = list
    .command('list')
    .description('Lists them, with the number of leads in each.')
    .option('--json', 'as JSON');
  addDomainFlags(show, RECORDED_SETTINGS).action((flags: ListFlags) =>
    run(() => listLists(configOfDomain(flags, terminal), flags.json === true, terminal)),
  );
  const rename = list
    .command('rename')
    .description('Gives a list another name.')
    .argument('<id>', 'its list id', readListId)
    .argument('<name>', 'of 1 to 100 characters');
  addDomainFlags(rename, RECORDED_SETTINGS).action((listId: number, name: string, flags: ListFlags) =>
    run(() => renameList(configOfDomain(flags, terminal), listId, name, terminal)),
  );
  const remove = list
    .command('delete')
    .description('Deletes a list that has no leads, with its custom fields, statuses and masks.')
    .argument('<id>', 'its list id', readListId)
    .option(
      '--move-to <id>',
      'move its leads to this list before; each move is in the timeline of its lead, and can be undone there',
      readListId,
    );
  addDomainFlags(remove, RECORDED_SETTINGS).action((listId: number, flags: ListFlags) =>
    run(() => {
      const domain = configOfDomain(flags, terminal);
      if (flags.moveTo === listId) throw wrongUse(listWords().moveToItself);
      return untilStopped((signal) =>
        withActRecord(domain, (record) =>
          deleteList(domain, listId, flags.moveTo, { terminal, signal, record }),
        ),
      );
    }),
  );
}

/** Lists that only their leads know are among them, without a name. */
function listLists(domain: ChosenDomain, isJson: boolean, terminal: Terminal): Promise<ExitCode> {
  return withStore(openOwnStore(domain), async ({ records, archive }) => {
    const [lists, counts] = [await records.lists(), await archive.countByList()];
    const known = new Map(lists.map((list) => [list.listId, list]));
    const ids = [...new Set([...known.keys(), ...counts.keys()])].sort((a, b) => a - b);
    const rows = ids.map((listId) => {
      const { name = null, statuses = [], masked = [] } = known.get(listId) ?? {};
      return { listId, name, leads: counts.get(listId) ?? 0, statuses, masked };
    });
    const words = listWords();
    if (isJson) terminal.json(rows, 2);
    else if (rows.length === 0) terminal.err(words.noLists);
    else {
      const shown = rows.map(({ listId, name, leads, statuses, masked }) => [
        ...[String(listId), printable(name ?? '-'), String(leads)],
        ...[printable(statuses.join(', ') || words.any), printable(masked.join(', ') || '-')],
      ]);
      terminal.out(writeTable(words.columns, shown));
    }
    return EXIT.ok;
  });
}

function renameList(
  domain: ChosenDomain,
  listId: number,
  name: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const parsed = parseListSettings({ name }, listId);
  if ('faults' in parsed)
    throw wrongUse(listWords().badName(parsed.faults.map(({ reason }) => reason).join('; ')));
  return withStore(openForRecords(domain, terminal), async ({ records }) => {
    const list = await listOf({ records }, listId);
    const act = { action: 'list_rename', subject: `list:${listId}` } as const;
    const states = { before: { name: list.name }, after: { name } };
    await recorded(domain, { ...act, ...states }, async () => {
      const put = await records.putList({ ...list, name }, false);
      if (put === 'full') throw new CommandFailure(listWords().namesTooLong);
      if (put === 'conflict') throw noSuchList(listId);
    });
    terminal.err(listWords().renamed(listId, printable(name)));
    return EXIT.ok;
  });
}

interface DeleteContext {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly record: ActRecord;
}

function deleteList(
  domain: ChosenDomain,
  listId: number,
  moveTo: number | undefined,
  context: DeleteContext,
): Promise<ExitCode> {
  const { terminal } = context;
  return withStore(openForRecords(domain, terminal), async (store) => {
    const { withClaim } = await import('./finish-import.ts');
    // An import knows which lists there are from its beginning.
    return withClaim(store.archive, { terminal }, async () => {
      const list = await listOf(store, listId);
      const target = moveTo === undefined ? undefined : await listOf(store, moveTo);
      const [first] = await store.records.leadsOfList(listId, 0);
      if (target === undefined && first !== undefined)
        throw new CommandFailure(
          listWords().hasLeads(listId, (await store.archive.countByList()).get(listId) ?? 1),
        );
      return deleteEmptied(store, list, target, context);
    });
  });
}

async function deleteEmptied(
  store: OwnStore,
  list: ListSettings,
  target: ListSettings | undefined,
  { terminal, signal, record }: DeleteContext,
): Promise<ExitCode> {
  const { listId, name } = list;
  const to = target === undefined ? '' : ` to list:${target.listId}`;
  await record.begin({ action: 'list_delete', subject: `list:${listId}${to}`, before: { name } });
  const notes = target === undefined ? [] : await notesOnMove(store, list, target);
  const words = listWords();
  const say = (line: string) => terminal.err(printable(line));
  if (target !== undefined) {
    const moved = await moveLeads(store, listId, target.listId, { signal, record, terminal });
    for (const note of notes) say(note);
    if (signal.aborted) {
      record.isStopped = true;
      say(words.stopped(moved, listId));
      return EXIT.interrupted;
    }
    say(words.moved(moved, target.listId));
  }
  if ((await store.records.removeList(listId)) === 'conflict')
    throw new CommandFailure(words.leadAdded(listId));
  say(words.deleted(listId));
  for (const line of await whoNames(store, listId)) say(line);
  return EXIT.ok;
}

/** How many users and tokens are named. */
const NAMED = 10;

/** Whoever makes a list of this id again shows it to them. */
async function whoNames({ users, tokens }: OwnStore, listId: number): Promise<readonly string[]> {
  const isLimited = ({ lists }: { readonly lists: unknown }) =>
    Array.isArray(lists) && (lists as readonly unknown[]).includes(listId);
  const names = [
    ...(await users.list()).filter(isLimited).map(({ name }) => name),
    ...(await tokens.list()).filter(isLimited).map(({ name }) => `token:${name}`),
  ];
  const shown = names.slice(0, NAMED).join(', ');
  return names.length === 0 ? [] : [listWords().namedBy(listId, shown, names.length - NAMED)];
}

async function listOf({ records }: Pick<OwnStore, 'records'>, listId: number): Promise<ListSettings> {
  const list = listId <= MAX_LIST_ID ? await records.list(listId) : undefined;
  if (list === undefined) throw noSuchList(listId);
  return list;
}

function noSuchList(listId: number): CommandFailure {
  return new CommandFailure(listWords().noSuchList(listId), EXIT.attention);
}
