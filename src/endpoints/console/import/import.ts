import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

import type { Problem } from '../../../core/problem.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { IMPORT_WORDS } from './import-words.ts';
import { COLUMN_CHOICES, columnField, viewImport, viewJob, viewPast } from './view-import.ts';

const PAGE = '/console/import';
const ONE = `${PAGE}/:import`;

/** Files of leads: sent, looked through, tried, imported and taken back. */
export const IMPORT: ConsolePage = {
  path: PAGE,
  label: { en: IMPORT_WORDS.en.title, es: IMPORT_WORDS.es.title },
  isFor: (domain) => !domain.isReadOnly(),
  addRoutes({ show, act, take }) {
    show(PAGE, (admin) => showImports(admin));
    show(ONE, (admin) => showImport(admin, idIn(admin)));
    show(`${ONE}/rejects`, sendRejects);
    act(`${PAGE}/undo`, undo);
    act(`${PAGE}/begin`, begin);
    act(`${ONE}/start`, start);
    act(`${ONE}/drop`, drop);
    take('POST', `${PAGE}/send`, sendWhole);
    take('PUT', `${ONE}/parts/:offset`, putPart);
  },
};

function idIn({ request }: AdminRequest): string {
  return (request.params as { readonly import?: string }).import ?? '';
}

async function showImports(
  admin: AdminRequest,
  { problem, done }: { readonly problem?: Problem; readonly done?: string } = {},
): Promise<FastifyReply> {
  const { reader, domain, context, send, refuse } = admin;
  const words = IMPORT_WORDS[reader.language];
  const found = await domain.readImports(context);
  if ('problem' in found) return refuse(found.problem);
  const view = {
    jobs: found.jobs.map((job) => viewJob(job, words)),
    history: found.history.map((past) => viewPast(past, words)),
    wrong: problem === undefined ? undefined : words.noFile,
    done,
  };
  return send({ template: 'imports', title: words.title, words, view, problem });
}

async function showImport(admin: AdminRequest, importId: string, wrong?: string): Promise<FastifyReply> {
  const { reader, domain, context, send, refuse } = admin;
  const words = IMPORT_WORDS[reader.language];
  const found = await domain.readImport({ ...context, importId });
  if ('problem' in found) return refuse(found.problem);
  const lists = await domain.readLists(context);
  const named = 'problem' in lists ? [] : lists.lists;
  const isFirst = !('problem' in lists) && named.length === 0;
  const view = {
    ...viewImport(found.job, words, reader, isFirst),
    lists: named.map(({ listId, name }) => ({ id: listId, name: name ?? '' })),
    wrong,
  };
  const problem: Problem | undefined =
    wrong === undefined ? undefined : { code: 'parameter_malformed', faults: [] };
  return send({ template: 'import-file', title: words.title, words, view, problem });
}

/** By the script, which sends the parts itself. */
async function begin(admin: AdminRequest): Promise<FastifyReply> {
  const { domain, context, form, refuse, reply } = admin;
  const sent = { name: form.get('name') ?? '', size: Number(form.get('size') ?? '0') };
  const begun = await domain.beginImport({ ...context, sent });
  return 'problem' in begun ? refuse(begun.problem) : reply.redirect(`${PAGE}/${begun.job.id}`, 303);
}

async function putPart(admin: AdminRequest): Promise<FastifyReply> {
  const { request, domain, context, refuse, reply } = admin;
  const { offset } = request.params as { readonly offset: string };
  const bytes = request.body;
  if (!/^\d{1,15}$/.test(offset) || !Buffer.isBuffer(bytes) || bytes.length === 0)
    return refuse({ code: 'parameter_malformed', faults: [] });
  const asked = { ...context, importId: idIn(admin), offset: Number(offset), bytes };
  const put = await domain.putImportPart(asked);
  if ('problem' in put) return refuse(put.problem);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify({ received: put.job.received }));
}

