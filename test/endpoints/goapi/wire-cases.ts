import { PATH, queryFor } from '../../http/raw-socket.ts';

const HOST = 'Host: callercard.example\r\n';
const END = 'Connection: close\r\n\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const JSON_BODY = 'Content-Type: application/json\r\n';
const MULTIPART = 'Content-Type: multipart/form-data; boundary=xx\r\n';
const ORIGIN = 'Origin: https://crm.example\r\n';
const OTHER_PATH = '/goAPIv2/goReports/goAPI.php';

const get = (target: string, headers = HOST) => `GET ${target} HTTP/1.1\r\n${headers}${END}`;
const post = (target: string, body: string, headers = FORM) =>
  `POST ${target} HTTP/1.1\r\n${HOST}${headers}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n${END}${body}`;
const chunked = (target: string, body: string, headers = FORM) =>
  `POST ${target} HTTP/1.1\r\n${HOST}${headers}Transfer-Encoding: chunked\r\n${END}${Buffer.byteLength(body, 'latin1').toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const other = (method: string, target = `${PATH}?${byId}`, headers = '') =>
  `${method} ${target} HTTP/1.1\r\n${HOST}${headers}${END}`;

const byId = queryFor({ lead_id: '7' });
const byPhone = queryFor({ phone_number: '+52 55 0000 0007' });
const asObject = JSON.stringify(Object.fromEntries(new URLSearchParams(byId)));
const part = (name: string, value: string) =>
  `--xx\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const multipart = [...new URLSearchParams(byId)].map(([name, value]) => part(name, value)).join('');
const tooLarge = `x=${'y'.repeat(70_000)}`;

/** Settings under which the requests are sent. */
export const VARIANTS = {
  plain: {},
  'behind a trusted proxy': { trustedProxies: ['127.0.0.1'] },
  'with a named origin': { corsOrigins: ['https://crm.example'] },
  'without passwords in URLs': { queryCredentials: 'refuse' },
} as const;

