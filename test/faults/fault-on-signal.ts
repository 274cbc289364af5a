import { writeSync } from 'node:fs';

/**
 * Loaded into a server's processes before anything else (NODE_OPTIONS), so that a test can cause what nobody expects:
 * an error on SIGUSR2, a promise that fails unheard on SIGWINCH, a standstill on SIGPWR.
 */
class PlantedError extends TypeError {
  override name = 'PlantedError';
  readonly code = 'PLANTED';
  /** What an error may carry along, and no log may show. */
  readonly sql = "SELECT 'planted-secret'";
}

process.on('SIGUSR2', () => {
  throw new PlantedError('goPass=planted-secret\n    at planted-secret:1:1');
});
process.on('SIGWINCH', () => void Promise.reject(new PlantedError('goPass=planted-secret')));
process.on('SIGPWR', () => {
  writeSync(process.stderr.fd, 'planted: it stands still\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
