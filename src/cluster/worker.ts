import { createApp, type App } from '../app.ts';
import { ProblemError } from '../core/problem.ts';
import { EXIT, type ExitCode, explain, problemsOf } from '../process/exit-code.ts';
import { onUncaught } from '../process/signals.ts';
import { serveApp, type ServedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import { createPendingReplies, type PendingReplies } from './pending-replies.ts';
import type { Command, ReloadAnswer, WorkerEvent } from './messages.ts';

/** How often a worker says of itself what it has measured. */
const MEASURE_EVERY_MS = 1_000;
/** The primary gives its workers a second; one that needs longer has other worries. */
const METRICS_MS = 3_000;

/** Serves as one of several workers, by the orders of the primary, until it or a signal ends that. */
export async function serveAsWorker(terminal: Terminal): Promise<ExitCode> {
  const started = Promise.withResolvers<ServedSettings>();
  const stopped = Promise.withResolvers<ExitCode>();
  const metricsOfAll = createPendingReplies<string | undefined>();
  let app: App | undefined;
  const tellMeasured = (id: number) =>
    tell({ report: 'measured', id, measured: app?.measure() ?? new Map() });

  process.on('message', (order: Command) => {
    if (order.order === 'serve') started.resolve(order.settings);
    else if (order.order === 'stop') stopped.resolve(EXIT.ok);
    else if (order.order === 'measure') tellMeasured(order.id);
    else if (order.order === 'metrics') metricsOfAll.take(order.id, order.text);
    else tell({ report: 'reloaded', id: order.id, ...reload(app, order.settings) });
  });
  // A terminal sends its signals to every process; the primary counts them and says what they mean.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve(EXIT.ok));
  process.on('SIGHUP', () => undefined);
  onUncaught(terminal, () => {
    tell({ report: 'failing' });
    stopped.resolve(EXIT.failed);
  });

  try {
    const settings = await Promise.race([started.promise, stopped.promise.then(() => undefined)]);
    if (settings !== undefined) {
      app = createApp(settings.config, {
        tls: settings.tls,
        writeMetrics: () => askForMetrics(metricsOfAll),
      });
      setInterval(() => tellMeasured(0), MEASURE_EVERY_MS).unref();
      const onListening = (url: string) => tell({ report: 'listening', url });
      await serveApp(app, settings.config, { onListening, stopped: stopped.promise });
      tellMeasured(0);
    }
    return await stopped.promise;
  } catch (error) {
    return explain(error, terminal);
  }
}

/** @throws {ProblemError} the primary does not say */
async function askForMetrics(answers: PendingReplies<string | undefined>): Promise<string> {
  const text = await answers.ask((id) => tell({ report: 'metrics wanted', id }), METRICS_MS, undefined);
  if (text === undefined) throw new ProblemError({ code: 'overloaded', retryAfterSeconds: 1 });
  return text;
}

function reload(app: App | undefined, { config, tls }: ServedSettings): ReloadAnswer {
  if (app === undefined) return { problems: ['a worker is not ready yet'] };
  try {
    return { reloaded: app.reload(config, tls) };
  } catch (cause) {
    return { problems: problemsOf(cause) };
  }
}

/** Where the primary is gone, nobody listens, and this process is about to end. */
function tell(report: WorkerEvent): void {
  process.send?.(report, undefined, undefined, () => undefined);
}
