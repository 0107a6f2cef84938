/**
 * `chain`: which certificates a server sent, in which order, and how far the client's path through them leads.
 *
 * 1. What was sent is read from the captured Certificate message, byte for byte (by SHA-256), decrypted with the logged keys
 *    under TLS 1.3. The client's path is its own report.
 * 2. A broken path is met only if the client rejected the server for the same reason; an unbroken one, only if it continued.
 *    A path that breaks above a CA is met only if the same certificates are valid to a client that trusts that CA: the fault
 *    must not be in those certificates themselves.
 */
import { refusalWords } from '../../analysis/outcome/refusal.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { refusalReasons } from '../../capture/vocabulary.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { pathsOf, readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';
import { evidenceAt } from '../../engine/view.ts';
import { breakPlace } from '../../peers/reports/chain.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { summaryOf } from '../../protocols/x509/known-certificates.ts';

export function chainSchema(zod: Z) {
  return zod.strictObject({
    sent: zod
      .array(zod.string())
      .min(1)
      .describe('Rows of the recipe: the certificates that the server sends, in the order of its message.'),
    way: zod
      .array(zod.string())
      .min(1)
      .describe('Recipe rows: the client’s path from the server’s certificate upwards, as far as it leads.'),
    breaks: zod
      .union([
        zod.strictObject({
          at: zod.string().describe('The row of the path that is at fault, or whose issuer is missing.'),
          reason: zod.enum(refusalReasons),
        }),
        zod.strictObject({
          above: zod
            .string()
            .describe(
              'A CA of the path: the fault is a rule of any CA above it. For a client that trusts this CA itself, nothing is wrong.',
            ),
        }),
      ])
      .optional()
      .describe('If omitted: the path leads to a certificate that the client trusts, without a fault.'),
  });
}

export interface ChainClaim {
  readonly sent: readonly string[];
  readonly way: readonly string[];
  readonly breaks?:
    | { readonly at: string; readonly reason: RefusalReason }
    | { readonly above: string }
    | undefined;
}

export const chain = {
  claims: (facts: z.infer<ReturnType<typeof chainSchema>>): { facts: ChainClaim }[] => [{ facts }],
  judge({ sent, way, breaks: expected }: ChainClaim, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('chain is about a step');
    const connection = view.clientConnection(step);
    const message =
      connection &&
      readingOf(view, connection)?.handshake.find(
        ({ from, certificates }) => from === 'server' && certificates !== undefined,
      );
    const [report] = view.reports('chain', step.client, step.id);
    const rows = new Map(
      [...sent, ...way, ...(expected ? ['at' in expected ? expected.at : expected.above] : [])].map((row) => [
        row,
        view.certificate(row),
      ]),
    );
    if (!connection || !message?.certificates || !report || [...rows.values()].includes(undefined)) {
      return {
        status: 'unobserved',
        evidence: report ? [{ event: report.seq }] : [],
        says: {
          en: "the server's certificates were not captured",
          ko: '서버의 인증서가 관찰되지 않았습니다',
        },
      };
    }
    const refusal = connection.refused.find(({ by }) => by === 'client');
    const evidence: EvidenceRef[] = [
      evidenceAt(connection, 'server', message.offset, message.length),
      { event: report.seq },
      ...(refusal ? [{ event: refusal.seq }] : []),
    ];
    const missed = (en: string, ko: string): Judgement => ({ status: 'missed', evidence, says: { en, ko } });
    const missedFor = (observed: Localized, expected: Localized): Judgement => ({
      status: 'missed',
      evidence,
      says: {
        en: `${observed.en}; expected: ${expected.en}`,
        ko: `${observed.ko}. 예상: ${expected.ko}`,
      },
      observed,
    });
    /** Who has no access to the recipe is told how many were needed, but not which. */
    const missedCount = (observed: Localized, rows: readonly string[]): Judgement => ({
      ...missedFor(observed, verbatim(rows.join(', '))),
      observed: {
        en: `${observed.en}. Needed: ${rows.length}`,
        ko: `${observed.ko}. 필요한 개수: ${rows.length}`,
      },
    });
    // A certificate without a row is also named by its subject: it may be an older certificate of the same name.
    const stranger = (sha256: string): string => {
      const met = report.result.way.find((one) => one.sha256 === sha256);
      const digest = sha256.slice(0, 16);
      return met ? `${safeText(met.subject)} (SHA-256 ${digest})` : digest;
    };
    const nameOf = (sha256: string): string =>
      [...rows].find(([, summary]) => summary?.sha256 === sha256)?.[0] ?? stranger(sha256);
    const named = (hashes: readonly string[]): string => hashes.map(nameOf).join(', ') || '-';

    const onWire = message.certificates.map((der) => sha256Hex(der));
    if (named(onWire) !== sent.join(', ')) {
      const list = withIssuers(
        message.certificates.map((der, index) => ({ name: nameOf(onWire[index] ?? ''), ...namesIn(der) })),
      );
      return missedCount(
        {
          en: `the server sent ${counted(onWire.length).en}: ${list.en}`,
          ko: `서버가 보낸 ${counted(onWire.length).ko}: ${list.ko}`,
        },
        sent,
      );
    }
    const gone = report.result.way.map(({ sha256 }) => sha256);
    if (named(gone) !== way.join(', ')) {
      const list = withIssuers(
        report.result.way.map(({ sha256, subject, issuer }) => ({ name: nameOf(sha256), subject, issuer })),
      );
      return missedCount(
        {
          en: `the client’s path has ${counted(gone.length).en}, from the server’s own upwards: ${list.en}`,
          ko: `클라이언트가 서버의 인증서부터 위로 따라간 ${counted(gone.length).ko}: ${list.ko}`,
        },
        way,
      );
    }
    const isAbove = expected !== undefined && 'above' in expected;
    if (isAbove) {
      if (!report.result.breaks || !refusal)
        return missed(
          'the client found nothing wrong with the path, and continued',
          '클라이언트가 체인에서 잘못된 점을 찾지 못하고 연결을 계속했습니다',
        );
      const [leaf, ...others] = message.certificates;
      const anchor = others.find((_, index) => onWire[index + 1] === rows.get(expected.above)?.sha256);
      if (!leaf || !anchor)
        return missed(`${expected.above} was not sent`, `${expected.above} 인증서가 전송되지 않았습니다`);
      const itself = pathsOf(view).verifyChain({
        chain: [leaf, ...others],
        roots: [anchor],
        purpose: 'server',
        hostname: report.result.name,
        at: view.beganAt ?? 0,
      });
      if (!itself.admitted) {
        const why = faultOf(itself.reason, safeText(report.result.name));
        return missed(
          `the client refused, but not because of a rule of a CA above ${expected.above}: ${why.en}`,
          `클라이언트가 거부했지만 ${expected.above} 위의 CA가 정한 제한 때문이 아닙니다. ${why.ko}`,
        );
      }
    }
    const breaks = isAbove
      ? report.result.breaks && {
          at: nameOf(gone[report.result.breaks.at] ?? ''),
          reason: report.result.breaks.reason,
        }
      : expected;
    const at = report.result.breaks && nameOf(gone[report.result.breaks.at] ?? '');
    const reason = report.result.breaks?.reason;
    if (at !== breaks?.at || reason !== breaks?.reason) {
      return missedFor(
        {
          en: `the way ${at === undefined ? 'does not break' : `breaks at ${at} (${reason})`}`,
          ko: `체인이 ${at === undefined ? '끊기지 않습니다' : `${at}에서 끊깁니다(${reason})`}`,
        },
        breaks
          ? { en: `${breaks.at} (${breaks.reason})`, ko: `${breaks.at}(${breaks.reason})` }
          : { en: 'no break', ko: '끊기지 않음' },
      );
    }
    if (!isAbove && refusal?.reason !== breaks?.reason) {
      const [said, saidKo] = refusal
        ? [`refused because of ${refusal.reason}`, `${refusal.reason} 이유로 거부했습니다`]
        : ['went on', '연결을 계속했습니다'];
      return missed(
        `by its own account the client should not have ${said}, and it has`,
        `클라이언트의 보고와 달리 ${saidKo}`,
      );
    }
    const end = safeText(report.result.way.at(-1)?.subject ?? '');
    const place = breakPlace(report.result);
    const brokenAt = safeText(place?.subject ?? '');
    const { en: count, ko: countKo } = counted(onWire.length);
    return {
      status: 'met',
      evidence,
      says: breaks
        ? {
            en: `the server sent ${count}, in this order: ${sent.join(', ')}. The path breaks at ${brokenAt} (${breaks.reason})`,
            ko: `서버가 보낸 ${countKo}, 순서대로: ${sent.join(', ')}. 체인이 끊긴 곳: ${brokenAt}(${breaks.reason})`,
          }
        : {
            en: `the server sent ${count}, in this order: ${sent.join(', ')}. The path leads to ${end}, which the client trusts`,
            ko: `서버가 보낸 ${countKo}, 순서대로: ${sent.join(', ')}. 체인은 클라이언트가 신뢰하는 ${end}까지 이어집니다`,
          },
    };
  },
} as const;

const counted = (count: number): Localized => ({
  en: count === 1 ? 'one certificate' : `${count} certificates`,
  ko: `인증서 ${count}개`,
});

interface Listed {
  readonly name: string;
  readonly subject?: string;
  readonly issuer?: string;
}

/** Certificates, each with who issued it. */
function withIssuers(certificates: readonly Listed[]): Localized {
  const list = (issuedBy: (issuer: string) => string, byItself: string): string =>
    certificates
      .map(({ name, subject, issuer }) =>
        issuer === undefined
          ? name
          : `${name} (${issuer === subject ? byItself : issuedBy(safeText(issuer))})`,
      )
      .join(', ');
  return {
    en: list((issuer) => `issued by ${issuer}`, 'issued by itself'),
    ko: list((issuer) => `발급자 ${issuer}`, '자체 발급'),
  };
}

/** Of a certificate that can be read. */
function namesIn(der: Uint8Array): Pick<Listed, 'subject' | 'issuer'> {
  const step = readCertificate(der);
  if (!('got' in step)) return {};
  const { subject, issuer } = summaryOf(step.got);
  return { subject, issuer };
}

/** What is wrong with certificates whatever their CAs allow. @param name that the client has asked for */
function faultOf(reason: RefusalReason, name: string): Localized {
  if (reason === 'name_mismatch')
    return {
      en: `the server’s certificate lacks the name ${name} (subjectAltName)`,
      ko: `서버 인증서에 ${name} 이름(subjectAltName)이 없습니다`,
    };
  const words = refusalWords[reason].name;
  return {
    en: `the certificates themselves are invalid: ${words.en} (${reason})`,
    ko: `인증서 자체가 잘못되었습니다: ${words.ko}(${reason})`,
  };
}
