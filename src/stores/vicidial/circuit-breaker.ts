import type { DialerFailureError, FailureKind } from './failure.ts';

/** How often a server that failed is tried again. */
const PROBE_MS = 250;
/** So many statements given up for their time, none answered between them, and the server counts as failed. */
const SLOW_LIMIT = 3;

/** After one of these, nothing more is asked of a server until it has answered a probe. */
const FATAL: ReadonlySet<FailureKind> = new Set(['unreachable', 'not ready', 'silent']);

/** Whether a server can be counted on. One that failed is left out, tried again all the time, and never given up. */
export interface CircuitBreaker {
  /** undefined: it can be counted on. */
  failure(): DialerFailureError | undefined;
  noteAnswer(): void;
  noteFailure(failure: DialerFailureError): void;
  close(): void;
}

export interface BreakerActions {
  /** Asks the server what every request asks; rejects while it cannot answer. */
  readonly probe: () => Promise<unknown>;
  readonly onFailed: (failure: DialerFailureError) => void;
  readonly onBack: () => void;
}

export function createCircuitBreaker({ probe, onFailed, onBack }: BreakerActions): CircuitBreaker {
  let failure: DialerFailureError | undefined;
  let slowInARow = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function probeLater(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      probe().then(recover, probeLater);
    }, PROBE_MS);
    timer.unref();
  }

  function recover(): void {
    failure = undefined;
    slowInARow = 0;
    if (!isClosed) onBack();
  }

  return {
    failure: () => failure,
    noteAnswer() {
      slowInARow = 0;
    },
    noteFailure(found) {
      if (found.kind === 'slow') slowInARow += 1;
      if (failure !== undefined || isClosed) return;
      if (!FATAL.has(found.kind) && slowInARow < SLOW_LIMIT) return;
      failure = found;
      onFailed(found);
      probeLater();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
