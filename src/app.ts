import { isDeepStrictEqual } from 'node:util';

import type { FastifyInstance } from 'fastify';

import type { OpenRelay } from './core/call-relay.ts';
import type { OpenLease } from './core/lease.ts';
import type { LookupEvent } from './core/lookup-event.ts';
import type { Lookup } from './service/lookup.ts';
import { systemClock, type Clock } from './core/clock.ts';
import { callerIdTarget, registerCallerId, CALLER_ID_EARLY } from './endpoints/caller-id/caller-id.ts';
import { registerApi } from './endpoints/v1/route.ts';
import { V1_EARLY } from './endpoints/v1/problem-answer.ts';
import { registerApiPages, routesOf } from './endpoints/v1/routes.ts';
import { registerThreeCx } from './endpoints/caller-id/three-cx.ts';
import { PAGES_EARLY } from './endpoints/pages/problem-words.ts';
import { registerCard } from './endpoints/card/card.ts';
import { registerConsole } from './endpoints/console/console.ts';
import type { ConsoleSources } from './endpoints/console/sources.ts';
import type { LivePop } from './endpoints/card/call-events.ts';
import { differingSettings, domainsOf, isPerDomain } from './config/domains.ts';
import type { Config, SettingName } from './config/settings.ts';
import { settingsOfDomain, type ShownSetting } from './config/show.ts';
import { openCalls, type OpenCalls } from './domain/open-calls.ts';
import { type ConnectorsOptions, type OpenConnectors, openConnectors } from './domain/open-connectors.ts';
import type { FirstAdminOptions } from './domain/domain.ts';
import { createDomains, DOMAIN_LIMITS, type DomainLimits, type Domains } from './domain/domains.ts';
import type { DomainChanges } from './domain/entries.ts';
import { goapiOverloadAnswerOf } from './endpoints/goapi/answers.ts';
import { GOAPI_PATHS, createGoapiHandler, isGoapiTarget } from './endpoints/goapi/handler.ts';
import { LEADS_PATH, USERS_PATH } from './endpoints/goapi/other-actions.ts';
import { POP_EARLY, registerPop } from './endpoints/pop/pop.ts';
import { NON_AGENT_EARLY, NON_AGENT_PATHS, registerNonAgent } from './endpoints/non-agent/non-agent.ts';
import { addHealth, addMetrics } from './http/monitoring.ts';
import { createLog, createLookupLog, type Log, logFailedInspections } from './observe/log.ts';
import { createEventStreams, type EventStreams } from './http/event-streams.ts';
import { createClientReader, createRequestIds } from './http/request-context.ts';
import { createFastify } from './http/fastify.ts';
import { createListener, type Listener, type RequestHandler, urlOf } from './http/listener.ts';
import type { EarlyAnswers } from './http/problem-answer.ts';
import { createStaticPages, type StaticPages } from './http/static-pages.ts';
import { changeTls, readTls, type Tls } from './http/tls.ts';
import type { Store } from './core/store.ts';
import type { Snapshot } from './observe/exposition.ts';
import { createAttention } from './diagnostics/attention.ts';
import { createServerMetrics } from './observe/server-metrics.ts';

// The demo says where to ask.
export { GOAPI_PATHS } from './endpoints/goapi/handler.ts';

