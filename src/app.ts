import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

import type { FastifyInstance } from 'fastify';

import type { LookupEvent } from './core/lookup-event.ts';
import type { Lookup } from './service/lookup.ts';
import { systemClock, type Clock } from './core/clock.ts';
import { registerCallerId, CALLER_ID_EARLY } from './endpoints/caller-id/caller-id.ts';
import { registerApi } from './endpoints/v1/route.ts';
import { V1_EARLY } from './endpoints/v1/problem-answer.ts';
import { registerApiPages, routesOf } from './endpoints/v1/routes.ts';
import { registerThreeCx } from './endpoints/caller-id/three-cx.ts';
import { createCallHub, type CallHub } from './events/call-hub.ts';
import { lazyChannel } from './events/call-channel.ts';
import { CARD_EARLY } from './endpoints/card/problem-words.ts';
import { registerCard } from './endpoints/card/card.ts';
import type { LivePop } from './endpoints/card/call-events.ts';
import { differingSettings, domainsOf, isPerDomain } from './config/domains.ts';
import type { Config, SettingName } from './config/settings.ts';
import { createDomains, DOMAIN_LIMITS, type DomainLimits, type Domains } from './domain/domains.ts';
import type { DomainChanges } from './domain/entries.ts';
import { goapiOverloadAnswerOf } from './endpoints/goapi/answers.ts';
import { GOAPI_PATHS, createGoapiHandler, isGoapiTarget } from './endpoints/goapi/handler.ts';
import { addHealth, addMetrics } from './http/monitoring.ts';
import { createLog, createLookupLog, type Log } from './observe/log.ts';
import { createEventStreams, type EventStreams } from './http/event-streams.ts';
import { createClientReader, createRequestIds } from './http/request-context.ts';
import { createFastify } from './http/fastify.ts';
import { createListener, type Listener, type RequestHandler } from './http/listener.ts';
import type { EarlyAnswers } from './http/problem-answer.ts';
import { createStaticPages, type StaticPages } from './http/static-pages.ts';
import { changeTls, readTls, type Tls } from './http/tls.ts';
import { describeError } from './core/problem.ts';
import type { Store } from './core/store.ts';
import type { Snapshot, Source } from './observe/exposition.ts';
import { createMetrics, readDomains } from './observe/metrics.ts';

// Commands reach the documented answer through here.
export { GOAPI_PATHS } from './endpoints/goapi/handler.ts';
export { writeCustomerJson } from './endpoints/goapi/render.ts';

/** Parts that a test or a command replaces. */
export interface AppOverrides {
  /** The store of the only domain. */
  readonly store?: Store;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Gets every lookup, besides log and metrics. */
  readonly onEvent?: (event: LookupEvent) => void;
  readonly limits?: Partial<DomainLimits>;
  /** The certificate, if it was read already. */
  readonly tls?: Tls | undefined;
  /** Between two heartbeats to an open card. */
  readonly heartbeatMs?: number | undefined;
  /** The metrics of all workers, as text, where this process is one of several; throws while it cannot get them. */
  readonly writeMetrics?: () => Promise<string>;
}

/** The changes that a reload made to a running app. */
export interface Reloaded extends DomainChanges {
  /** Settings that differ and count at the next start only. */
  readonly atNextStart: readonly SettingName[];
  /** Whether new connections get another certificate. */
  readonly otherCertificate: boolean;
}

export interface App {
  /** Handles a request without a port, for tests. */
  readonly handle: RequestHandler;
  /** Resolves once `handle` may be called. */
  ready(): Promise<void>;
  /** The lookup of the only domain. */
  readonly lookup: Lookup;
  /** The metrics of this process. */
  measure(): Snapshot;
  /** @returns the URL it listens on, such as `http://127.0.0.1:8080` */
  listen(): Promise<string>;
  /**
   * Serves the domains of another configuration from the next request on; no request is dropped.
   *
   * @param tls its certificate, if it was read already
   * @throws {StoreRefusal | AuditRefusal | TlsRefusal} the only domain or the certificate cannot be used; all stays as it
   *   was
   */
  reload(config: Config, tls?: Tls): Reloaded;
  /** Answers what was accepted, then closes the stores. */
  close(): Promise<void>;
}

/**
 * Wires the modules together. Nothing listens yet.
 *
 * @throws {StoreRefusal | AuditRefusal} the only domain cannot be used; among several domains it may come to be later
 * @throws {TlsRefusal} the certificate cannot be used
 */
export function createApp(config: Config, overrides: AppOverrides = {}): App {
  const { log = createLog(config.logLevel), tls = readTls(config) } = overrides;
  const streams = createEventStreams();
  const clients = createClientReader(config.trustedProxies);
  const { addressOf } = clients;
  const listener = createListener({ tls, streams, overloadAnswer, addressOf });
  const calls = openCalls(config, log, overrides);
  const sources = [readDomains(() => domains.states()), readShared(listener, log, calls)];
  const names = domainsOf(config).map(({ name }) => name);
  const metrics = createMetrics(names, sources);
  const naming = { namesDomains: config.domains.length > 0 };
  const domains = openDomains(config, { log, naming, count: metrics.count }, overrides);
  const server = {
    log,
    trustedProxies: config.trustedProxies,
    nextRequestId: createRequestIds(),
    ...listener,
  };
  const fastify = createFastify({
    ...server,
    undecodableAnswer: (target) => earlyAnswersOf(target)?.undecodable,
    documentedPaths: DOCUMENTED_PATHS,
  });
  addHealth(fastify, () => domains.isReady());
  addMetrics(fastify, config, overrides.writeMetrics ?? (() => metrics.write()));
  const pages = createStaticPages({ ...server, domains, clients, clock: overrides.clock ?? systemClock });
  registerEndpoints(fastify, domains, pages, { calls, streams, heartbeatMs: overrides.heartbeatMs });
  const goapi = createGoapiHandler({ ...server, domains, clients });
  listener.serve((request, response) => {
    if (isGoapiTarget(request.url ?? '')) goapi(request, response);
    else if (!pages.answer(request, response)) fastify.routing(request, response);
  });

  return {
    handle: listener.handle,
    async ready() {
      await fastify.ready();
    },
    lookup(request) {
      if (domains.only === undefined) throw new Error('there are several domains');
      return domains.only.lookup(request);
    },
    measure: metrics.snapshot,
    async listen() {
      if (config.metrics.length > 0) metrics.start();
      await fastify.ready();
      const address = await listener.listen({ host: config.host, port: config.port });
      return urlOf(address, tls !== undefined);
    },
    reload: createReload(config, { domains, streams, calls, listener, tls, naming }),
    async close() {
      await listener.close();
      await fastify.close();
      metrics.stop();
      await Promise.all([domains.close(), calls.close()]);
    },
  };
}

