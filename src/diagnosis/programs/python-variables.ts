/** Which of Python's variables counts depends on the library that made the connection: its words tell. */
import type { Program } from './program.ts';

/**
 * Without those that this program does not read: requests goes by REQUESTS_CA_BUNDLE, then CURL_CA_BUNDLE, and by no other; the ssl
 * module goes by SSL_CERT_FILE. Where its words do not tell which it was, all are left.
 * @param said what it wrote
 */
export function countingFor(
  program: Program | undefined,
  variables: NodeJS.ProcessEnv,
  said: string,
): NodeJS.ProcessEnv {
  if (program?.name !== 'python') return variables;
  const { REQUESTS_CA_BUNDLE: requests, CURL_CA_BUNDLE: curl, SSL_CERT_FILE: openssl, ...others } = variables;
  if (/\brequests\.(?:exceptions|adapters)\b/.test(said)) {
    const bundle = requests || curl;
    const name = requests ? 'REQUESTS_CA_BUNDLE' : 'CURL_CA_BUNDLE';
    return bundle ? { ...others, [name]: bundle } : others;
  }
  if (/\burllib\.error\b|\burlopen error\b|\bhttp\/client\.py\b|^ssl\.SSL\w+:/m.test(said))
    return openssl ? { ...others, SSL_CERT_FILE: openssl } : others;
  return variables;
}
