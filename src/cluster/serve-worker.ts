import { createApp, type App } from '../app.ts';
import { ProblemError } from '../core/problem.ts';
import { EXIT, type ExitCode, explain, problemsOf } from '../process/exit-code.ts';
import { onUncaught } from '../process/signals.ts';
import { firstAdminOf, serveApp, type ServedSettings } from '../process/serve-app.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { type Command, PendingReplies, type ReloadResult, type WorkerEvent } from './ipc.ts';
import { createPrimaryLink } from './primary-link.ts';

/** How often a worker sends its metrics unasked. */
const MEASURE_EVERY_MS = 1_000;
/** The primary gives its workers a second. */
const METRICS_MS = 3_000;

// The first file of a worker's process: src/cluster/worker-process.ts starts it.
process.exit(await serveAsWorker(createTerminal(process.stdin, process.stdout, process.stderr)));

/** Serves as one of several workers until the primary or a signal ends that. */
async function serveAsWorker(terminal: Terminal): Promise<ExitCode> {
  const started = Promise.withResolvers<ServedSettings>();
  const stopped = Promise.withResolvers<ExitCode>();
  const allMetrics = new PendingReplies<string | undefined>();
  const link = createPrimaryLink(sendWith);
  let app: App | undefined;
  const sendMetrics = (id: number) => send({ event: 'measured', id, metrics: app?.measure() ?? new Map() });

  process.on('message', (command: Command) => {
    if (command.command === 'serve') started.resolve(command.settings);
    else if (command.command === 'stop') stopped.resolve(EXIT.ok);
    else if (command.command === 'measure') sendMetrics(command.id);
    else if (command.command === 'metrics') allMetrics.resolve(command.id, command.text);
    else if (command.command === 'reload') {
      send({ event: 'reloaded', id: command.id, ...reload(app, command.settings) });
    } else link.take(command);
  });
  process.once('disconnect', () => link.end());
  // A terminal sends its signals to every process; the primary counts them and acts on them.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve(EXIT.ok));
  process.on('SIGHUP', () => undefined);
  onUncaught(terminal, () => {
    send({ event: 'failing' });
    stopped.resolve(EXIT.failed);
  });

  try {
    const settings = await Promise.race([started.promise, stopped.promise.then(() => undefined)]);
    if (settings !== undefined) {
      app = createApp(settings.config, {
        tls: settings.tls,
        shown: settings.shown,
        firstAdmin: firstAdminOf(settings.firstSecret, (domain) => send({ event: 'no users', domain })),
        writeMetrics: () => requestMetrics(allMetrics),
        openRelay: link.openRelay,
        openLease: link.openLease,
        cardsOpen: () => link.cardsOpen(),
      });
      setInterval(() => sendMetrics(0), MEASURE_EVERY_MS).unref();
      const onListening = (url: string) => send({ event: 'listening', url });
      await serveApp(app, settings.config, onListening, stopped.promise);
      sendMetrics(0);
    }
    return await stopped.promise;
  } catch (error) {
    return explain(error, terminal);
  }
}

/** @throws {ProblemError} the primary does not answer */
async function requestMetrics(allMetrics: PendingReplies<string | undefined>): Promise<string> {
  const text = await allMetrics.request((id) => send({ event: 'metrics wanted', id }), METRICS_MS, undefined);
  if (text === undefined) throw new ProblemError({ code: 'overloaded', retryAfterSeconds: 1 });
  return text;
}

function reload(app: App | undefined, { config, tls, shown }: ServedSettings): ReloadResult {
  if (app === undefined) return { problems: ['a worker is not ready yet'] };
  try {
    return { reloaded: app.reload(config, tls, shown) };
  } catch (cause) {
    return { problems: problemsOf(cause) };
  }
}

/** Without a primary the event is lost, and this process is about to end. */
function send(event: WorkerEvent): void {
  sendWith(event, () => undefined);
}

/** @param done called with an error where the event is lost */
function sendWith(event: WorkerEvent, done: (lost: Error | null) => void): void {
  if (process.send === undefined) done(new Error('there is no primary'));
  else process.send(event, undefined, undefined, done);
}
