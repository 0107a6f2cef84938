import test from 'ava';
import type { CertificateSummary } from '../../src/capture/vocabulary.ts';
import {
  claims,
  clientCertificateHeader,
  forwardableHeaders,
  forwardingHeaders,
  hopByHopNames,
  isForwardingClaim,
} from '../../src/proxy/forwarded.ts';
import type { Header } from '../../src/proxy/header.ts';
import { FirstEnd } from '../../src/wire/tap/first-end.ts';
import type { Accepted } from '../../src/wire/endpoint.ts';

const peer: CertificateSummary = {
  subject: 'CN=alice,O=Workshop',
  issuer: 'CN=Workshop Client CA',
  serial: '01',
  notBefore: '',
  notAfter: '',
  san: ['DNS:alice.localhost', 'URI:spiffe://workshop/alice', 'DNS:a,b'],
  isCa: false,
  publicKey: 'P-256',
  sha256: '9f3c',
};

const accepted = (security: Accepted['security'], more: Partial<Accepted> = {}): Accepted => ({
  conn: 1,
  end: new FirstEnd(),
  stream: undefined as never,
  remote: { host: '127.0.0.2', port: 50000 },
  local: { host: '127.0.0.1', port: 8443 },
  security,
  ...more,
});

test('the headers say what the connection was', (t) => {
  t.deepEqual(Object.fromEntries(forwardingHeaders(accepted('plain'), 'shop.localhost:8080')), {
    'X-Forwarded-For': '127.0.0.2',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': 'shop.localhost:8080',
    'X-Forwarded-Port': '8443',
  });
  t.like(Object.fromEntries(forwardingHeaders(accepted('mtls', { peer }), undefined)), {
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': undefined,
    'X-Forwarded-Client-Cert':
      'Hash=9f3c;Subject="CN=alice,O=Workshop";URI=spiffe://workshop/alice;DNS=alice.localhost;DNS="a,b"',
  });
  t.is(
    Object.fromEntries(forwardingHeaders(accepted('tls', { peer }), undefined))['X-Forwarded-Client-Cert'],
    undefined,
  );
});

test('a name cannot break out of the certificate header', (t) => {
  const nasty = { ...peer, subject: 'CN=김 "x";Hash=66\r\nX-Admin: 1', san: ['URI:a";Hash=66'] };
  const header = clientCertificateHeader(nasty);
  t.is(header, 'Hash=9f3c;Subject="CN=\\EA\\B9\\80 \\"x\\";Hash=66\\0D\\0AX-Admin: 1";URI="a\\";Hash=66"');
  t.regex(header, /^[\x20-\x7e]*$/);
});

test('claims are known in every spelling, and ordinary headers are none', (t) => {
  for (const name of [
    'X-Forwarded-For',
    'x_forwarded_proto',
    'X.Forwarded.For',
    'X~Forwarded!Host',
    'FORWARDED',
    'X-Real-Ip',
    'X.Real_IP',
    'X-SSL-Cert',
    'x-client-cert-dn',
    'Client-Cert',
    'Client-Cert-Chain',
    'X-Envoy-Peer-Metadata',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Amzn-Mtls-Clientcert',
    'X-Amzn-Mtls-Clientcert-Subject',
    'X-Amzn-Oidc-Identity',
    'X-ARR-ClientCert',
    'X_ARR_SSL',
    'Remote-User',
    'REMOTE_USER',
    'Remote-Groups',
    'X-Remote-User',
    'X-Authenticated-User',
    'X-Authenticated-Userid',
    'X-Auth-Request-Email',
    'X-Original-URL',
    'X-Original-URI',
    'X-Original-Host',
    'X-Rewrite-URL',
    'Proxy',
    'PROXY',
    'X-WEBAUTH-USER',
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'X-Goog-Authenticated-User-Email',
    'X-Goog-IAP-JWT-Assertion',
    'Cf-Access-Authenticated-User-Email',
    'X-Consumer-Username',
    'iv-user',
    'SM_USER',
    'SM_UNIVERSALID',
    'OIDC_CLAIM_sub',
    'Shib-Identity-Provider',
    'WL-Proxy-Client-Cert',
    '$WSCC',
    '$WSRU',
    'X-User',
    'X-Tailscale-User',
    'X-SPIFFE-ID',
    'Front-End-Https',
    'X-Scheme',
  ])
    t.true(isForwardingClaim(name), name);
  for (const name of [
    'Host',
    'Cookie',
    'X-Custom',
    'Accept',
    'Client-Hint',
    'Sec-WebSocket-Key',
    'Sec-CH-UA',
    'Authorization',
    'DNT',
    'X-Auth-Token',
    'X-Api-Key',
    'X-CSRF-Token',
    'X-Requested-With',
    'X-Request-Id',
    'X-User-Agent',
    'X-Amz-Date',
    'X-Amzn-Trace-Id',
    'X-Goog-Api-Key',
    'Impersonate-User',
    'Origin',
    'Referer',
    'User-Agent',
    'Via',
    'Traceparent',
    'X-B3-TraceId',
    'X-HTTP-Method-Override',
    'X-Clacks-Overhead',
    'CF-Ray',
    'X-Realm',
    'X-Hosting',
    'X-Dnt',
    'Proxying',
    'X-Usernames-Seen',
    'From',
    'X-Real',
    'Authentication',
  ])
    t.false(isForwardingClaim(name), name);
});

test('each claim stands in the table once, in its plain spelling, with a reason', (t) => {
  const names = claims.flatMap(({ names: all }) => all);
  t.deepEqual(names, [...new Set(names)]);
  for (const name of names) t.regex(name, /^[a-z0-9-]+\*?$/);
  for (const { why } of claims) t.true(why.length > 10);
  for (const name of names) t.true(isForwardingClaim(name.replace(/\*$/, '').replace(/-$/, '-x')), name);
});

test('what frames a message travels under no spelling that CGI would take for it', (t) => {
  const kept: Header[] = [
    ['X-Custom', '1'],
    ['Content-Type', 'text/plain'],
  ];
  const dropped = [
    'Content_Length',
    'Content.Length',
    'Transfer~Encoding',
    'Transfer_Encoding',
    'Keep.Alive',
    'Proxy.Connection',
  ].map((name): Header => [name, '5']);
  t.deepEqual(forwardableHeaders([...dropped, ...kept]), kept);
});

test('what Connection nominates stays on this hop, but never what frames or routes the message', (t) => {
  const headers: Header[] = [
    ['Host', 'shop'],
    ['Connection', 'close, X-Trace , content-length'],
    ['connection', 'Host'],
    ['X-TRACE', '1'],
    ['Content-Length', '3'],
    ['Trailer', 'x'],
    ['Cookie', 'a=1'],
  ];
  t.deepEqual(forwardableHeaders(headers), [
    ['Host', 'shop'],
    ['Content-Length', '3'],
    ['Cookie', 'a=1'],
  ]);
  t.true(hopByHopNames([]).has('transfer-encoding'));
});
