/**
 * Whether the callercard of this container is alive: exit code 0 or 1. It asks at the port that the environment names, over
 * TLS where the environment names a certificate. Where a config file says these, name another check.
 */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

const { CALLERCARD_PORT, CALLERCARD_TLS_CERT = '', PORT } = process.env;
const request = CALLERCARD_TLS_CERT === '' ? plainRequest : tlsRequest;

request(
  {
    host: '127.0.0.1',
    port: Number(CALLERCARD_PORT || PORT || 8080),
    path: '/healthz',
    // Whether it lives, not who it is: the certificate is for the name that callers use.
    rejectUnauthorized: false,
    timeout: 2_000,
  },
  (response) => process.exit(response.statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end();
