import type { FastifyReply } from 'fastify';

import type { Problem } from '../../../core/problem.ts';
import type { FieldDefinition, ListSettings } from '../../../core/record-store.ts';
import { searchParamsOf } from '../../../http/query-params.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { LISTS_WORDS } from './lists-words.ts';

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

interface Outcome {
  readonly problem?: Problem;
  readonly done?: boolean;
}

/** All lists, and one of them with its forms. */
async function showLists(
  { reader, domain, context, send, refuse }: AdminRequest,
  listId: number | undefined,
  { problem, done = false }: Outcome = {},
): Promise<FastifyReply> {
  const words = LISTS_WORDS[reader.language];
  const all = await domain.readLists(context);
  if ('problem' in all) return refuse(all.problem);
  const opened = listId === undefined ? undefined : await domain.readFields({ ...context, listId });
  const failed = opened !== undefined && 'problem' in opened ? opened.problem : undefined;
  const said = problem ?? failed;
  const view = {
    lists: all.lists.map((list) => ({ ...viewList(list), isOpen: list.listId === listId })),
    opened: opened === undefined || 'problem' in opened ? undefined : viewOpened(opened),
    wrong: said && wrongOf(said, words.refused),
    done: done ? words.done : undefined,
  };
  return send({ template: 'lists', title: words.title, words, view, problem: said });
}

function wrongOf(problem: Problem, otherwise: string): string {
  return problem.code === 'parameter_malformed'
    ? problem.faults.map(({ field, reason }) => `${field} ${reason}.`).join(' ')
    : otherwise;
}

function viewList({ listId, name, statuses, masked }: ListSettings) {
  return { id: String(listId), name: name ?? '', statuses: statuses.join(', '), masked: masked.join(', ') };
}

function viewOpened({
  list,
  fields,
}: {
  readonly list: ListSettings;
  readonly fields: readonly FieldDefinition[];
}) {
  const lines = fields.map(({ label, caption, type, options }) =>
    [label, caption, type, options.join(',')].join('; ').replace(/; $/, ''),
  );
  return { ...viewList(list), fields: lines.join('\n') };
}

async function saveList(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context } = admin;
  const listId = listIdIn(form);
  const name = (form.get('name') ?? '').trim();
  const settings = {
    name: name === '' ? null : name,
    statuses: textsIn(form.get('statuses'), ','),
    masked: textsIn(form.get('masked'), ','),
  };
  const isNew = form.has('new');
  const sent = isNew ? { list_id: listId ?? 0, name: settings.name } : settings;
  const saved = await domain.setList({ ...context, listId: isNew ? undefined : listId, sent });
  return showLists(admin, listId, 'problem' in saved ? { problem: saved.problem } : { done: true });
}

/** A field on each line: label; caption; type; options with commas between them. */
async function saveFields(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context } = admin;
  const listId = listIdIn(form) ?? 0;
  const sent = textsIn(form.get('fields'), '\n').map((line) => {
    // An option may have a semicolon.
    const [before, options] = [line.split(';', 3), line.split(';').slice(3).join(';')];
    const [label = '', caption = '', type = ''] = before.map((part) => part.trim());
    return {
      label,
      caption: caption === '' ? label : caption,
      type: type === '' ? 'TEXT' : type.toUpperCase(),
      options: textsIn(options, ','),
    };
  });
  const saved = await domain.setFields({ ...context, listId, sent });
  return showLists(admin, listId, 'problem' in saved ? { problem: saved.problem } : { done: true });
}

function textsIn(text: string | null, separator: string): readonly string[] {
  return (text ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
