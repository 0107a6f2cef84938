/** As which user an API server authenticates a certificate, and why it refuses one. */
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { prepareAuthentication } from '../../kube/authn/authentication.ts';
import type { AuthenticationFault } from '../../kube/authn/authentication.ts';
import { listAt, textAt } from '../../kube/objects/json.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { everybody } from '../task-objects.ts';
import type { User } from '../task-objects.ts';
import { missed } from './claims.ts';
import type { Missed } from './claims.ts';

/** Asks the server for the caller's own user. */
export const selfReview = ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}] as const;

/** The user in an answer to `selfReview`. */
export function userIn({ body }: ApiAnswer): User {
  const groups = listAt(body, 'status', 'userInfo', 'groups').map(String);
  return {
    name: textAt(body, 'status', 'userInfo', 'username'),
    groups: groups.filter((group) => group !== everybody),
  };
}

/** @param wanted the user that it should identify. */
export function wrongUser(what: Localized, file: string, wanted: User, found: User): Missed | undefined {
  const same = (user: User): string => [user.name, ...new Set(user.groups.toSorted())].join();
  if (same(wanted) === same(found) && wanted.groups.length === found.groups.length) return undefined;
  return missed('wrong_user', what, {
    where: file,
    expected: {
      en: `the user ${wanted.name} (CN) in the groups ${wanted.groups.join(', ')} (O)`,
      ko: `사용자(CN) ${wanted.name}, 그룹(O) ${wanted.groups.join(', ')}`,
    },
    received: `CN=${found.name}${found.groups.map((group) => `, O=${group}`).join('')}`,
  });
}

/**
 * Why a server that trusts these CAs refuses a certificate: it logs the reason, and does not send it to the client.
 * @param authorities PEM.
 */
export function authenticationFault(
  certificate: string,
  authorities: readonly string[],
  clock: Clock,
): AuthenticationFault | undefined {
  const authenticate = prepareAuthentication({ clientAuthorities: authorities.flatMap(pemCertificates) });
  const answer = authenticate({ chain: pemCertificates(certificate), headers: new Map() }, clock.now());
  return answer.outcome === 'unauthorized' ? answer.faults[0] : undefined;
}

/** @param what the sentence that the reason follows. */
export function refusedFor(fault: AuthenticationFault | undefined, what: Localized, where: string): Missed {
  const { en, ko } = fault?.words ?? { en: '', ko: '' };
  return missed(
    'refused',
    { en: `${what.en} ${en}`.trim(), ko: `${what.ko} ${ko}`.trim() },
    { where },
    fault?.reason,
  );
}

export function certificateOf(der: Uint8Array | undefined): Certificate | undefined {
  const step = der && readCertificate(der);
  return step && 'got' in step ? step.got : undefined;
}

/** When a DER certificate expires. */
export const expiryOf = (der: Uint8Array | undefined): string => isoTime(certificateOf(der)?.notAfter ?? 0);

/** When the first certificate of a PEM text expires. */
export const expiryIn = (pem: string): string => expiryOf(pemCertificates(pem)[0]);