/** @param parts of the running app; without `tls` it speaks no TLS for as long as it runs */
function createReload(
  first: Config,
  parts: {
    domains: Domains;
    streams: EventStreams;
    calls: CallHub;
    listener: Listener;
    tls: Tls | undefined;
    naming: Naming;
  },
): App['reload'] {
  const { domains, streams, calls, listener, tls, naming } = parts;
  let certificate = tls;
  return (next, nextTls = readTls(next)) => {
    const changes = domains.reload(domainsOf(next));
    naming.namesDomains = next.domains.length > 0;
    // Open cards reconnect by themselves; otherwise they would stay with stores that are closed.
    const others = [...changes.changed, ...changes.removed];
    streams.endOf(others);
    // Somebody else may have the name in the store that comes now.
    calls.forget(others);
    const after = tls === undefined ? undefined : nextTls;
    const otherCertificate = after !== undefined && !isDeepStrictEqual(certificate, after);
    if (otherCertificate) changeTls(listener.server, (certificate = after));
    const isTlsFile = (name: SettingName) => name === 'tlsCert' || name === 'tlsKey';
    const counts = (name: SettingName) => isPerDomain(name) || (isTlsFile(name) && after !== undefined);
    const atNextStart = differingSettings(first, next).filter((name) => !counts(name));
    return { ...changes, atNextStart, otherCertificate };
  };
}

function urlOf({ address, family, port }: AddressInfo, isEncrypted: boolean): string {
  return `${isEncrypted ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The endpoint that a target belongs to, the first that matches; undefined: the documented protocol, or none. */
function earlyAnswersOf(target: string): EarlyAnswers | undefined {
  return [CALLER_ID_EARLY, V1_EARLY, CARD_EARLY].find(({ targets }) => targets.test(target));
}

/** Whom a typing error leads beside, who learns it. Without `/metrics`, which is an unknown path to whom it is not open. */
const DOCUMENTED_PATHS = [
  ...GOAPI_PATHS,
  ...['/v1/leads', '/v1/leads/lookup', '/v1/calls', '/v1/caller-id', '/card', '/integrations/3cx.xml'],
  ...['/openapi.json', '/docs', '/healthz', '/readyz'],
];

function overloadAnswer(target: string) {
  return earlyAnswersOf(target)?.overload ?? goapiOverloadAnswerOf(target);
}

function registerEndpoints(app: FastifyInstance, domains: Domains, pages: StaticPages, live: LivePop): void {
  registerApi(app, domains, routesOf(live.calls));
  registerApiPages(app, pages);
  registerCallerId(app, domains);
  registerThreeCx(app, domains);
  registerCard(app, domains, live, pages);
}

function openCalls({ redis }: Config, log: Log, { clock = systemClock }: AppOverrides): CallHub {
  if (redis === '') return createCallHub(clock);
  const logLost = (cause: unknown) =>
    log.error(
      { reason: describeError(cause) },
      'Redis cannot be used: calls reach only cards of this process',
    );
  const openChannel = lazyChannel(async () => {
    const { openRedisChannel } = await import('./events/redis-channel.ts');
    return openRedisChannel(redis, ({ level, message, reason }) => log[level]({ reason }, message), clock);
  }, logLost);
  return createCallHub(clock, openChannel);
}

/** Metrics of what the domains share. */
function readShared(listener: Listener, { lines }: Log, calls: CallHub): Source {
  return (collector) => {
    const { cards, notified } = calls.counts();
    collector.put('callercard_overload_refused_total', listener.shed);
    collector.put('callercard_slow_connections_closed_total', listener.unread);
    collector.put('callercard_log_lines_dropped_total', lines.droppedLines);
    collector.put('callercard_log_buffered_bytes', lines.bufferedBytes);
    collector.put('callercard_cards_open', cards);
    collector.put('callercard_call_notifications_total', notified);
  };
}

/** Whether log lines name their domain; a reload may change it. */
interface Naming {
  namesDomains: boolean;
}

/** @param count counts a lookup in the metrics */
function openDomains(
  config: Config,
  { log, naming, count }: { log: Log; naming: Naming; count: (event: LookupEvent) => void },
  { clock = systemClock, limits, onEvent, store }: AppOverrides,
): Domains {
  const observers = [createLookupLog(log, naming), count, ...(onEvent === undefined ? [] : [onEvent])];
  return createDomains(domainsOf(config), {
    clock,
    limits: { ...DOMAIN_LIMITS, ...limits },
    store,
    observers,
    log(domain, { level, message, cause }) {
      log[level]({ ...(naming.namesDomains ? { domain } : {}), err: cause }, message);
    },
  });
}