/** By the form alone: a file that goes into one request. */
async function sendWhole(admin: AdminRequest): Promise<FastifyReply> {
  const { request, domain, context, refuse, reply } = admin;
  const { sentFile: file } = request;
  if (file === undefined || file.bytes.length === 0)
    return showImports(admin, { problem: { code: 'parameter_malformed', faults: [] } });
  const sent = { name: file.name, size: file.bytes.length };
  const begun = await domain.beginImport({ ...context, sent });
  if ('problem' in begun) return refuse(begun.problem);
  const importId = begun.job.id;
  const put = await domain.putImportPart({ ...context, importId, offset: 0, bytes: file.bytes });
  return 'problem' in put ? refuse(put.problem) : reply.redirect(`${PAGE}/${importId}`, 303);
}

async function start(admin: AdminRequest): Promise<FastifyReply> {
  const { reader, domain, context, form, refuse, reply } = admin;
  const importId = idIn(admin);
  const found = await domain.readImport({ ...context, importId });
  if ('problem' in found) return refuse(found.problem);
  const sent = readOptions(form, found.job.preview?.columns ?? []);
  if (sent === undefined) return showImport(admin, importId, IMPORT_WORDS[reader.language].wrong);
  const started = await domain.startImport({ ...context, importId, sent });
  return 'problem' in started ? refuse(started.problem) : reply.redirect(`${PAGE}/${importId}`, 303);
}

/** What the form says, as a request of /v1 does; undefined: its list is none. */
function readOptions(
  form: URLSearchParams,
  columns: readonly { readonly column: string }[],
): object | undefined {
  const list = (form.get('list') ?? '').trim();
  if (!/^(?:[1-9]\d{0,13})?$/.test(list)) return undefined;
  const [key, onDuplicate] = [form.get('key') ?? '', form.get('on-duplicate') ?? ''];
  const what = form.get('what');
  const replace = form.has('replace');
  return {
    ...readColumns(form, columns),
    ...{ replace, replace_most: replace && form.has('replace-most') },
    accept_rejects: form.has('accept-rejects'),
    // What is empty takes an earlier one back.
    list: list === '' ? null : Number(list),
    key: key === '' ? null : key,
    on_duplicate: onDuplicate === '' ? null : onDuplicate,
    ...(what === 'trial' ? { dry_run: true } : {}),
    ...(what === 'import' || what === 'trial' ? {} : { preview: true }),
  };
}

function readColumns(form: URLSearchParams, columns: readonly { readonly column: string }[]) {
  const [map, custom, ignore]: [string[], string[], string[]] = [[], [], []];
  for (const [at, { column }] of columns.entries()) {
    const became = form.get(columnField(at)) ?? COLUMN_CHOICES.guessed;
    if (became === COLUMN_CHOICES.ignored) ignore.push(column);
    else if (became === COLUMN_CHOICES.custom) custom.push(column);
    else if (became !== COLUMN_CHOICES.guessed) map.push(`${column}=${became}`);
  }
  return { map, custom, ignore };
}

async function drop(admin: AdminRequest): Promise<FastifyReply> {
  const { domain, context, refuse, reply } = admin;
  const importId = idIn(admin);
  const dropped = await domain.dropImport({ ...context, importId });
  if ('problem' in dropped) return refuse(dropped.problem);
  return reply.redirect(dropped.isStopping ? `${PAGE}/${importId}` : PAGE, 303);
}

async function undo(admin: AdminRequest): Promise<FastifyReply> {
  const { domain, context, form, refuse, reply } = admin;
  const undone = await domain.undoImport({ ...context, importId: form.get('import') ?? '' });
  return 'problem' in undone ? refuse(undone.problem) : reply.redirect(`${PAGE}/${undone.job.id}`, 303);
}

async function sendRejects(admin: AdminRequest): Promise<FastifyReply> {
  const { domain, context, refuse, reply } = admin;
  const found = await domain.readRejects({ ...context, importId: idIn(admin) });
  if ('problem' in found) return refuse(found.problem);
  return reply
    .header('content-disposition', 'attachment; filename="rejects.csv"')
    .type('text/csv; charset=utf-8')
    .send(Readable.from(found.rejects));
}
