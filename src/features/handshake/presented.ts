/**
 * The credentials on the way to a server: `presents` (which certificate a wire's client presents, or that it presents none),
 * `vouched` (who signed the certificate that a wire's server presents to a client that continues), `tunnelled` (a proxy was
 * asked for a tunnel, and TLS begins after its response).
 *
 * 1. All are read from the captured bytes; encrypted messages with the logged keys.
 */
import { sha256Hex } from '../../core/sha256.ts';
import type { z } from 'zod';
import { formatAddress } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { Plan, PlannedStep } from '../../engine/plan.ts';
import { evidenceAt } from '../../engine/view.ts';
import { pathsOf, readingOf } from '../../evidence/records.ts';
import type { Paths } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';

export function presentsSchema(zod: Z) {
  return zod.strictObject({
    wire: zod.string().describe('The wire whose client is asked for a certificate.'),
    certificate: zod.string().optional().describe('The recipe row presented. Default: no certificate.'),
    issuer: zod.string().optional().describe('The CA whose key signed it; its certificate is sent along.'),
  });
}

export function vouchedSchema(zod: Z) {
  return zod.strictObject({
    wire: zod.string().describe('The wire whose server presents a certificate.'),
    issuer: zod
      .string()
      .optional()
      .describe('The CA that signed it. Default: a CA that no participant trusts.'),
    refused: zod
      .boolean()
      .optional()
      .describe('true: the client stops there. Default: it continues and sends requests.'),
  });
}

export function tunnelledSchema(zod: Z) {
  return zod.strictObject({
    wire: zod.string().describe('The wire to the proxy.'),
    to: zod.string().describe('The server to which the client requests a tunnel.'),
  });
}

type Presents = z.infer<ReturnType<typeof presentsSchema>>;
type Vouched = z.infer<ReturnType<typeof vouchedSchema>>;
type Tunnelled = z.infer<ReturnType<typeof tunnelledSchema>>;

function connectionsOf(wire: string, view: View, step: PlannedStep | undefined): Connection[] {
  if (!step) throw new Error('this expectation is about a step');
  return view.connectionsOn(wire, step.id);
}

export const presents = {
  claims: (facts: Presents) => [{ suffix: facts.wire, facts }],
  judge({ wire, certificate, issuer }: Presents, view: View, step: PlannedStep | undefined): Judgement {
    const active = connectionsOf(wire, view, step);
    // A permanent client presented it before the step, and may be idle now.
    const connections = active.length > 0 || !step ? active : view.standingOn(wire, step.id);
    const shown = connections.map((connection) => {
      const message = readingOf(view, connection)?.handshake.find(
        (one) => one.from === 'client' && one.message === 'certificate',
      );
      return (
        message && {
          evidence: evidenceAt(connection, 'client', message.offset, message.length),
          digest: digestOf(message.certificates?.[0]),
          chain: message.certificates ?? [],
        }
      );
    });
    const whole = shown.filter((one) => one !== undefined);
    const row = certificate === undefined ? undefined : view.certificate(certificate);
    const authority = issuer === undefined ? undefined : view.certificate(issuer);
    if (
      whole.length === 0 ||
      whole.length < shown.length ||
      (certificate !== undefined && !row) ||
      (issuer !== undefined && !authority)
    ) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: `no client certificate message was captured on wire ${wire}`,
          ko: `구간 ${wire}에서 클라이언트의 인증서 메시지를 읽지 못했습니다`,
        },
      };
    }
    const evidence = whole.map((one) => one.evidence);
    const digests = [...new Set(whole.map(({ digest }) => digest))];
    if (digests.every((digest) => digest === undefined)) {
      return {
        status: certificate === undefined ? 'met' : 'missed',
        evidence,
        says: {
          en: `on wire ${wire} the client is asked for a certificate and presents none: an empty list`,
          ko: `구간 ${wire}: 인증서를 요청받은 클라이언트가 빈 목록을 보냈습니다`,
        },
      };
    }
    const isTrue = digests.length === 1 && digests[0] === row?.sha256;
    const named =
      isTrue && row
        ? safeText(row.subject)
        : digests.map((digest) => (digest === undefined ? '-' : `SHA-256 ${digest}`)).join(', ');
    const shows = {
      en: `on wire ${wire} the client presents the certificate of ${named}`,
      ko: `구간 ${wire}에서 클라이언트가 제시한 인증서: ${named}`,
    };
    if (isTrue && authority) {
      const signers = [...new Set(whole.map(({ chain }) => signerIn(chain)))];
      const isSigned = whole.every(({ chain }) => isSignedBy(chain, authority, pathsOf(view)));
      const by = isSigned
        ? safeText(authority.subject)
        : signers.map((one) => safeText(one ?? '-')).join(', ');
      const wanted = {
        en: isSigned ? '' : `; expected: ${safeText(authority.subject)} (${issuer})`,
        ko: isSigned ? '' : `. 필요한 서명: ${safeText(authority.subject)}(${issuer})`,
      };
      return {
        status: isSigned ? 'met' : 'missed',
        evidence,
        says: { en: `${shows.en}, signed by ${by}${wanted.en}`, ko: `${shows.ko}, 서명: ${by}${wanted.ko}` },
        ...(isSigned
          ? {}
          : { observed: { en: `${shows.en}, signed by ${by}`, ko: `${shows.ko}, 서명: ${by}` } }),
      };
    }
    return { status: isTrue ? 'met' : 'missed', evidence, says: shows };
  },
} as const;

