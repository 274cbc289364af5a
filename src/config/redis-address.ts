import type { Parsed } from './parsed.ts';

const FORM = 'redis://[USER]:PASSWORD@HOST:6379/0';

/** `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or nothing. */
export function parseRedis(text: string): Parsed<string> {
  if (text === '') return { value: '' };
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return { fault: `must be ${FORM}` };
  const { hostname, username, password, pathname, search, hash } = new URL(text);
  if (hostname === '') return { fault: `names no host; write ${FORM}` };
  // A lone word before the @ is a password that would be taken, and shown, as a name.
  if (username !== '' && password === '') return { fault: `has no password after its user; write ${FORM}` };
  if (!/^\/?\d{0,4}$/.test(pathname) || search !== '' || hash !== '') {
    return { fault: `must end in the number of a database or nothing; write ${FORM}` };
  }
  return { value: text };
}
