import type { Writable } from 'node:stream';

/** Writes as fast as the reader reads, so that nothing piles up here. */
export function putText(stream: Writable, text: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    // On failure this listener stays: the stream tells its error a second time, after the callback.
    stream.once('error', reject);
    stream.write(text, (cause) => {
      if (cause) {
        reject(cause);
        return;
      }
      stream.off('error', reject);
      resolve();
    });
  });
}

/** The reader (`head`) had enough. */
export function isReaderGone(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}
