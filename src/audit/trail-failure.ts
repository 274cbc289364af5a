import type { AuditEvent } from './trail-files.ts';

/** The fault of a trail that cannot be written, from its first failure until a try succeeds. */
export interface TrailFailure {
  /** undefined: there is none. */
  readonly cause: { readonly of: unknown } | undefined;
  begin(cause: unknown): void;
  /** Ends the tries; the next record is one. */
  forget(): void;
}

export interface TrailFailureOptions {
  readonly folder: string;
  readonly tell: (event: AuditEvent) => void;
  readonly retryMs: number;
  /** Tries to write. */
  readonly retry: () => void | Promise<void>;
}

/** Tries by itself, whether somebody asks or not; told once, and when it is over. */
export function createTrailFailure({ folder, tell, retryMs, retry }: TrailFailureOptions): TrailFailure {
  let cause: TrailFailure['cause'];
  let timer: NodeJS.Timeout | undefined;
  let isTrying = false;

  function forget(): void {
    clearInterval(timer);
    [cause, timer] = [undefined, undefined];
  }

  async function tryAgain(): Promise<void> {
    if (isTrying) return;
    isTrying = true;
    try {
      await retry();
      if (cause !== undefined)
        tell({ level: 'info', message: `the audit can be written again in ${folder}` });
      forget();
    } catch (again) {
      if (cause !== undefined) cause = { of: again };
    } finally {
      isTrying = false;
    }
  }

  return {
    get cause() {
      return cause;
    },
    begin(of) {
      if (cause === undefined) {
        tell({ level: 'error', message: `the audit cannot be written in ${folder}`, cause: of });
      }
      cause = { of };
      timer ??= setInterval(() => void tryAgain(), retryMs).unref();
    },
    forget,
  };
}