/** Parts that a test or a command replaces. */
export interface AppOverrides {
  /** The store of the only domain. */
  readonly store?: Store;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Gets every lookup, besides log and metrics. */
  readonly onEvent?: (event: LookupEvent) => void;
  readonly limits?: Partial<DomainLimits>;
  /** The user of the documentation is meant to be there. */
  readonly isDemo?: boolean;
  /** The certificate, if it was read already. */
  readonly tls?: Tls | undefined;
  /** How first admins are made; undefined: by commands alone. */
  readonly firstAdmin?: FirstAdminOptions | undefined;
  /** The settings as the console shows them. */
  readonly shown?: readonly ShownSetting[] | undefined;
  /** Between two heartbeats to an open card. */
  readonly heartbeatMs?: number | undefined;
  /** The metrics of all workers, as text, where this process is one of several; throws while it cannot get them. */
  readonly writeMetrics?: () => Promise<string>;
  /** Carries calls between the workers, where this process is one of several. */
  readonly openRelay?: OpenRelay;
  /** What one of the workers does, where this process is one of several; without it this one does all. */
  readonly openLease?: OpenLease;
  /** Whether any of the workers has an open card; not given: this process knows all that are open. */
  readonly cardsOpen?: () => boolean;
  /** The times of connections to Asterisk, for tests. */
  readonly asteriskTimes?: ConnectorsOptions['asteriskTimes'];
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
  reload(config: Config, tls?: Tls, shown?: readonly ShownSetting[]): Reloaded;
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
  const { trustedProxies } = config;
  const clients = createClientReader(trustedProxies);
  const listener = createListener({ tls, streams, overloadAnswer, addressOf: clients.addressOf });
  const calls = openCalls(config, log, overrides);
  const { clock = systemClock, writeMetrics } = overrides;
  const sources = { states: () => domains.states(), connectors: () => connectors.asterisks() };
  const metrics = openMetrics(config, { ...sources, listener, log, calls }, overrides);
  const naming = { namesDomains: config.domains.length > 0, config, shown: overrides.shown ?? [] };
  const attention = createAttention(() => domainsOf(naming.config), clock, logFailedInspections(log, naming));
  const domains = openDomains(config, { log, naming, count: metrics.count }, overrides);
  const connectors = openConnectors({ ...overrides, log, calls, domainNamed: (name) => domains.named(name) });
  const server = { log, trustedProxies, nextRequestId: createRequestIds(), ...listener };
  const fastify = createFastify({ ...server, ...TARGETS });
  addHealth(fastify, () => domains.isReady());
  addMetrics(fastify, config, writeMetrics ?? (() => metrics.write()));
  const pages = createStaticPages({ ...server, domains, clients, clock });
  const live = { calls, streams, heartbeatMs: overrides.heartbeatMs };
  const settings: ConsoleSources['settings'] = (name) => settingsOfDomain(naming.shown, name);
  registerEndpoints(fastify, domains, pages, {
    live,
    console: { traffic: metrics.traffic, attention, settings },
  });
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
      metrics.start();
      await fastify.ready();
      const address = await listener.listen({ host: config.host, port: config.port });
      connectors.take(config);
      // Of several, each when somebody comes who cannot sign in: most are not open yet.
      void domains.only?.lacksUsers();
      return urlOf(address, tls !== undefined);
    },
    reload: createReload(config, { domains, streams, calls, connectors, listener, tls, naming }),
    async close() {
      await Promise.all([listener.close(), connectors.close()]);
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
    calls: OpenCalls;
    connectors: OpenConnectors;
    listener: Listener;
    tls: Tls | undefined;
    naming: Naming;
  },
): App['reload'] {
  const { domains, streams, calls, connectors, listener, tls, naming } = parts;
  let certificate = tls;
  return (next, nextTls = readTls(next), shown = []) => {
    const changes = domains.reload(domainsOf(next));
    naming.namesDomains = next.domains.length > 0;
    Object.assign(naming, { config: next, shown });
    // Open cards reconnect by themselves; otherwise they would stay with stores that are closed.
    const others = [...changes.changed, ...changes.removed];
    streams.endOf(others);
    // Somebody else may have the name in the store that comes now.
    calls.forget(others);
    calls.takeDomains(next);
    connectors.take(next);
    const after = tls === undefined ? undefined : nextTls;
    const otherCertificate = after !== undefined && !isDeepStrictEqual(certificate, after);
    if (otherCertificate) changeTls(listener.server, (certificate = after));
    const isTlsFile = (name: SettingName) => name === 'tlsCert' || name === 'tlsKey';
    const counts = (name: SettingName) => isPerDomain(name) || (isTlsFile(name) && after !== undefined);
    const atNextStart = differingSettings(first, next).filter((name) => !counts(name));
    return { ...changes, atNextStart, otherCertificate };
  };
}

/** The endpoint that a target belongs to, the first that matches; undefined: the documented protocol, or none. */
function earlyAnswersOf(target: string): EarlyAnswers | undefined {
  return [CALLER_ID_EARLY, V1_EARLY, PAGES_EARLY, POP_EARLY, NON_AGENT_EARLY].find(({ targets }) =>
    targets.test(target),
  );
}

/** Whom a typing error leads beside, who learns it. Without `/metrics`, which is an unknown path to whom it is not open. */
const DOCUMENTED_PATHS = [
  ...GOAPI_PATHS,
  LEADS_PATH,
  USERS_PATH,
  ...NON_AGENT_PATHS,
  ...['/v1/leads', '/v1/leads/lookup', '/v1/imports', '/v1/calls', '/v1/caller-id', '/card', '/console'],
  ...['/pop', '/integrations/3cx.xml', '/openapi.json', '/docs', '/healthz', '/readyz'],
];

/** What Fastify learns of targets. */
const TARGETS = {
  undecodableAnswer: (target: string) => earlyAnswersOf(target)?.undecodable,
  targetOf: callerIdTarget,
  documentedPaths: DOCUMENTED_PATHS,
};

function overloadAnswer(target: string) {
  return earlyAnswersOf(target)?.overload ?? goapiOverloadAnswerOf(target);
}

function registerEndpoints(
  app: FastifyInstance,
  domains: Domains,
  pages: StaticPages,
  { live, console }: { readonly live: LivePop; readonly console: ConsoleSources },
): void {
  registerApi(app, domains, routesOf(live.calls));
  registerApiPages(app, pages);
  registerCallerId(app, domains);
  registerPop(app, domains, live.calls);
  registerThreeCx(app, domains);
  registerNonAgent(app, domains);
  registerCard(app, domains, live, pages);
  registerConsole(app, domains, console, pages);
}

function openMetrics(
  config: Config,
  parts: Omit<Parameters<typeof createServerMetrics>[0], 'names'>,
  { clock = systemClock, writeMetrics }: AppOverrides,
) {
  const names = domainsOf(config).map(({ name }) => name);
  const isOpen = config.metrics.length > 0;
  return createServerMetrics({ ...parts, names }, { clock, writeMetrics, isOpen });
}

/** What is served, and whether log lines name their domain; a reload may change it. */
interface Naming {
  namesDomains: boolean;
  config: Config;
  shown: readonly ShownSetting[];
}

/** @param count counts a lookup in the metrics */
function openDomains(
  config: Config,
  { log, naming, count }: { log: Log; naming: Naming; count: (event: LookupEvent) => void },
  { clock = systemClock, limits, onEvent, store, isDemo, firstAdmin }: AppOverrides,
): Domains {
  const observers = [createLookupLog(log, naming), count, ...(onEvent === undefined ? [] : [onEvent])];
  return createDomains(domainsOf(config), {
    clock,
    limits: { ...DOMAIN_LIMITS, ...limits },
    store,
    isDemo,
    firstAdmin,
    observers,
    log(domain, { level, message, cause }) {
      log[level]({ ...(naming.namesDomains ? { domain } : {}), err: cause }, message);
    },
  });
}
