import { randomBytes } from 'node:crypto';

/** Ids that are unique across restarts, for log lines that belong together. */
export function createRequestIds(): () => string {
  const run = randomBytes(6).toString('base64url');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}
