import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { withMetricsToken } from '../config/metrics-token.ts';
import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { onStopSignal } from '../process/signals.ts';
import { escapeControls, isReaderGone, printable, writeText, type Terminal } from '../process/terminal.ts';
import { addSettingFlags, type CommandHost, configOf } from './settings-flags.ts';
import { compareScrapes, type TopView } from './top/compare-scrapes.ts';
import { draw, type Viewport } from './top/draw.ts';
import { fetchMetrics, type Scrape, type ScrapeTarget } from './top/fetch-metrics.ts';

interface TopOptions {
  readonly url?: string;
  readonly every?: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

export function addTop(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('top')
    .description(
      'Shows what a running server does until Ctrl-C: lookups a second, their duration, what is refused and why. It reads the metrics of the server: the settings metrics and metricsToken say who may.',
    )
    .option(
      '--url <url>',
      'of the server, such as http://127.0.0.1:8080; by default the one of these settings',
    )
    .option('--every <seconds>', 'how often it asks', '2')
    .option('--once', 'print once, then exit')
    .option('--json', 'print each view as a line of JSON');
  addSettingFlags(command, SETTINGS_OF_SERVER).action((options: TopOptions) =>
    run(() => {
      const config = withMetricsToken(configOf(options, terminal).config);
      const url = options.url === undefined ? urlOf(config) : readUrl(options.url);
      return watch({ url, token: config.metricsToken }, options, terminal);
    }),
  );
}

const SETTINGS_OF_SERVER = ['host', 'port', 'tlsCert', 'tlsKey', 'metricsToken', 'metricsTokenFile'] as const;

async function watch(target: ScrapeTarget, options: TopOptions, terminal: Terminal): Promise<ExitCode> {
  const { url } = target;
  const everyMs = readSeconds(options.every) * 1000;
  const stopping = new AbortController();
  const endListening = onStopSignal(() => stopping.abort());
  const screen = createScreen(terminal);
  const show = async (view: TopView) => {
    if (options.json === true)
      await writeText(terminal.stdout, `${escapeControls(JSON.stringify({ url, ...view }))}\n`);
    else await screen.show(draw(url, view, screen.viewport));
  };
  try {
    // A failure of the first scrape ends the command; a server that goes away later may come back.
    let last: Scrape = await fetchMetrics(target);
    while (await sleep(everyMs, true, { signal: stopping.signal }).catch(() => false)) {
      const next = await fetchMetrics(target).catch((cause: unknown) => {
        if (options.once === true || options.json === true || !(cause instanceof CommandFailure)) throw cause;
        return cause;
      });
      if (next instanceof CommandFailure) {
        await screen.show([printable(next.message)]);
        continue;
      }
      await show(compareScrapes(last, next));
      last = next;
      if (options.once === true) break;
    }
    return EXIT.ok;
  } catch (cause) {
    if (isReaderGone(cause)) return EXIT.ok;
    throw cause;
  } finally {
    screen.leave();
    endListening();
  }
}

/** The URL of the server of these settings, as this machine reaches it. */
function urlOf({ host, port, tlsCert }: Config): string {
  if (port === 0) throw wrongUse('the port is not known; give --url');
  const loopbackOf: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const name = loopbackOf[host] ?? host;
  return `${tlsCert === '' ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return url.origin;
  throw wrongUse(`--url takes an address such as http://127.0.0.1:8080, not "${printable(text)}"`);
}

function readSeconds(text = '2'): number {
  const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (seconds >= 0.1) return seconds;
  throw wrongUse(`--every takes seconds, 0.1 or more, not "${printable(text)}"`);
}

const SMALLEST: Viewport = { columns: 80, rows: 24 };

/** To the alternate screen, without a cursor; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const [HOME, LINE_END, BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];

/** Shows views one after the other. */
export interface Screen {
  readonly viewport: Viewport;
  /** Rejects where the reader is gone. */
  show(lines: readonly string[]): Promise<void>;
  /** Restores the terminal. */
  leave(): void;
}

/** On a terminal each view replaces the one before; elsewhere they follow each other. */
export function createScreen({ stdout }: Pick<Terminal, 'stdout'>): Screen {
  const size = stdout as { readonly columns?: number; readonly rows?: number };
  if (stdout.isTTY !== true) {
    return {
      viewport: { ...SMALLEST, rows: Infinity },
      show: (lines) => writeText(stdout, `${lines.join('\n')}\n`),
      leave: () => undefined,
    };
  }
  let isOn = false;
  const leave = () => {
    if (isOn) stdout.write(LEAVE);
    isOn = false;
  };
  // Also when a second Ctrl-C ends the process at once.
  process.once('exit', leave);
  return {
    get viewport() {
      return { columns: size.columns ?? SMALLEST.columns, rows: size.rows ?? SMALLEST.rows };
    },
    show(lines) {
      if (!isOn) stdout.write(ENTER);
      isOn = true;
      stdout.write(`${HOME}${lines.map((line) => `${line}${LINE_END}\n`).join('')}${BELOW}`);
      return Promise.resolve();
    },
    leave() {
      leave();
      process.off('exit', leave);
    },
  };
}
