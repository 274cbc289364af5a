import { constants, fstatSync, openSync, type Stats } from 'node:fs';

/** Standard error: what a service's log is read from. */
const STDERR = 2;

/**
 * The same file, pipe, socket or terminal as behind this descriptor, such that a write never waits for its reader: where it
 * is full, the write fails with EAGAIN.
 *
 * @returns the descriptor itself where there is no other way, or no need: files do not wait
 */
export function openWithoutWaiting(fileDescriptor: number): number {
  const kind = fstatSync(fileDescriptor);
  if (kind.isFIFO() || kind.isCharacterDevice()) {
    try {
      // Opened anew, so that others who write there, the shell for one, go on as before.
      return openSync(
        `/proc/self/fd/${fileDescriptor}`,
        constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
      );
    } catch {
      // Another system, or a pipe that belongs to another user.
    }
  }
  // A socket cannot be opened again (systemd's journal is one). Node itself makes it so when it opens standard error.
  return fileDescriptor === STDERR && isStream(kind) ? process.stderr.fd : fileDescriptor;
}

function isStream(kind: Stats): boolean {
  return kind.isFIFO() || kind.isSocket();
}
