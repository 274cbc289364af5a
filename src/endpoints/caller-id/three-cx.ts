import type { FastifyInstance, FastifyRequest } from 'fastify';

import { addDesks, type Desks } from '../../http/domain-context.ts';
import { ProblemError } from '../../core/problem.ts';
import { threeCxTemplate } from './three-cx-template.ts';

/** A host with or without a port, as it may stand in a URL and in XML. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** `GET /integrations/3cx.xml`: the CRM template of 3CX for this installation, without any secret in it. */
export function registerThreeCx(server: FastifyInstance, desks: Desks): void {
  void server.register((door, _options, done) => {
    addDesks(door, desks);
    door.get('/integrations/3cx.xml', (request, reply) =>
      reply
        .type('application/xml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="callercard-3cx.xml"')
        .send(threeCxTemplate(publicUrlOf(request))),
    );
    done();
  });
}

/**
 * Where clients reach this installation, as the one who asks does; of a proxy that is trusted, as it says.
 *
 * @throws {ProblemError} the host is none
 */
function publicUrlOf({ protocol, host }: FastifyRequest): string {
  if (!HOST.test(host)) {
    throw new ProblemError({ code: 'request_unparsable', reason: 'its Host header names no host' });
  }
  // A trusted proxy may have passed on whatever its client said.
  return `${protocol === 'https' ? 'https' : 'http'}://${host}`;
}
