import { hash } from 'node:crypto';

import type { FastifyReply } from 'fastify';

import type { Problem } from '../../../core/problem.ts';
import type { FieldDefinition, ListSettings } from '../../../core/record-store.ts';
import { searchParamsOf } from '../../../http/query-params.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { LISTS_WORDS, type ListsWords } from './lists-words.ts';

/** Lists, and the fields of their own that leads of a list have. */
export const LISTS: ConsolePage = {
  path: '/console/lists',
  label: { en: LISTS_WORDS.en.title, es: LISTS_WORDS.es.title },
  isFor: (domain) => !domain.isReadOnly(),
  addRoutes({ show, act }) {
    show('/console/lists', (admin) => showLists(admin, listIdIn(searchParamsOf(admin.request))));
    act('/console/lists/save', saveList);
    act('/console/lists/fields', saveFields);
  },
};

/** @returns undefined: none is named */
function listIdIn(params: URLSearchParams): number | undefined {
  const text = params.get('list') ?? '';
  return /^\d{1,14}$/.test(text) ? Number(text) : undefined;
}

/** A list as it is, with its fields. */
interface OpenedList {
  readonly list: ListSettings;
  readonly fields: readonly FieldDefinition[];
}

interface Outcome {
  readonly problem?: Problem;
  readonly done?: boolean;
  /** What somebody typed that is not possible as it is: the form shows it again. */
  readonly typed?: Readonly<Partial<ReturnType<typeof viewOpened>>>;
}

/** All lists, and one of them with its forms. */
async function showLists(
  { reader, domain, context, send, refuse }: AdminRequest,
  listId: number | undefined,
  { problem, done = false, typed = {} }: Outcome = {},
): Promise<FastifyReply> {
  const words = LISTS_WORDS[reader.language];
  const all = await domain.readLists(context);
  if ('problem' in all) return refuse(all.problem);
  const opened = listId === undefined ? undefined : await domain.readFields({ ...context, listId });
  const failed = opened !== undefined && 'problem' in opened ? opened.problem : undefined;
  const said = problem ?? failed;
  const view = {
    lists: all.lists.map((list) => ({ ...viewList(list), isOpen: list.listId === listId })),
    opened: opened === undefined || 'problem' in opened ? undefined : { ...viewOpened(opened), ...typed },
    wrong: said && wrongOf(said, words),
    done: done ? words.done : undefined,
  };
  return send({ template: 'lists', title: words.title, words, view, problem: said });
}

function wrongOf(problem: Problem, words: ListsWords): string {
  if (problem.code === 'changed_meanwhile') return words.changed;
  if (problem.code === 'credentials_invalid') return words.passwordNeeded;
  return problem.code === 'parameter_malformed'
    ? problem.faults.map(({ field, reason }) => `${field} ${reason}.`).join(' ')
    : words.refused;
}

function viewList({ listId, name, statuses, masked }: ListSettings) {
  return { id: String(listId), name: name ?? '', statuses: statuses.join(', '), masked: masked.join(', ') };
}

function viewOpened(opened: OpenedList) {
  const fields = opened.fields.map(lineOf).join('\n');
  return { ...viewList(opened.list), fields, hasMasks: opened.list.masked.length > 0, seen: seenOf(opened) };
}

/** A field as the form has it. */
function lineOf({ label, caption, type, options }: FieldDefinition): string {
  return [label, caption, type, options.join(',')].join('; ').replace(/; $/, '');
}

/** What somebody sees who changes a list: by a page that is older they would take back what others have changed. */
function seenOf(opened: OpenedList): string {
  return hash('sha256', JSON.stringify([opened.list, opened.fields]), 'base64url');
}

/** The list that a form changes, where it still is as the form has shown it. */
async function readAsSeen(
  { form, domain, context }: AdminRequest,
  listId: number,
): Promise<OpenedList | { readonly problem: Problem }> {
  const opened = await domain.readFields({ ...context, listId });
  const seen = form.get('seen');
  if ('problem' in opened || seen === null || seen === seenOf(opened)) return opened;
  return { problem: { code: 'changed_meanwhile' } };
}

async function saveList(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context, user } = admin;
  const listId = listIdIn(form) ?? 0;
  if (form.has('new')) {
    const sent = { list_id: listId, name: nameOf(form.get('name') ?? '') };
    const made = await domain.setList({ ...context, listId: undefined, sent });
    return showLists(admin, listId, 'problem' in made ? { problem: made.problem } : { done: true });
  }
  const opened = await readAsSeen(admin, listId);
  if ('problem' in opened) return showLists(admin, listId, opened);
  const typed = changedTexts(form, viewList(opened.list));
  const sent = {
    ...(typed.name !== undefined && { name: nameOf(typed.name) }),
    ...(typed.statuses !== undefined && { statuses: textsIn(typed.statuses, ',') }),
    ...(typed.masked !== undefined && { masked: textsIn(typed.masked, ',') }),
  };
  const password = form.get('own-password') ?? '';
  const credentials = { kind: 'user', name: user, password } as const;
  const asking = password === '' ? { ...context, keepsMasks: true } : { ...context, credentials };
  const saved = await domain.setList({ ...asking, listId, sent });
  return showLists(admin, listId, 'problem' in saved ? { problem: saved.problem, typed } : { done: true });
}

/** What was typed and is not as it was shown: the rest stays as it is stored, which a form need not be able to write. */
function changedTexts(
  form: URLSearchParams,
  shown: ReturnType<typeof viewList>,
): Readonly<Partial<Record<'name' | 'statuses' | 'masked', string>>> {
  const names = ['name', 'statuses', 'masked'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = form.get(name)?.trim();
      return text === undefined || text === shown[name].trim() ? [] : [[name, text]];
    }),
  );
}

function nameOf(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

async function saveFields(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context } = admin;
  const listId = listIdIn(form) ?? 0;
  const opened = await readAsSeen(admin, listId);
  if ('problem' in opened) return showLists(admin, listId, opened);
  const typed = form.get('fields') ?? '';
  // A line that is as it was shown is the field that it was, whatever is in its texts.
  const shown = new Map(opened.fields.map((field) => [lineOf(field).trim(), field]));
  const sent = textsIn(typed, '\n').map((line) => shown.get(line) ?? fieldIn(line));
  const saved = await domain.setFields({ ...context, listId, sent });
  return showLists(
    admin,
    listId,
    'problem' in saved ? { problem: saved.problem, typed: { fields: typed } } : { done: true },
  );
}

/** @param line label; caption; type; options with commas between them */
function fieldIn(line: string) {
  // An option may have a semicolon.
  const [before, options] = [line.split(';', 3), line.split(';').slice(3).join(';')];
  const [label = '', caption = '', type = ''] = before.map((part) => part.trim());
  return {
    label,
    caption: caption === '' ? label : caption,
    type: type === '' ? 'TEXT' : type.toUpperCase(),
    options: textsIn(options, ','),
  };
}

function textsIn(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
