import { Type } from 'typebox';

import { IMPORT_LIMITS } from '../../core/import-job.ts';
import { json, problems, type DescribedAnswer, type Operation, type Parameter } from './operation.ts';
import {
  ImportId,
  ImportSchema,
  ImportsSchema,
  ImportStartSchema,
  NewImportSchema,
} from './schemas-imports.ts';

const EDIT = { tag: 'imports', right: 'edit', needsAuthorization: true } as const;
const ALWAYS = [400, 401, 403, 409, 414, 429, 500, 503] as const;
const BODY = [413, 415] as const;
const which: Parameter = { name: 'import', in: 'path', isRequired: true, schema: ImportId };
const one = (description: string): DescribedAnswer => json(description, ImportSchema);

/** Files of leads that come over HTTP: the operations of imports.ts. */
export const IMPORT_OPERATIONS: readonly Operation[] = [
  {
    ...EDIT,
    method: 'post',
    path: '/v1/imports',
    id: 'beginImport',
    summary: 'Says which file will come',
    description: `For users who see every list. Then its bytes are sent in parts; it is looked through once all are here, and imported once it is started. At most ${IMPORT_LIMITS.files} files are here at once, for a day.`,
    body: { 'application/json': NewImportSchema },
    answers: {
      201: { ...one('The import, without a byte.'), headers: { Location: 'Its address.' } },
      ...problems(...ALWAYS, ...BODY),
    },
  },
  {
    ...EDIT,
    method: 'put',
    path: '/v1/imports/{import}/parts/{offset}',
    id: 'putImportPart',
    summary: 'Bytes of the file, from an offset on',
    description: `At most ${IMPORT_LIMITS.partBytes / 1024 / 1024} MiB. The first one is the next after those that are here: \`received\`. Bytes that are here already are left as they are, so that a part can be sent again.`,
    parameters: [
      which,
      {
        name: 'offset',
        in: 'path',
        isRequired: true,
        schema: Type.Integer({ minimum: 0, description: 'The place of the first one in the file, from 0.' }),
      },
    ],
    body: { 'application/octet-stream': Type.String({ format: 'binary' }) },
    answers: { 200: one('The import.'), ...problems(...ALWAYS, ...BODY, 404) },
  },
  {
    ...EDIT,
    method: 'post',
    path: '/v1/imports/{import}/start',
    id: 'startImport',
    summary: 'Imports the file, or tries it',
    description:
      'The work goes on after the answer; `state` of the import says how far it is. Of an import that failed or was stopped it can be said again.',
    parameters: [which],
    body: { 'application/json': ImportStartSchema },
    answers: { 202: one('The import.'), ...problems(...ALWAYS, ...BODY, 404) },
  },
  {
    ...EDIT,
    method: 'get',
    path: '/v1/imports/{import}',
    id: 'getImport',
    summary: 'How far an import is, and what came of it',
    parameters: [which],
    answers: { 200: one('The import.'), ...problems(...ALWAYS, 404) },
  },
  {
    ...EDIT,
    method: 'get',
    path: '/v1/imports/{import}/rejects',
    id: 'getImportRejects',
    summary: 'The rows that were not taken, with their reasons',
    description: 'To be corrected and imported.',
    parameters: [which],
    answers: {
      200: {
        description: 'A file.',
        content: { 'text/csv': Type.String() },
        headers: { 'Content-Disposition': 'Its name.' },
      },
      ...problems(...ALWAYS, 404),
    },
  },
  {
    ...EDIT,
    method: 'get',
    path: '/v1/imports',
    id: 'getImports',
    summary: 'The files that are here, and the history of imports',
    answers: { 200: json('Both.', ImportsSchema), ...problems(...ALWAYS) },
  },
  {
    ...EDIT,
    method: 'post',
    path: '/v1/imports/{import}/undo',
    id: 'undoImport',
    summary: 'Takes an import back',
    description:
      'One of the last ten. The work goes on after the answer, as that of an import; it cannot be stopped.',
    parameters: [
      {
        ...which,
        schema: Type.String({
          description: 'The id of an import, or its number in the history.',
          examples: ['12'],
        }),
      },
    ],
    answers: {
      202: { ...one('What takes it back.'), headers: { Location: 'Its address.' } },
      ...problems(...ALWAYS, 404),
    },
  },
  {
    ...EDIT,
    method: 'delete',
    path: '/v1/imports/{import}',
    id: 'dropImport',
    summary: 'Stops an import, or removes what is here of it',
    description: 'What was imported before stays, and can be undone; with `replace` it is taken back.',
    parameters: [which],
    answers: {
      202: { description: 'It is being stopped.' },
      204: { description: 'Its file and its rejected rows are removed.' },
      ...problems(...ALWAYS, 404),
    },
  },
];
