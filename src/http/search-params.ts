import type { FastifyRequest } from 'fastify';

/** The query of a request, read so that nothing is thrown for what cannot be decoded. */
export function searchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}