/** Requests to the documented addresses, as bytes: the usual ones and what is odd about a request. */
export const WIRE_CASES: Readonly<Record<string, string>> = {
  'by id': get(`${PATH}?${byId}`),
  'by id and number, at the other address': get(
    `${OTHER_PATH}?${queryFor({ lead_id: '7', phone_number: '5500000008' })}`,
  ),
  'by number, XML': get(`${PATH}?${byPhone.replace('=json', '=XML')}`),
  'a lead that does not exist': get(`${PATH}?${queryFor({ lead_id: '999999' })}`),
  'no query': get(PATH),
  'an empty query': get(`${PATH}?`),
  'no such response type': get(`${PATH}?${byId.replace('=json', '=yaml')}`),
  'a wrong password': get(`${PATH}?${byId.replace(/goPass=[^&]+/, 'goPass=wrong')}`),
  'a form': post(PATH, byId),
  'a form in capitals, with its character set': post(
    PATH,
    byPhone,
    'Content-Type: Application/X-WWW-Form-Urlencoded; Charset=UTF-8\r\n',
  ),
  'a form and a query': post(`${PATH}?lead_id=8&responsetype=xml`, byId),
  'a form with a broken escape': post(`${PATH}?responsetype=json`, `${byId}&x=%zz`),
  'a form with bytes that are no UTF-8': post(`${PATH}?responsetype=json`, `${byId}&x=\xff`),
  'a form with escaped bytes that are no UTF-8': post(`${PATH}?responsetype=json`, `${byId}&x=%ff`),
  'a form with too many parameters': post(PATH, Array.from({ length: 101 }, (_, at) => `a${at}=1`).join('&')),
  'a form and a query with a broken escape': post(`${PATH}?responsetype=json&x=%e9`, byId),
  'a broken form and a query with a broken escape': post(`${PATH}?responsetype=json&x=%e9`, 'x=%zz'),
  'a query with a broken escape': get(`${PATH}?${byId}&x=%e9`),
  'a query with an array': get(`${PATH}?${byId}&lead_id[]=3`),
  'HTTP/1.0': get(`${PATH}?${byId}`).replace('HTTP/1.1', 'HTTP/1.0'),
  'HTTP/1.0 without a host': get(`${PATH}?${byId}`, '').replace('HTTP/1.1', 'HTTP/1.0'),
  'two hosts': get(`${PATH}?${byId}`, HOST + HOST),
  'no host': get(`${PATH}?${byId}`, ''),
  'an empty host': get(`${PATH}?${byId}`, 'Host:\r\n'),
  'another path': get(`${PATH}/x?${byId}`),
  'a trailing slash': get(`${PATH}/?${byId}`),
  'a doubled slash': get(`/${PATH}?${byId}`),
  'a path in other letters': get(`${PATH.toLowerCase()}?${byId}`),
  'a path with a parameter': get(`${PATH};x=1?${byId}`),
  'an encoded path': get(`${PATH.replace('goAgent', 'go%41gent')}?${byId}`),
  'an encoded slash': get(`${PATH.replace('/goAPI.php', '%2FgoAPI.php')}?${byId}`),
  'a path encoded twice': get(`${PATH.replace('goAgent', 'go%2541gent')}?${byId}`),
  'a path that cannot be decoded': get(`${PATH.replace('goAgent', 'go%e1gent')}?${byId}`),
  'an absolute target': get(`http://callercard.example${PATH}?${byId}`),
  'an absolute target of another host': get(`http://other.example${PATH}?${byId}`),
  'a very long URL': get(`${PATH}?${byId}&x=${'y'.repeat(8_200)}`),
  'a fragment': get(`${PATH}?${byId}#x`),
  'a fragment without a query': get(`${PATH}#x`),
  'a GET with a body': `GET ${PATH}?${byId} HTTP/1.1\r\n${HOST}Content-Length: 2\r\n${END}xx`,
  'a GET with a type': get(`${PATH}?${byId}`, `${HOST}Content-Type: text/plain\r\n`),
  HEAD: other('HEAD'),
  PUT: post(PATH, byId).replace('POST', 'PUT'),
  DELETE: other('DELETE'),
  PROPFIND: other('PROPFIND'),
  QUERY: other('QUERY'),
  TRACE: other('TRACE'),
  OPTIONS: other('OPTIONS'),
  'a preflight of the named origin': other(
    'OPTIONS',
    PATH,
    `${ORIGIN}Access-Control-Request-Method: POST\r\n`,
  ),
  'a preflight of another origin': other(
    'OPTIONS',
    PATH,
    'Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n',
  ),
  'OPTIONS of the named origin': other('OPTIONS', PATH, ORIGIN),
  'GET of the named origin': get(`${PATH}?${byId}`, HOST + ORIGIN),
  'GET of another origin': get(`${PATH}?${byId}`, `${HOST}Origin: https://evil.example\r\n`),
  'a form of the named origin': post(PATH, byId, FORM + ORIGIN),
  'a broken form of the named origin': post(PATH, '%zz', FORM + ORIGIN),
  JSON: post(PATH, asObject, JSON_BODY),
  'JSON with a character set': post(PATH, asObject, 'Content-Type: application/json; charset=utf-8\r\n'),
  'JSON with a number of 18 digits': post(PATH, asObject.replace('"7"', '123456789012345678'), JSON_BODY),
  'JSON with a list': post(PATH, asObject.replace('"7"', '[7]'), JSON_BODY),
  'JSON with null': post(PATH, asObject.replace('"7"', 'null'), JSON_BODY),
  'JSON that is no object': post(PATH, '[1]', JSON_BODY),
  'broken JSON': post(PATH, '{', JSON_BODY),
  'an empty JSON body': post(PATH, '', JSON_BODY),
  'JSON as a form': post(PATH, asObject),
  'a problem type': post(PATH, asObject, 'Content-Type: application/problem+json\r\n'),
  'a multipart form': post(PATH, `${multipart}--xx--\r\n`, MULTIPART),
  'a multipart form in pieces': chunked(PATH, `${multipart}--xx--\r\n`, MULTIPART),
  'a multipart form with a file': post(
    PATH,
    `${multipart}--xx\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nfile\r\n--xx--\r\n`,
    MULTIPART,
  ),
  'a broken multipart form': post(PATH, multipart, MULTIPART),
  'a multipart form without a boundary': post(
    PATH,
    `${multipart}--xx--`,
    'Content-Type: multipart/form-data\r\n',
  ),
  'a multipart form with bytes that are no UTF-8': post(PATH, `${part('a', '\xff')}--xx--\r\n`, MULTIPART),
  text: post(PATH, byId, 'Content-Type: text/plain\r\n'),
  'no type': post(PATH, byId, ''),
  'no type and no length': `POST ${PATH}?${byId} HTTP/1.1\r\n${HOST}${END}`,
  'a type that is none': post(PATH, byId, 'Content-Type: form\r\n'),
  'an empty type': post(PATH, byId, 'Content-Type:\r\n'),
  'an empty form': post(`${PATH}?${byId}`, ''),
  'an empty body without a type': post(`${PATH}?${byId}`, '', ''),
  'a form that is too large': post(PATH, tooLarge),
  'a form that is too large, in pieces': chunked(PATH, tooLarge),
  'a form that is too large, for JSON': post(`${PATH}?responsetype=json`, tooLarge),
  'a form in pieces': chunked(PATH, byId),
  'a compressed form': post(PATH, byId, `${FORM}Content-Encoding: gzip\r\n`),
  'an address from a proxy': get(`${PATH}?${byId}`, `${HOST}X-Forwarded-For: 198.51.100.7\r\n`),
  'a host from a proxy': get(`${PATH}?${byId}`, `${HOST}X-Forwarded-Host: other.example\r\n`),
  'hosts from a proxy': get(`${PATH}?${byId}`, `${HOST}X-Forwarded-Host: a.example, b.example\r\n`),
  'an expectation': get(`${PATH}?${byId}`, `${HOST}Expect: something\r\n`),
  'a body to continue with': `POST ${PATH} HTTP/1.1\r\n${HOST}${FORM}Expect: 100-continue\r\nContent-Length: ${byId.length}\r\n${END}${byId}`,
};
