/** What client and server offer each other: versions, suites, groups, the security level, protocols (ALPN), names (SNI). */
import { DEFAULT_CIPHERS } from 'node:tls';
import type { Attempt } from '../attempt/attempt.ts';
import { meantName } from '../attempt/call.ts';
import type { Change } from '../attempt/call.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { bytesOf, cameBack, difference, explained, isAnswered, isBetter } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { found } from '../found.ts';

const tls12: Change = {
  id: 'tls1.2',
  words: { en: 'TLS 1.2 only', ko: 'TLS 1.2만' },
  tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
};
const tls13: Change = {
  id: 'tls1.3',
  words: { en: 'TLS 1.3 only', ko: 'TLS 1.3만' },
  tls: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
};
const oldVersions: Change = {
  id: 'old-versions',
  words: { en: 'TLS 1.0 and 1.1, with old suites', ko: 'TLS 1.0과 1.1, 오래된 스위트' },
  hello: { isHybrid: false, sent: 'whole', versions: [0x0302, 0x0301], offersOldSuites: true },
};
const oldSuites: Change = {
  id: 'old-suites',
  words: { en: 'with suites that current clients do not offer', ko: '요즘은 쓰지 않는 스위트도 함께' },
  hello: { isHybrid: false, sent: 'whole', offersOldSuites: true },
};
const levelZero: Change = {
  id: 'security-level-0',
  words: { en: 'OpenSSL’s security level 0', ko: 'OpenSSL 보안 수준 0' },
  tls: { ciphers: DEFAULT_CIPHERS, securityLevel: 0 },
};

/** It failed before or at the server's first flight, and not by the client's certificate. */
const failedEarly = ({ result, outcome }: Attempt): boolean =>
  result !== 'completed' &&
  result !== 'no_connection' &&
  result !== 'plaintext' &&
  result !== 'refused' &&
  (outcome?.step === 'client_hello' || outcome?.step === 'server_flight' || outcome?.step === undefined);

export const versions: Hypothesis = {
  name: 'versions',
  async test({ base, laboratory }) {
    if (!failedEarly(base) || isAnswered(base)) return undefined;
    for (const change of [tls12, tls13]) {
      const made = await laboratory.try(change);
      if (isBetter(made, base))
        return explained({
          cause: base.alert?.code === 70 ? 'no_common_version' : 'version_intolerance',
          by: 'server',
          detail: {},
          alert: base.alert,
          confidence: 'proven',
          message: 'ClientHello',
          evidence: [difference(base, made), ...bytesOf(base)],
        });
    }
    const old = await laboratory.try(oldVersions);
    if (!isBetter(old, base)) return undefined;
    return found({
      cause: 'old_ciphers_only',
      by: 'client',
      confidence: 'proven',
      message: 'ClientHello',
      evidence: [difference(base, old)],
      more: cameBack(old),
    });
  },
};

export const suites: Hypothesis = {
  name: 'suites',
  async test({ base, laboratory }) {
    if (!failedEarly(base)) return undefined;
    if (base.alert?.code !== 40 && base.alert?.code !== 71 && isAnswered(base)) return undefined;
    const made = await laboratory.try(oldSuites);
    if (!made || isAnswered(base) || !isBetter(made, base)) return undefined;
    return found({
      cause: 'old_ciphers_only',
      by: 'server',
      confidence: 'proven',
      message: 'ClientHello',
      evidence: [difference(base, made), ...bytesOf(base)],
      more: cameBack(made),
    });
  },
};

/** What OpenSSL finds too weak, on this side: it ends the handshake by itself. */
const weakness =
  /TOO_SMALL|MD_TOO_WEAK|DH_KEY|UNSUPPORTED_PROTOCOL|NO_CIPHERS_AVAILABLE|WRONG_SIGNATURE_TYPE/;

export const securityLevel: Hypothesis = {
  name: 'security-level',
  async test({ base, laboratory }) {
    if (!base.failure || !weakness.test(base.failure.code)) return undefined;
    const made = await laboratory.try(levelZero);
    if (!isBetter(made, base)) return undefined;
    return found({
      cause: 'security_level',
      by: 'client',
      confidence: 'proven',
      message: 'ServerKeyExchange',
      evidence: [difference(base, made)],
      more: { en: base.failure.code, ko: base.failure.code },
    });
  },
};

export const protocols: Hypothesis = {
  name: 'alpn',
  async test({ base, call, laboratory }) {
    if (!failedEarly(base)) return undefined;
    const changes: readonly Change[] = call.alpn
      ? [{ id: 'alpn-none', words: { en: 'without ALPN', ko: 'ALPN 없이' }, alpn: null }]
      : [
          { id: 'alpn-h2', words: { en: 'ALPN h2', ko: 'ALPN h2' }, alpn: ['h2'] },
          { id: 'alpn-http1', words: { en: 'ALPN http/1.1', ko: 'ALPN http/1.1' }, alpn: ['http/1.1'] },
        ];
    for (const change of changes) {
      const made = await laboratory.try(change);
      if (isBetter(made, base))
        return explained({
          cause: 'no_common_protocol',
          by: 'server',
          detail: { offered: call.alpn ?? [] },
          alert: base.alert,
          confidence: 'proven',
          message: 'ClientHello',
          evidence: [difference(base, made), ...bytesOf(base)],
        });
    }
    return undefined;
  },
};

export const names: Hypothesis = {
  name: 'names',
  async test({ base, call, laboratory }) {
    if (!failedEarly(base) || isAnswered(base)) return undefined;
    const name = meantName(call);
    const isNamed = ipVersion(name) === undefined || ipVersion(name) === 0;
    const made = await laboratory.try(
      isNamed
        ? {
            id: 'no-name',
            words: { en: 'without a server name (SNI)', ko: '서버 이름(SNI) 없이' },
            serverName: null,
          }
        : {
            id: 'name-localhost',
            words: { en: 'with the server name localhost (SNI)', ko: '서버 이름 localhost(SNI)로' },
            serverName: 'localhost',
          },
    );
    if (!isBetter(made, base)) return undefined;
    // Only an alert says that the server itself decided by the name.
    if (base.alert?.from === 'server' || !isNamed)
      return explained({
        cause: 'unknown_server_name',
        by: 'server',
        detail: isNamed ? { expected: name } : { unnamed: true },
        alert: base.alert,
        confidence: 'proven',
        message: 'ClientHello',
        evidence: [difference(base, made), ...bytesOf(base)],
      });
    return found({
      cause: 'name_filtered',
      by: 'unknown',
      confidence: 'likely',
      message: 'ClientHello',
      evidence: [difference(base, made)],
      more: { en: name, ko: name },
    });
  },
};
