/**
 * Defines an etcd's reports: answered requests, refused clients with the reason, and the state of its log. Reasons are
 * given in the words of etcd's own log (those of Go's crypto/tls and crypto/x509) and for people.
 */
import type { Address } from '../../capture/event.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { remoteErrorText } from '../../protocols/tls/go-alerts.ts';
import type { Refused } from '../../wire/endpoint.ts';

export type EtcdReport =
  /** Ready. `recovered` where it had a log before. */
  | {
      readonly kind: 'opened';
      readonly folder?: string;
      readonly revision: number;
      readonly recovered?: Recovered;
    }
  | {
      readonly kind: 'answered';
      readonly conn: number;
      readonly remote: Address;
      readonly method: string;
      readonly path: string;
      readonly code: number;
      readonly user?: string;
      readonly message?: string;
    }
  /** A client that was not let in, in the words of etcd's log. */
  | {
      readonly kind: 'rejected';
      readonly conn: number;
      readonly remote: Address;
      readonly reason: RefusalReason;
      readonly words: string;
      readonly text: Localized;
    }
  /** What a person should know of how it keeps things. */
  | { readonly kind: 'log'; readonly text: Localized };

export interface Recovered {
  readonly revision: number;
  /** Bytes at the end of the log that were not a complete record: they had not been acknowledged. */
  readonly tornBytes: number;
}

/** The limits of the embedded etcd, compared with the real one. */
export const embeddedLimits: Localized = {
  en: 'The embedded etcd is one process without peers: it supports the JSON gateway of etcd 3.5 but not gRPC (so etcdctl does not work), has no leases, users or roles, and keeps all data in memory with a log on disk.',
  ko: '내장 etcd는 피어가 없는 단일 프로세스입니다. etcd 3.5의 JSON 게이트웨이만 지원하고 gRPC는 지원하지 않으므로 etcdctl을 쓸 수 없습니다. 리스(lease), 사용자, 롤이 없으며, 모든 데이터를 메모리에 두고 디스크에는 로그를 남깁니다.',
};

/** For a client that uses HTTP/2: etcdctl and all other gRPC clients. */
export const noGrpc: Localized = {
  en: 'a client uses gRPC (HTTP/2), like etcdctl, which the embedded etcd does not support: use --etcd real',
  ko: '클라이언트가 etcdctl처럼 gRPC(HTTP/2)를 쓰지만 내장 etcd는 gRPC를 지원하지 않습니다. --etcd real을 사용하세요',
};

/** What a refused connection is to etcd's log; undefined for one that was only given up. */
export function rejectionOf(refused: Refused): Extract<EtcdReport, { kind: 'rejected' }> | undefined {
  const { conn, remote, reason } = refused;
  if (reason === 'closed_during_handshake' || reason === 'handshake_timeout') return undefined;
  const words = wordsOf(refused);
  const text =
    reason === 'no_common_protocol'
      ? noGrpc
      : {
          en: `rejected connection on client endpoint: ${words}`,
          ko: `클라이언트 연결을 거부했습니다: ${words}`,
        };
  return { kind: 'rejected', conn, remote, reason, words, text };
}

function wordsOf({ by, reason, alert, detail }: Refused): string {
  const unverified = 'tls: failed to verify certificate: x509:';
  if (by === 'client') return alert ? remoteErrorText(alert) : `remote error: tls: ${reason}`;
  const { presented, now = '' } = detail;
  switch (reason) {
    case 'certificate_missing':
      return "tls: client didn't provide a certificate";
    case 'unknown_ca':
    case 'self_signed':
    case 'intermediate_missing':
      return `${unverified} certificate signed by unknown authority`;
    case 'certificate_expired':
      return `${unverified} certificate has expired or is not yet valid: current time ${inGo(now)} is after ${inGo(presented?.notAfter ?? '')}`;
    case 'certificate_not_yet_valid':
      return `${unverified} certificate has expired or is not yet valid: current time ${inGo(now)} is before ${inGo(presented?.notBefore ?? '')}`;
    case 'wrong_usage':
      return `${unverified} certificate specifies an incompatible key usage`;
    case 'plaintext_on_tls_port':
      return 'tls: first record does not look like a TLS handshake';
    case 'no_common_protocol':
      return 'tls: client requested unsupported application protocols';
    case 'no_common_version':
      return 'tls: client offered only unsupported versions';
    default:
      return safeText(detail.code ?? reason);
  }
}

/** Times as Go writes them (RFC 3339), to the second. */
function inGo(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
