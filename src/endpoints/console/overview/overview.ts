import type { FastifyReply } from 'fastify';

import type { ConsolePage } from '../console-page.ts';
import type { ConsoleSources } from '../sources.ts';
import type { AdminRequest } from '../admin-request.ts';
import { OVERVIEW_WORDS } from './overview-words.ts';
import { viewAttention } from './view-attention.ts';
import { viewSignedIn } from './view-signed-in.ts';
import { viewTraffic } from './view-traffic.ts';

/** What goes on in the domain, who is signed in, and what needs somebody's attention. */
export const OVERVIEW: ConsolePage = {
  path: '/console',
  label: { en: OVERVIEW_WORDS.en.title, es: OVERVIEW_WORDS.es.title },
  addRoutes({ show, act }, sources) {
    show('/console', (admin) => showOverview(admin, sources));
    act('/console/look', ({ domain, reply }) => {
      sources.attention.of(domain.domain, true);
      return reply.redirect('/console', 303);
    });
  },
};

async function showOverview(
  { reader, domain, context, send, refuse }: AdminRequest,
  { traffic, attention }: ConsoleSources,
): Promise<FastifyReply> {
  const words = OVERVIEW_WORDS[reader.language];
  const [counted, signedIn] = await Promise.all([traffic.of(domain.domain), domain.readSessions(context)]);
  if ('problem' in signedIn) return refuse(signedIn.problem);
  const view = {
    spans: viewTraffic(counted, reader, words),
    signedIn: viewSignedIn(signedIn, words),
    attention: viewAttention(attention.of(domain.domain), reader, words),
  };
  return send({ template: 'overview', title: words.title, words, view });
}
