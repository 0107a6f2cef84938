/** Remedies name options of curl, and of wirelab: where code is run, or nobody knows what, there are none. */
import type { Localized } from '../../i18n/language.ts';
import type { Program } from './program.ts';

interface Means {
  /** What presents a certificate with its key. */
  readonly present: string;
  /** What names the CAs that are trusted. */
  readonly trust: string;
}

/** By the name of the program that runs the code. */
const inCodeOf: Readonly<Record<string, Means>> = {
  node: { present: 'cert, key', trust: 'ca, NODE_EXTRA_CA_CERTS' },
  python: { present: 'load_cert_chain; requests: cert=', trust: 'cafile; requests: verify=' },
  java: { present: '-Djavax.net.ssl.keyStore', trust: '-Djavax.net.ssl.trustStore' },
  go: { present: 'tls.Config: Certificates', trust: 'tls.Config: RootCAs' },
};

/** @param program undefined: which one it is, is not known */
export function inCode({ en, ko }: Localized, program: Program | undefined): Localized {
  if (program && !program.runsCode) return { en, ko };
  const means = program && inCodeOf[program.name];
  const [present, trust] = [means?.present, means?.trust].map((one) => (one === undefined ? '' : `(${one})`));
  const spaced = (one = ''): string => (one === '' ? '' : ` ${one}`);
  return {
    en: en
      .replaceAll(' (--cert and --key)', spaced(present))
      .replaceAll(', and name it with --cacert', `, and let the client trust it${spaced(trust)}`),
    ko: ko
      .replaceAll('(--cert, --key)', present ?? '')
      .replaceAll('받아 --cacert로 지정하세요', `받아 클라이언트가 신뢰하게 하세요${trust ?? ''}`),
  };
}
