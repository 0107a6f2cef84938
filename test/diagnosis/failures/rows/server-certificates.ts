/** The server's certificate is not accepted by the client. */
import { file } from '../certificates.ts';
import { node } from '../own-servers.ts';
import { gnutls, go, haproxy, nginx, openssl, python, stunnel } from '../programs.ts';
import { failure } from '../setting.ts';
import type { Failure } from '../setting.ts';

export const trusts = (name = 'ca'): string[] => ['--cacert', file(`${name}.crt`)];

export const serverCertificates: readonly Failure[] = [
  failure(
    'a certificate that has expired (nginx)',
    'client',
    ['certificate_expired'],
    (either) => ({
      serve: nginx(either('server', 'server-expired')),
      call: trusts(),
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'a certificate that is not valid yet (openssl)',
    'client',
    ['certificate_not_yet_valid'],
    (either) => ({
      serve: openssl(either('server', 'server-not-yet')),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a certificate for another name (haproxy)',
    'client',
    ['name_mismatch'],
    (either) => ({
      serve: haproxy(either('server', 'server-other-name')),
      call: trusts(),
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'an address that is not in the certificate (Go)',
    'client',
    ['name_mismatch'],
    (either) => ({
      serve: go(either('server', 'server-no-address')),
      host: '127.0.0.1',
      call: trusts(),
    }),
    { needs: ['go'] },
  ),
  failure(
    'a self-signed certificate (stunnel)',
    'client',
    ['self_signed'],
    (either) => ({
      serve: stunnel(either('server', 'server-self-signed')),
      call: trusts(),
    }),
    { needs: ['stunnel4'] },
  ),
  failure(
    'a CA that the client does not know (GnuTLS)',
    'client',
    ['unknown_ca'],
    (either) => ({
      serve: gnutls(either('server', 'server-other')),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'a CA with the name of the trusted one and another key (Node)',
    'client',
    ['unknown_ca'],
    (either) => ({
      serve: node(either('server', 'server-twin')),
      call: trusts(),
    }),
  ),
  failure('a CA that was made anew, without key identifiers (Node)', 'client', ['unknown_ca'], (either) => ({
    serve: node('server-remade'),
    call: trusts(either('remade', 'remade-old')),
  })),
  failure('an address that stands among the DNS names (Node)', 'client', ['name_mismatch'], (either) => ({
    serve: node(either('server', 'server-address-as-name')),
    host: '127.0.0.1',
    call: either(trusts(), trusts('remade')),
  })),
  failure(
    'a certificate with a bit of its signature changed (Node)',
    'client',
    ['bad_signature'],
    (either) => ({
      serve: node(either('server-named', 'server-altered')),
      call: trusts('named'),
    }),
  ),
  failure(
    'the client trusts another CA (Python)',
    'client',
    ['unknown_ca'],
    (either) => ({
      serve: python('server'),
      call: trusts(either('ca', 'other')),
    }),
    { needs: ['python3'] },
  ),
  failure(
    'a chain without its intermediate certificate (nginx)',
    'client',
    ['intermediate_missing'],
    (either) => ({
      serve: nginx(either('server-long', 'server-long-bare')),
      call: trusts(),
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'an intermediate certificate that has expired (haproxy)',
    'client',
    ['certificate_expired'],
    (either) => ({
      serve: haproxy(either('server-long', 'server-below-expired')),
      call: trusts(),
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a cross-signed root whose old root has expired, and the client knows only that (openssl)',
    'client',
    ['certificate_expired'],
    (either) => ({
      serve: openssl('server-crossed'),
      call: trusts(either('new-root', 'old-root')),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a certificate for clients only (GnuTLS)',
    'client',
    ['wrong_usage'],
    (either) => ({
      serve: gnutls(either('server', 'server-usage')),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'a certificate that was revoked (nginx)',
    'client',
    ['certificate_revoked'],
    (either) => ({
      serve: nginx(either('server', 'server-revoked')),
      call: [...trusts(), '--crl', file('ca.crl')],
    }),
    { needs: ['nginx'] },
  ),
  failure('a revocation list that is overdue (Node)', 'client', ['crl_expired'], (either) => ({
    serve: node('server-stale'),
    call: [...trusts('stale-ca'), ...either([], ['--crl', file('stale-ca.crl')])],
  })),
  failure(
    'an RSA key of 1024 bits (GnuTLS)',
    'client',
    ['weak_key', 'security_level'],
    (either) => ({
      serve: gnutls(either('server-rsa', 'server-weak')),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'a signature over SHA-1 (openssl)',
    'client',
    ['weak_signature', 'security_level'],
    (either) => ({
      serve: openssl(either('server-rsa', 'server-sha1'), '-cipher', 'DEFAULT:@SECLEVEL=0'),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a CA that may issue for other names only (Node)',
    'client',
    ['name_constraint_violated'],
    (either) => ({
      serve: node('server-limited'),
      call: trusts(either('limited-to-localhost', 'limited-to-example')),
    }),
  ),
  failure(
    'a signature that does not fit (Go)',
    'client',
    ['bad_signature'],
    (either) => ({
      serve: go(either('server', 'server-bad-signature')),
      call: trusts(),
    }),
    { needs: ['go'] },
  ),
  failure(
    'a certificate that demands an OCSP response, and none comes (Node)',
    'client',
    ['status_missing'],
    (either) => ({
      serve: node(either('server-unstapled', 'server-stapled')),
      call: trusts('new-root'),
    }),
  ),
  failure(
    'an issuer that is not a CA (openssl)',
    'client',
    ['not_a_ca'],
    (either) => ({
      serve: openssl(either('server', 'server-below-server')),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
];
