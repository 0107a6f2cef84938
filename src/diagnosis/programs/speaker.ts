/** Tells by its words which program wrote them: a script that starts several says only what they say. */
import type { Program } from './program.ts';
import { programs } from './programs.ts';

/** The first that fits; those of a program itself come before those of a library that several use. */
const ofPrograms: readonly (readonly [RegExp, string])[] = [
  [/^curl: \(\d+\)/m, 'curl'],
  [/^fatal: unable to access '/m, 'git'],
  [/\(_ssl\.c:\d+\)|\burllib3\.|\brequests\.exceptions\.|(?<![\w.])ssl\.SSL\w+:/m, 'python'],
  [/\bjavax\.net\.ssl\.|\bsun\.security\.|\bjava\.(?:net|io|security)\.\w+Exception/, 'java'],
  [/\bnode:internal\/|^\s*code: '[A-Z0-9_]+'|\bERR_(?:TLS|SSL)_|TypeError: fetch failed/m, 'node'],
  [/^psql: error: |connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed/m, 'psql'],
  [/^ERROR \d{4} \(\w{5}\)/m, 'mariadb'],
  [/^ldap_\w+: |^\s*additional info: TLS: /m, 'ldapsearch'],
  [/^OpenSSL Error\[\d+\]: /m, 'mosquitto_pub'],
  [/^Unable to connect to the server: /m, 'kubectl'],
  [/"logger":"etcd-client"/, 'etcdctl'],
  [/\bx509: |\btls: (?:failed|first|bad|server|no|handshake|unknown)/, 'go'],
  [/^\*\*\* (?:Fatal error|Handshake has failed)|^- Status: The certificate/m, 'gnutls-cli'],
  [
    /^verify error:num=\d+|^CONNECTED\(|^Verif(?:y return code|ication error): |^[0-9A-F]{8,}:error:/im,
    'openssl',
  ],
];

/** Undefined where nothing in the words is of one program alone. */
export function speakerIn(written: string): Program | undefined {
  const name = ofPrograms.find(([pattern]) => pattern.test(written))?.[1];
  return name === undefined ? undefined : programs.find((one) => one.name === name);
}
