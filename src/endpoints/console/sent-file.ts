import { Busboy } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { IMPORT_LIMITS } from '../../core/import-job.ts';
import { ProblemError } from '../../core/problem.ts';
import { addBinaryBody } from '../../http/query-params.ts';

export interface SentFile {
  readonly name: string;
  readonly bytes: Buffer;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** That came with a form. */
    sentFile?: SentFile | undefined;
  }
}

/** Takes a form with a file (RFC 7578), of which the other fields are the body; and bytes of whatever kind. */
export function addFileBodies(app: FastifyInstance): void {
  addBinaryBody(app);
  app.decorateRequest('sentFile', undefined);
  app.addContentTypeParser<Buffer>(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const { file, fields } = await readForm(body, request.headers['content-type'] ?? '');
      request.sentFile = file;
      return fields;
    },
  );
}

const LIMITS = { fileSize: IMPORT_LIMITS.partBytes, files: 1, fields: 10, parts: 20, headerPairs: 10 };

/** @throws {ProblemError} it is no such form, or its file is too large */
function readForm(
  body: Buffer,
  type: string,
): Promise<{ readonly fields: URLSearchParams; readonly file: SentFile | undefined }> {
  const fields = new URLSearchParams();
  let file: SentFile | undefined;
  return new Promise((resolve, reject) => {
    const refuse = (reason: string, code: 'request_unparsable' | 'request_too_large') => () =>
      reject(new ProblemError({ code, reason }));
    const fail = refuse('its form cannot be read', 'request_unparsable');
    const tooLarge = refuse(`the file is larger than ${LIMITS.fileSize / 1024} KiB`, 'request_too_large');
    try {
      const form = Busboy({ headers: { 'content-type': type }, limits: LIMITS });
      form.on('field', (name: string | undefined, value) => fields.append(name ?? '', value));
      form.on('file', (_name, stream, name: string | undefined) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('limit', tooLarge);
        stream.on('error', fail);
        stream.on('end', () => {
          file = { name: name ?? '', bytes: Buffer.concat(chunks) };
        });
      });
      form.on('error', fail);
      form.on('finish', () => resolve({ fields, file }));
      form.end(body);
    } catch {
      fail();
    }
  });
}
