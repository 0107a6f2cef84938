/** Says in the options of one program what the general words say in those of curl (and of wirelab). */
import type { Localized } from '../../i18n/language.ts';
import type { Program } from './program.ts';

interface Options {
  /** What presents a certificate with its key. */
  readonly present: Localized;
  /** What names the CAs that are trusted. */
  readonly trust: Localized;
}

const same = (present: string, trust: string): Options => ({
  present: { en: present, ko: present },
  trust: { en: trust, ko: trust },
});

/** By the name of the program; those of curl's spelling are left out. */
const options: Readonly<Record<string, Options>> = {
  openssl: same('-cert, -key', '-CAfile'),
  'gnutls-cli': same('--x509certfile, --x509keyfile', '--x509cafile'),
  wget: same('--certificate, --private-key', '--ca-certificate'),
  git: same('http.sslCert, http.sslKey', 'http.sslCAInfo'),
  psql: same('sslcert, sslkey', 'sslrootcert'),
  kubectl: same('--client-certificate, --client-key', '--certificate-authority'),
  ldapsearch: same('LDAPTLS_CERT, LDAPTLS_KEY', 'LDAPTLS_CACERT'),
  mariadb: same('--ssl-cert, --ssl-key', '--ssl-ca'),
  mosquitto_pub: same('--cert, --key', '--cafile'),
  node: same('cert, key', 'ca, NODE_EXTRA_CA_CERTS'),
  python: same('load_cert_chain; requests: cert=', 'cafile; requests: verify='),
  java: same('-Djavax.net.ssl.keyStore', '-Djavax.net.ssl.trustStore'),
  go: same('tls.Config: Certificates', 'tls.Config: RootCAs'),
};

const asCurl: ReadonlySet<string> = new Set(['curl', 'redis-cli', 'etcdctl']);

/** @param program undefined: which one it was is not known, or it has no row */
export function inItsOptions({ en, ko }: Localized, program: Program | undefined): Localized {
  if (program && asCurl.has(program.name)) return { en, ko };
  const own = program && options[program.name];
  return {
    en: en
      .replaceAll(' (--cert and --key)', own ? ` (${own.present.en})` : '')
      .replaceAll(
        ', and name it with --cacert',
        `, and let the client trust it${own ? ` (${own.trust.en})` : ''}`,
      ),
    ko: ko
      .replaceAll('(--cert, --key)', own ? `(${own.present.ko})` : '')
      .replaceAll(
        '받아 --cacert로 지정하세요',
        `받아 클라이언트가 신뢰하게 하세요${own ? `(${own.trust.ko})` : ''}`,
      ),
  };
}
