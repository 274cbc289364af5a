import type { DomainConfig } from '../config/settings.ts';

/** What runs beside the requests of a domain until it is closed. */
export interface Connector {
  /** Never rejects. */
  close(): Promise<void>;
}

/** A kind of telephone system that reports calls by itself. */
export interface ConnectorKind {
  readonly name: string;
  /** All that the connector of a domain is started by: where it changes, it is started anew. Undefined: there is none. */
  idOf(domain: DomainConfig): string | undefined;
  /** Never throws. */
  start(domain: DomainConfig): Connector;
}

/** Runs the connectors of every domain. */
export function createConnectors(kinds: readonly ConnectorKind[]) {
  const running = new Map<string, { readonly id: string; readonly connector: Connector }>();
  /** One that takes the place of another waits for its end: calls are reported in their order. */
  let ending: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function end(connectors: readonly Connector[]): void {
    ending = Promise.all([ending, ...connectors.map((connector) => connector.close())]);
  }

  async function startLater(
    key: string,
    id: string,
    kind: ConnectorKind,
    domain: DomainConfig,
  ): Promise<void> {
    await ending;
    if (!isClosed && wanted.get(key)?.id === id && !running.has(key))
      running.set(key, { id, connector: kind.start(domain) });
  }

  let wanted: ReadonlyMap<
    string,
    { readonly id: string; readonly kind: ConnectorKind; readonly domain: DomainConfig }
  > = new Map();

  return {
    /** Runs those of these domains from now on. What a reload does not concern goes on. */
    take(domains: readonly DomainConfig[]): void {
      wanted = new Map(
        domains.flatMap((domain) =>
          kinds.flatMap((kind) => {
            const id = kind.idOf(domain);
            return id === undefined ? [] : [[`${kind.name} ${domain.name}`, { id, kind, domain }] as const];
          }),
        ),
      );
      const others = [...running].filter(([key, { id }]) => wanted.get(key)?.id !== id);
      for (const [key] of others) running.delete(key);
      end(others.map(([, { connector }]) => connector));
      for (const [key, { id, kind, domain }] of wanted)
        if (!running.has(key)) void startLater(key, id, kind, domain);
    },
    async close(): Promise<void> {
      isClosed = true;
      end([...running.values()].map(({ connector }) => connector));
      running.clear();
      await ending;
    },
  };
}
