/**
 * A name with several addresses: which of them was called, and whether the same call goes well, or fails otherwise, at another one.
 * Who tries only one of them, or another one first, sees something else.
 */
import { josa } from '../i18n/josa.ts';
import { inEach } from '../i18n/language.ts';
import type { Attempt } from './attempt/attempt.ts';
import { difference } from './case.ts';
import type { Case } from './case.ts';
import type { AtAddress, Diagnosis, Finding } from './diagnosis.ts';
import { statusOf } from './hypotheses/application.ts';
import { endAt, otherAddresses, toAddress } from './hypotheses/addresses.ts';
import { healthOf } from './repetition.ts';

/** Undefined where the name has one address, or nobody was reached at any. */
export async function atAddress(current: Case): Promise<AtAddress | undefined> {
  const { call, base, laboratory } = current;
  const address = base.address.host;
  if (call.addresses.length < 2 || call.through || base.result === 'no_connection') return undefined;
  const isFailing = healthOf(current, base) === 'failing' || (statusOf(base) ?? 200) >= 400;
  const made: Attempt[] = [];
  for (const other of isFailing ? [call.addresses[0], ...otherAddresses(call)] : []) {
    const attempt =
      other === undefined || other === address ? undefined : await laboratory.try(toAddress(other));
    // That this machine has no way there, or that only one of its own two addresses is listened to, explains nothing.
    if (attempt && attempt.result !== 'no_connection') made.push(attempt);
  }
  const well = made.filter((one) => isWell(current, one));
  const first = endAt(current, base);
  const otherwise = made.filter(
    (one) =>
      !well.includes(one) && healthOf(current, one) === 'failing' && endAt(current, one).en !== first.en,
  );
  const [one] = [...well, ...otherwise];
  // Where there is nothing to compare with, of this machine's own name nothing is said.
  if (!one && isOwnName(call.host)) return undefined;
  return {
    address,
    words: inEach((language) =>
      sentences[language](address, call.addresses.length, well, otherwise, current),
    ),
    isWellElsewhere: well.length > 0,
    evidence: one ? [difference(base, one)] : [],
  };
}

const isOwnName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host);

const isWell = (current: Case, attempt: Attempt): boolean =>
  healthOf(current, attempt) === 'well' && (statusOf(attempt) ?? 200) < 400;

const hostsOf = (attempts: readonly Attempt[]): string =>
  attempts.map(({ address }) => address.host).join(', ');

type Sentence = (
  address: string,
  count: number,
  well: readonly Attempt[],
  otherwise: readonly Attempt[],
  current: Case,
) => string;

const sentences: Readonly<Record<'en' | 'ko', Sentence>> = {
  en: (address, count, well, otherwise, current) =>
    [
      `This is so at ${address}, one of the ${count} addresses of the name`,
      ...(well.length > 0 ? [`at ${hostsOf(well)} the same call goes well`] : []),
      ...otherwise.map((one) => `at ${one.address.host} it fails otherwise (${endAt(current, one).en})`),
    ].join('; '),
  ko: (address, count, well, otherwise, current) =>
    [
      `이름의 주소 ${count}개 가운데 ${address}에서 본 결과입니다.`,
      ...(well.length > 0 ? [`${hostsOf(well)}에서는 같은 호출이 성공합니다.`] : []),
      ...otherwise.map((one) => `${one.address.host}에서는 다르게 실패합니다(${endAt(current, one).ko}).`),
    ].join(' '),
};

/** A finding about the address that was called. */
export function withAddress(finding: Finding, at: AtAddress | undefined): Finding {
  if (!at || finding.cause === 'one_address_fails' || finding.because.en.includes(at.words.en))
    return finding;
  const { because, remedy, evidence } = finding;
  const isOfServer = at.isWellElsewhere && remedy.on === 'server';
  return {
    ...finding,
    because: {
      en: `${because.en.replace(/\.$/, '')}. ${at.words.en}`,
      ko: `${because.ko.replace(/\.$/, '')}. ${at.words.ko}`,
    },
    remedy: isOfServer
      ? {
          ...remedy,
          words: {
            en: `at ${at.address} (or take that address out of DNS): ${remedy.words.en}`,
            ko: `${at.address}의 서버에서(또는 ${josa(at.address, '을/를')} DNS에서 지우고) ${remedy.words.ko}`,
          },
        }
      : remedy,
    evidence: [...evidence, ...at.evidence.filter((one) => !evidence.includes(one))],
  };
}

/** Of a diagnosis that has a finding. */
export async function withAddresses(diagnosis: Diagnosis, current: Case): Promise<Diagnosis> {
  const { finding } = diagnosis;
  if (!finding || finding.cause === 'one_address_fails' || finding.cause === 'intermittent') return diagnosis;
  const at = await atAddress(current);
  return at
    ? { ...diagnosis, finding: withAddress(finding, at), at, attempts: current.laboratory.attempts }
    : diagnosis;
}
