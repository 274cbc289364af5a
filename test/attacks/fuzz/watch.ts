import { PASSWORD } from '../../service/lookup-fixture.ts';
import { PATH } from './dictionary.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { WATCHER } from './fuzz-target.ts';
import { formOf } from './good-request.ts';
import { talk } from './talk.ts';

/** A warm process may still grow by this much: state about unknown clients has a limit, but is not small. */
const GROWTH_MIB = 192;
const MIB = 1024 * 1024;
/** A share of the time, after which a process counts as warm. */
const WARM = 0.3;
/** A process that is younger grows, because it is young. */
const LEAST_SECONDS = 30;

/** Looks after a server that is fuzzed. */
export interface Watch {
  /** Asks a good request, and reads the log since the last time; what is wrong, if anything. */
  look(): Promise<string | undefined>;
  /** Whether the memory has grown beyond its limit. */
  growth(): string | undefined;
  grownMib(): number | undefined;
  watched(): number;
}

/** @throws {Error} the server is not right to begin with */
export async function createWatch(target: FuzzTarget, seconds: number): Promise<Watch> {
  const warmAt = performance.now() + seconds * 1_000 * WARM;
  let warmBytes: number | undefined;
  let [readTo, watched] = [0, 0];
  const ask = async () => {
    const form = formOf([
      ['goUser', WATCHER],
      ['goPass', PASSWORD],
      ['goAction', 'goGetCustomerInfo'],
      ['responsetype', 'json'],
      ['lead_id', '7'],
    ]);
    const bytes = Buffer.from(`GET ${PATH}?${form} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const { answers } = await talk(target.url, {
      words: 'good',
      pieces: [bytes],
      found: [],
      mayFind: true,
      isWhole: true,
    });
    return answers[0]?.text ?? '';
  };
  const right = await ask();
  if (!right.includes('"lead_id":7,')) throw new Error(`the server is not right: ${right}`);

  function grownMib(): number | undefined {
    const now = target.memory();
    return now === undefined || warmBytes === undefined ? undefined : Math.round((now - warmBytes) / MIB);
  }

  return {
    async look() {
      if (warmBytes === undefined && performance.now() > warmAt) warmBytes = target.memory();
      const text = await ask();
      if (text !== right && !text.includes('is busy'))
        return `a good request of another user got: ${text.slice(0, 200)}`;
      watched += 1;
      const said = target.said();
      const end = said.lastIndexOf('\n') + 1;
      const fault = said.slice(readTo, end).split('\n').find(isFault);
      readTo = end;
      return fault === undefined ? undefined : `the log says: ${fault.slice(0, 600)}`;
    },
    growth() {
      const grown = grownMib();
      return grown !== undefined && seconds >= LEAST_SECONDS && grown > GROWTH_MIB
        ? `the memory grew by ${grown} MiB`
        : undefined;
    },
    grownMib,
    watched: () => watched,
  };
}

/** A line of the log about an error, or one that is no line of the log nor the command's own. */
function isFault(line: string): boolean {
  if (line === '') return false;
  if (!line.startsWith('{')) return !/^callercard[ :]/.test(line) || line.includes('unexpected fault');
  return Number(/^\{"level":(\d+)/.exec(line)?.[1]) >= 50;
}
