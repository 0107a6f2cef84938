/**
 * Makes the certificates of one learner, in memory: a CA that the client trusts, with a certificate for the proxy; a CA that
 * the proxy trusts, with one for the client. What is kept are two Secrets; the keys of the CAs are not among them, so nobody
 * can issue another certificate.
 */
import type { Clock } from '../../core/clock.ts';
import { issueTexts } from '../../pki/ca/issue.ts';

export interface CertificateSecret {
  readonly name: 'proxy-certificate' | 'client-certificate';
  /** `tls.crt`, `tls.key`, and in `ca.crt` whom the holder trusts. */
  readonly files: Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>;
}

/** How the proxy is called by its clients: in its namespace, and from others; as a sidecar by the name of its server. */
const namesOfProxy = (namespace: string): readonly string[] =>
  [
    ...['proxy', 'server'].flatMap((service) =>
      ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map(
        (end) => `${service}${end}`,
      ),
    ),
    'localhost',
  ].map((name) => `DNS:${name}`);

/** @param learner the common name in the client's certificate. */
export function certificateSecrets(
  learner: string,
  namespace: string,
  clock: Pick<Clock, 'now'>,
): readonly CertificateSecret[] {
  const O = 'wirelab class';
  const validity = { to: '90d' };
  const { texts } = issueTexts(
    {
      certificates: {
        servers: { profile: 'root', subject: { CN: 'Class Server CA', O, OU: namespace }, validity },
        clients: { profile: 'root', subject: { CN: 'Class Client CA', O, OU: namespace }, validity },
        proxy: {
          profile: 'server',
          issuer: 'servers',
          subject: { CN: 'proxy', O },
          san: namesOfProxy(namespace),
          validity,
        },
        client: { profile: 'client', issuer: 'clients', subject: { CN: learner.slice(0, 64), O }, validity },
      },
    },
    { clock },
  );
  const of = (file: string): string => texts[file] ?? '';
  const files = (holder: string, trusted: string): CertificateSecret['files'] => ({
    'tls.crt': of(`${holder}.crt`),
    'tls.key': of(`${holder}.key`),
    'ca.crt': of(`${trusted}.crt`),
  });
  return [
    { name: 'proxy-certificate', files: files('proxy', 'clients') },
    { name: 'client-certificate', files: files('client', 'servers') },
  ];
}

/** The Secret as an object of the API. */
export function secretObject({ name, files }: CertificateSecret): {
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
} {
  const data = Object.entries(files).map(
    ([file, text]) => [file, Buffer.from(text).toString('base64')] as const,
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/tls',
    data: Object.fromEntries(data),
  };
}
