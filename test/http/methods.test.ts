import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { after, before, describe, it } from 'node:test';

import type { TestApp } from '../support/test-app.ts';
import {
  assertAnswerHeaders,
  exchange,
  exchangeOne,
  openSocket,
  PATH,
  queryFor,
  readToEnd,
  requestText,
  splitAnswers,
  startFilledApp,
} from './raw-socket.ts';

const ORIGIN = 'https://crm.example.com';
const PREFLIGHT = { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' };

describe('methods of the health pages', () => {
  it('are GET, and HEAD with the same status and headers and no body', async () => {
    const running = await startFilledApp();
    for (const path of ['/healthz', '/readyz']) {
      const got = await exchangeOne(running.url, requestText('GET', path));
      const socket = await openSocket(running.url);
      socket.write(requestText('HEAD', path, { Connection: 'close' }));
      const [head, ...others] = splitAnswers(await readToEnd(socket), true);
      assert.ok(head !== undefined && others.length === 0, path);
      assert.deepEqual([head.status, head.text], [200, '']);
      assert.equal(head.headers['content-length'], String(got.text.length));
      assertAnswerHeaders(head);
    }
    await running.close();
  });
});

describe('methods of the documented address', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  it('are GET and POST alone; every other one is 405 and names those', async () => {
    const others = METHODS.filter((method) => !['GET', 'POST', 'CONNECT', 'HEAD'].includes(method));
    const statuses: Record<string, number> = {};
    for (const method of others) {
      const answer = await exchangeOne(
        running.url,
        requestText(method, `${PATH}?${queryFor({ lead_id: '1' })}`),
      );
      assertAnswerHeaders(answer);
      statuses[method] = answer.status;
      if (answer.status !== 405) continue;
      assert.equal(answer.headers.allow, 'GET, POST', method);
      assert.equal(answer.text, '{"result":"error","message":"Only GET and POST are allowed"}', method);
    }
    assert.ok(others.length >= 30);
    assert.deepEqual(statuses, Object.fromEntries(others.map((method) => [method, 405])));
  });

  it('HEAD is 405, without a body', async () => {
    const socket = await openSocket(running.url);
    socket.write(requestText('HEAD', `${PATH}?${queryFor({ lead_id: '1' })}`));
    const [answer, ...others] = splitAnswers(await readToEnd(socket), true);
    assert.ok(answer !== undefined && others.length === 0);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'GET, POST');
    assertAnswerHeaders(answer);
  });

  it('PUT with a body is 405, its body unread, in the format that was asked for', async () => {
    const put = requestText(
      'PUT',
      `${PATH}?responsetype=xml`,
      { 'Content-Type': 'text/plain' },
      'planted-secret',
    );
    const answer = await exchangeOne(running.url, put);
    assert.equal(answer.status, 405);
    assert.ok(
      answer.text.startsWith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<goautodialapi version="4.0">\n  <result>',
      ),
    );
  });

  for (const method of ['FOO', 'get', 'Get', 'G ET']) {
    it(`${method} is no method of HTTP: 400, and the connection ends`, async () => {
      const answer = await exchangeOne(running.url, `${method} ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.equal(answer.status, 400);
      assertAnswerHeaders(answer);
    });
  }

  it('CONNECT reaches nothing', async () => {
    assert.deepEqual(await exchange(running.url, requestText('CONNECT', 'localhost:22')), []);
  });
});

describe('addresses', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  it('/ leads people to the card, and tells programs where things are', async () => {
    const page = await exchangeOne(running.url, requestText('GET', '/', { Accept: 'text/html,*/*;q=0.8' }));
    assert.deepEqual([page.status, page.headers.location], [303, '/card']);
    const plain = await exchangeOne(running.url, requestText('GET', '/', { Accept: '*/*' }));
    assert.equal(plain.status, 200);
    assertAnswerHeaders(plain);
    for (const path of Object.values(JSON.parse(plain.text) as Record<string, string>))
      assert.equal((await exchangeOne(running.url, requestText('GET', path))).status, 200, path);
  });

  for (const target of [
    '/planted-secret?goPass=planted-secret',
    `${PATH}/x?goPass=planted-secret`,
    `${PATH};x?goPass=planted-secret`,
    `${PATH}%00?goPass=planted-secret`,
    '/goAPIv2/goAgent%2fgoAPI.php?goPass=planted-secret',
    '/goAPIv2/./goAgent/goAPI.php?goPass=planted-secret',
    '/goAPIv2/x/../goAgent/goAPI.php?goPass=planted-secret',
    '/goAPIv2/goAgent/?goPass=planted-secret',
    '*',
  ]) {
    it(`${target} is 404 and is not repeated`, async () => {
      const answer = await exchangeOne(running.url, requestText('GET', target));
      assert.equal(answer.status, 404);
      assert.equal(answer.text, '{"result":"error","message":"Not Found"}');
      assertAnswerHeaders(answer);
    });
  }

  for (const [target, meant] of [
    [`${PATH}/`, PATH],
    [`${PATH}//`, PATH],
    [`/${PATH}`, PATH],
    [PATH.toLowerCase(), PATH],
    [PATH.toUpperCase(), PATH],
    [PATH.replace('/goAgent', '//goAgent'), PATH],
    ['/goapiv2/goreports/goapi.php', '/goAPIv2/goReports/goAPI.php'],
  ] as const) {
    it(`${target} is 404, and names the documented path`, async () => {
      const answer = await exchangeOne(running.url, requestText('GET', `${target}?goPass=planted-secret`));
      assert.equal(answer.status, 404);
      assert.equal(
        answer.text,
        JSON.stringify({ result: 'error', message: `Not Found: the documented path is ${meant}` }),
      );
      assertAnswerHeaders(answer);
    });
  }

  it('of the metrics, which not everybody may read, nothing is named', async () => {
    for (const target of ['/Metrics', '/metrics/', '//metrics']) {
      const answer = await exchangeOne(running.url, requestText('GET', target));
      assert.equal(answer.text, '{"result":"error","message":"Not Found"}');
    }
  });

  it('with broken percent-encoding are 400 and not repeated', async () => {
    for (const target of ['/%zz?goPass=planted-secret', '/%', '/%c0%af?goPass=planted-secret', '/%ff']) {
      const answer = await exchangeOne(running.url, requestText('GET', target));
      assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`);
      assertAnswerHeaders(answer);
    }
    const answer = await exchangeOne(
      running.url,
      requestText('GET', `${PATH}?responsetype=json&goPass=planted-secret&a=%zz`),
    );
    assert.equal(answer.status, 400);
    assert.equal(
      answer.text,
      '{"result":"error","message":"Bad request: the request has a broken percent-encoding"}',
    );
  });
});

describe('cross-origin requests', () => {
  let closed: TestApp;
  let open: TestApp;
  before(async () => {
    closed = await startFilledApp();
    open = await startFilledApp({ config: { corsOrigins: [ORIGIN, 'http://localhost:3000'] } });
  });
  after(() => Promise.all([closed.close(), open.close()]));

  const target = () => `${PATH}?${queryFor({ lead_id: '1' })}`;
  const corsHeaders = (headers: object) =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  it('have no leave when no origin is named: no header, and a preflight is 405', async () => {
    const got = await exchangeOne(closed.url, requestText('GET', target(), { Origin: ORIGIN }));
    assert.equal(got.status, 403);
    assert.deepEqual(corsHeaders(got.headers), []);
    const preflight = await exchangeOne(closed.url, requestText('OPTIONS', PATH, PREFLIGHT));
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers.allow, 'GET, POST');
    assert.deepEqual(corsHeaders(preflight.headers), []);
  });

  it('of a named origin have leave: that origin, nothing wider', async () => {
    const preflight = await exchangeOne(open.url, requestText('OPTIONS', PATH, PREFLIGHT));
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN);
    assert.equal(preflight.headers['access-control-allow-methods'], 'GET, POST');
    assert.equal(preflight.headers['access-control-allow-headers'], 'Content-Type');
    assert.equal(preflight.headers['access-control-allow-credentials'], undefined);
    assert.equal(preflight.headers.vary, 'Origin');
    assertAnswerHeaders(preflight);

    const got = await exchangeOne(open.url, requestText('GET', target(), { Origin: ORIGIN }));
    assert.equal(got.headers['access-control-allow-origin'], ORIGIN);
    assert.equal(got.headers.vary, 'Origin');
    assert.match(got.headers['access-control-expose-headers'] ?? '', /Callercard-Matches/);
  });

  it('may read errors, too', async () => {
    const answer = await exchangeOne(open.url, requestText('GET', `${PATH}?a=%zz`, { Origin: ORIGIN }));
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
  });

  for (const origin of [
    'https://crm.example.com.evil.test',
    'https://CRM.example.com',
    'https://crm.example.com:443',
    'http://crm.example.com',
    'https://sub.crm.example.com',
    'https://crm.example.com/',
    'null',
    '*',
    '',
  ]) {
    it(`of ${JSON.stringify(origin)} have none`, async () => {
      const preflight = await exchangeOne(
        open.url,
        requestText('OPTIONS', PATH, { ...PREFLIGHT, Origin: origin }),
      );
      assert.equal(preflight.status, 405);
      assert.deepEqual(corsHeaders(preflight.headers), []);
      const got = await exchangeOne(open.url, requestText('GET', target(), { Origin: origin }));
      assert.equal(got.status, origin === '' ? 200 : 403);
      assert.deepEqual(corsHeaders(got.headers), []);
      assert.equal(got.headers.vary, 'Origin');
    });
  }

  it('OPTIONS that is no preflight is 405', async () => {
    const answer = await exchangeOne(open.url, requestText('OPTIONS', PATH, { Origin: ORIGIN }));
    assert.equal(answer.status, 405);
  });
});