/** Whether the first was signed with the key of this CA, whose certificate, or one for the same key, follows it. */
function isSignedBy(
  [leaf, ...others]: readonly Uint8Array[],
  authority: CertificateSummary,
  { isIssuedBy }: Pick<Paths, 'isIssuedBy'>,
): boolean {
  const shown = readable(leaf);
  return (
    shown !== undefined &&
    others
      .flatMap((der) => readable(der) ?? [])
      .some((one) => isSame(certificateSummary(one), authority) && isIssuedBy(shown, one))
  );
}

/** By its bytes, or by the same name and key: a CA may have a newer certificate. */
function isSame(one: CertificateSummary, other: CertificateSummary): boolean {
  return (
    one.sha256 === other.sha256 ||
    (one.subject === other.subject &&
      (one.keyId === other.keyId || one.keyId === undefined || other.keyId === undefined))
  );
}

/** The issuer named in the first certificate. */
function signerIn([leaf]: readonly Uint8Array[]): string | undefined {
  const shown = readable(leaf);
  return shown && certificateSummary(shown).issuer;
}

function readable(der: Uint8Array | undefined): Certificate | undefined {
  const step = der && readCertificate(der);
  return step && 'got' in step ? step.got : undefined;
}

/** Every CA trusted by a participant of the scenario. */
function trustedRows({ servers, clients }: Plan): string[] {
  return [
    ...new Set([
      ...servers.flatMap(({ clientAuthorities = [], controlPlane }) => [
        ...clientAuthorities,
        ...(controlPlane?.kubelet?.verifiedBy ?? []),
        ...(controlPlane?.etcd?.trust ?? []),
      ]),
      ...clients.flatMap(({ trust = [] }) => trust),
    ]),
  ];
}

export const vouched = {
  claims: (facts: Vouched) => [{ suffix: facts.wire, facts }],
  judge({ wire, issuer, refused = false }: Vouched, view: View, step: PlannedStep | undefined): Judgement {
    const known = trustedRows(view.plan).map((row) => ({ row, summary: view.certificate(row) }));
    const shown = connectionsOf(wire, view, step).flatMap((connection) => {
      const leaf = readingOf(view, connection)?.leaf('server');
      const signer =
        leaf &&
        known.find(
          ({ summary }) =>
            summary?.subject === leaf.summary.issuer && summary.keyId === leaf.summary.authorityKeyId,
        );
      return leaf
        ? [
            {
              ...leaf,
              signer: signer?.row,
              evidence: evidenceAt(connection, 'server', leaf.offset, leaf.length),
              isAsked: connection.stream('plaintext', 'client').length > 0,
            },
          ]
        : [];
    });
    const [first] = shown;
    if (!first || known.some(({ summary }) => !summary))
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: `no server certificate was captured on wire ${wire}`,
          ko: `구간 ${wire}에서 서버의 인증서를 읽지 못했습니다`,
        },
      };
    const isTrue = shown.every(({ signer, isAsked }) => signer === issuer && isAsked !== refused);
    const [subject, by] = [safeText(first.summary.subject), safeText(first.summary.issuer)];
    const who =
      first.signer === undefined
        ? { en: `${by}, an unknown CA`, ko: `${by}(아무도 모르는 CA)` }
        : { en: `${by} (${first.signer})`, ko: `${by}(${first.signer})` };
    const then = first.isAsked
      ? {
          en: 'the client continues and sends requests',
          ko: '클라이언트는 인증서를 확인한 뒤 요청을 보냈습니다',
        }
      : { en: 'the client sends no request', ko: '클라이언트는 아무것도 요청하지 않았습니다' };
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: shown.map(({ evidence }) => evidence),
      says: {
        en: `on wire ${wire} the server presents ${subject}, signed by ${who.en}; ${then.en}`,
        ko: `구간 ${wire}의 서버 인증서: ${subject}, 서명: ${who.ko}. ${then.ko}`,
      },
    };
  },
} as const;

export const tunnelled = {
  claims: (facts: Tunnelled) => [{ facts }],
  judge({ wire, to }: Tunnelled, view: View, step: PlannedStep | undefined): Judgement {
    const connections = connectionsOf(wire, view, step);
    const address = view.addressOf(to);
    if (connections.length === 0 || !address)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `no connection on wire ${wire}`, ko: `구간 ${wire}에 연결이 없습니다` },
      };
    const asked = `CONNECT ${formatAddress(address)} HTTP/1.1\r\n`;
    const ways = connections.map((connection) => {
      const [client, server] = [connection.stream('wire', 'client'), connection.stream('wire', 'server')];
      const hello = client.helloAt ?? 0;
      const isTunnel =
        textOf(client.read(0, asked.length)) === asked &&
        /^HTTP\/1\.[01] 2\d\d /.test(textOf(server.read(0, 13))) &&
        hello > asked.length;
      return { isTunnel, hello, evidence: evidenceAt(connection, 'client', 0, Math.max(1, hello)) };
    });
    const [first] = ways;
    const isTrue = ways.every(({ isTunnel }) => isTunnel);
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: ways.map(({ evidence }) => evidence),
      says: isTrue
        ? {
            en: `on wire ${wire} the client sends ${asked.trim()}, in cleartext; after the proxy’s 200 its ClientHello begins at byte ${first?.hello ?? 0}`,
            ko: `구간 ${wire}: 클라이언트가 평문으로 ${asked.trim()} 요청을 보내고, 프록시가 200으로 답한 뒤 ${first?.hello ?? 0}번째 바이트부터 ClientHello가 시작됩니다`,
          }
        : {
            en: `on wire ${wire} no tunnel was opened to ${formatAddress(address)}`,
            ko: `구간 ${wire}: ${josa(formatAddress(address), '으로/로')} 가는 터널이 열리지 않았습니다`,
          },
    };
  },
} as const;

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}

function digestOf(der: Uint8Array | undefined): string | undefined {
  return der && sha256Hex(der);
}
