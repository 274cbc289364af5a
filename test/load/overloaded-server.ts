/** A server in a process of its own, its limits on one caller raised: `overloaded-server.ts STORE`. Tells its URL. */
import { createApp } from '../../src/app.ts';
import { testConfig } from '../support/test-app.ts';

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: overloaded-server.ts STORE');

const app = createApp(testConfig(path, { rateLimit: 1_000_000, enumerationLimit: 1_000_000 }));
process.send?.({ url: await app.listen() });
process.on('disconnect', () => void app.close().then(() => process.exit(0)));
