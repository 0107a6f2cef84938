import test from 'ava';
import type { CertificateSummary } from '../../src/capture/vocabulary.ts';
import { clientCertificateHeader, forwardableHeaders, forwardingHeaders, hopByHopNames, isForwardingClaim } from '../../src/proxy/forwarded.ts';
import type { Header } from '../../src/proxy/forwarded.ts';
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
    'X-Forwarded-Client-Cert': 'Hash=9f3c;Subject="CN=alice,O=Workshop";URI=spiffe://workshop/alice;DNS=alice.localhost;DNS="a,b"',
  });
  t.is(Object.fromEntries(forwardingHeaders(accepted('tls', { peer }), undefined))['X-Forwarded-Client-Cert'], undefined);
});

test('a name cannot break out of the certificate header', (t) => {
  const nasty = { ...peer, subject: 'CN=김 "x";Hash=66\r\nX-Admin: 1', san: ['URI:a";Hash=66'] };
  const header = clientCertificateHeader(nasty);
  t.is(header, 'Hash=9f3c;Subject="CN=\\EA\\B9\\80 \\"x\\";Hash=66\\0D\\0AX-Admin: 1";URI="a\\";Hash=66"');
  t.regex(header, /^[\x20-\x7e]*$/);
});

test('claims are known in every spelling, and ordinary headers are none', (t) => {
  for (const name of ['X-Forwarded-For', 'x_forwarded_proto', 'FORWARDED', 'X-Real-Ip', 'X-SSL-Cert', 'x-client-cert-dn', 'X-Envoy-Peer-Metadata']) {
    t.true(isForwardingClaim(name), name);
  }
  for (const name of ['Host', 'Cookie', 'X-Custom', 'Accept', 'Client-Hint', 'Sec-WebSocket-Key', 'Authorization', 'DNT']) t.false(isForwardingClaim(name), name);
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
  t.deepEqual(forwardableHeaders(headers), [['Host', 'shop'], ['Content-Length', '3'], ['Cookie', 'a=1']]);
  t.true(hopByHopNames([]).has('transfer-encoding'));
});
