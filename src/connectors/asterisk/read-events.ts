/** What the manager interface of Asterisk says at a time: an event or a response, by its headers. */
export type ManagerMessage = ReadonlyMap<string, string>;

export const READ_LIMITS = {
  /** Bytes of a line; what is longer is skipped up to its end. */
  line: 8_192,
  /** Headers of a message; those beyond are skipped. */
  headers: 256,
  /** Characters of all headers of a message; those beyond are skipped: many messages may wait. */
  message: 32_768,
  /** Lines in a row that are no headers: what speaks there is not the manager interface. */
  foreignLines: 16,
} as const;

const LINE_FEED = 10;
/** What Asterisk writes for a value that is not known. */
const UNKNOWN = '<unknown>';

/** The first line that Asterisk says on a connection, with the version of the interface. */
const BANNER = /^Asterisk Call Manager\/(\S{1,40})$/;

export interface ManagerReader {
  /**
   * Reads what came, wherever it was cut.
   *
   * @returns false when this is not the manager interface: nothing more is to be read
   */
  read(chunk: Buffer): boolean;
}

/**
 * Reads the lines of the manager interface: a banner, then messages of `Name: value` lines that an empty line ends, by CRLF or LF.
 * A name that comes twice in a message counts the first time: what others add to an event comes after Asterisk's own headers.
 * Memory is bounded whatever comes.
 *
 * @param on `banner` gets the version of the interface, `message` every message
 */
export function createManagerReader(on: {
  banner(version: string): void;
  message(message: ManagerMessage): void;
}): ManagerReader {
  const lines = createLineReader();
  let hasBanner = false;
  let headers = new Map<string, string>();
  let size = 0;
  let foreign = 0;

  function readBanner(line: string): boolean {
    const [, version] = BANNER.exec(line) ?? [];
    if (version === undefined) return false;
    hasBanner = true;
    on.banner(version);
    return true;
  }

  /** @returns false: too many lines are none of the interface */
  function readLine(line: string): boolean {
    if (!hasBanner) return readBanner(line);
    if (line === '') {
      const whole = headers;
      headers = new Map();
      size = 0;
      if (whole.size > 0) on.message(whole);
      return true;
    }
    const colon = line.indexOf(':');
    if (colon < 1) return ++foreign < READ_LIMITS.foreignLines;
    foreign = 0;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (headers.size >= READ_LIMITS.headers || headers.has(name)) return true;
    if (size + line.length > READ_LIMITS.message) return true;
    size += line.length;
    headers.set(name, value === UNKNOWN ? '' : value);
    return true;
  }

  return {
    read(chunk) {
      for (const line of lines(chunk)) if (line !== undefined && !readLine(line)) return false;
      // A server of another kind may send no line at all.
      return hasBanner || lines.waiting() <= READ_LIMITS.line;
    },
  };
}

/** Cuts bytes into lines. The generator yields undefined for a line that was too long. */
function createLineReader() {
  let held: Buffer[] = [];
  let size = 0;

  function take(piece: Buffer): string | undefined {
    const length = size + piece.length;
    const bytes = length > READ_LIMITS.line ? undefined : Buffer.concat([...held, piece]);
    held = [];
    size = 0;
    return bytes?.toString('utf8').replace(/\r$/, '');
  }

  function hold(piece: Buffer): void {
    size += piece.length;
    if (size <= READ_LIMITS.line) held.push(piece);
    else held = [];
  }

  function* readLines(chunk: Buffer): Generator<string | undefined> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end === -1) break;
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
  }

  return Object.assign(readLines, { waiting: () => size });
}
