/** `npm run flood`: overload, floods of wrong passwords and made-up names, clients that hold connections. About five minutes; `--json`. */
import { badClientRows } from './flood/bad-clients.ts';
import { mariadbSkip } from '../test/support/mariadb-server.ts';
import { startFloodDialer } from './flood/dialer-server.ts';
import { idleRow } from './flood/idle.ts';
import { lockRows, madeUpNameRows } from './flood/made-up-names.ts';
import { neverReadingRows } from './flood/never-reading.ts';
import { overloadRows } from './flood/overload.ts';
import { passwordFloodRows } from './flood/password-flood.ts';
import { writeRows, type FloodRow } from './flood/row.ts';
import { startFloodServer } from './flood/server.ts';
import { sharedNumberRows } from './flood/shared-number.ts';

const asJson = process.argv.includes('--json');
const log = (progress: string) => process.stderr.write(`${progress}\n`);

log('making a store');
const server = await startFloodServer();
const rows: FloodRow[] = [];
try {
  // The memory of a process that has served nothing yet would grow for other reasons: idle connections come last.
  rows.push(...(await overloadRows(server, log)));
  rows.push(...(await passwordFloodRows(server, log)));
  rows.push(...(await sharedNumberRows(server, log)));
  rows.push(...(await madeUpNameRows(server, log)));
  rows.push(...(await lockRows(server, log)));
  rows.push(...(await badClientRows(server, log)));
  rows.push(...(await neverReadingRows(server, log)));
  rows.push(await idleRow(server, log));
} finally {
  await server.stop();
}
if (mariadbSkip === false) {
  log('making a dialer');
  const dialer = await startFloodDialer();
  try {
    rows.push(...(await passwordFloodRows(dialer, log, 'dialer with bcrypt')));
    rows.push(...(await madeUpNameRows(dialer, log, 'dialer with bcrypt')));
    rows.push(...(await lockRows(dialer, log, 'dialer with bcrypt')));
  } finally {
    await dialer.stop();
  }
} else {
  log(`no dialer: ${mariadbSkip}`);
}
process.stdout.write(asJson ? `${JSON.stringify(rows, undefined, 2)}\n` : `${writeRows(rows)}\n`);
if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
