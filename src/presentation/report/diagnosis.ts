/** A diagnosis as blocks: the answer first, then what speaks for it, then every experiment. */
import { cameBack, outcomeText } from '../../diagnosis/case.ts';
import { waitedFor } from '../../diagnosis/attempt/call.ts';
import type { Attempt } from '../../diagnosis/attempt/attempt.ts';
import type { Diagnosis, Evidence, Finding } from '../../diagnosis/diagnosis.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type {
  DiagnosisBlock,
  DiagnosisRow,
  EvidenceItem,
  ExperimentBlock,
  ExperimentRow,
  ReportOfDiagnosis,
} from '../types/diagnosis.ts';
import { placesOf } from './place.ts';

const labels = {
  target: { en: 'target', ko: '대상' },
  ran: { en: 'command', ko: '명령' },
  connection: { en: 'stream', ko: '연결' },
  because: { en: 'because', ko: '이유' },
  at: { en: 'at', ko: '시점' },
  todo: { en: 'to do', ko: '할 일' },
  evidence: { en: 'evidence', ko: '근거' },
  experiments: { en: 'experiments', ko: '실험' },
  judged: {
    en: 'experiments (their client refuses no certificate: it judges them afterwards)',
    ko: '실험(실험하는 클라이언트는 인증서를 거부하지 않고 나중에 판정합니다)',
  },
  others: { en: 'also', ko: '그 밖에' },
} as const satisfies Readonly<Record<string, Localized>>;

const blamed: Readonly<Record<Finding['by'], Localized>> = {
  client: { en: 'REFUSED BY THE CLIENT', ko: '클라이언트가 거부' },
  server: { en: 'REFUSED BY THE SERVER', ko: '서버가 거부' },
  between: { en: 'SOMETHING BETWEEN THE TWO', ko: '둘 사이의 무언가' },
  nobody: { en: 'NOBODY THERE', ko: '아무도 없음' },
  unknown: { en: 'FAILED', ko: '실패' },
};

/** Nobody has refused anything: what happened is said, and on which side to look for it stands in what is to be done. */
const unrefused: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'tls_on_plaintext_port',
  'plaintext_on_tls_port',
  'upgrade_on_tls_port',
  'proxy_header_missing',
  'other_protocol',
  'server_silent',
  'client_silent',
  'no_reply',
  'handshake_timeout',
  'closed_during_handshake',
  'ends_every_connection',
  'ends_after_handshake',
  'application_silent',
  'application_resets',
  'unusable_answer',
  'slow_server',
  'reset_in_handshake',
  'cut_within_record',
  'one_address_fails',
  'intermittent',
  'large_packets_lost',
  'packets_lost',
  'unusable_file',
  'unusable_option',
  'failed_elsewhere',
  'no_connection_seen',
  'reset_in_data',
  'stale_connection',
  'target_unreachable',
  'host_not_found',
]);

const sideOf = ({ by, cause }: Pick<Finding, 'by' | 'cause'>): Localized =>
  unrefused.has(cause) && (by === 'client' || by === 'server') ? blamed.unknown : blamed[by];

const confidences: Readonly<Record<Finding['confidence'], Localized>> = {
  proven: { en: 'proven', ko: '증명됨' },
  likely: { en: 'likely', ko: '유력' },
  unknown: { en: 'the cause is not known', ko: '원인은 알 수 없음' },
};

/** It may be another machine than the one of the title: it is to be seen at a glance. */
const machines = {
  client: { en: 'ON THE CLIENT:', ko: '[클라이언트에서]' },
  server: { en: 'ON THE SERVER:', ko: '[서버에서]' },
  between: { en: 'ON THE WAY:', ko: '[중간 경로에서]' },
} as const satisfies Readonly<Record<string, Localized>>;

const wellWords: Localized = { en: 'NOTHING IS WRONG', ko: '문제 없음' };

/** What is no message of a handshake. */
const messageWords: Readonly<Record<string, Localized>> = {
  ApplicationData: {
    en: 'application data, after the handshake',
    ko: '핸드셰이크를 마친 뒤의 애플리케이션 데이터',
  },
  'application data': {
    en: 'application data, after the handshake',
    ko: '핸드셰이크를 마친 뒤의 애플리케이션 데이터',
  },
};

const nothingSeen: Localized = { en: 'NOTHING SEEN', ko: '본 것이 없음' };
const notKnown: Localized = { en: 'NOT KNOWN', ko: '알 수 없음' };

/** @param ran what became of a command, which the target is then */
export function diagnosisBlocks(
  target: string,
  diagnosis: Diagnosis,
  ran?: Localized,
): readonly ReportOfDiagnosis[] {
  const { finding, attempts } = diagnosis;
  const blocks: ReportOfDiagnosis[] = [answerBlock(target, diagnosis, ran)];
  if (finding && finding.evidence.length > 0)
    blocks.push({
      kind: 'evidence',
      title: labels.evidence,
      items: finding.evidence.map((one) => evidenceItem(one, finding, attempts)),
    });
  if (attempts.length === 0) return blocks;
  // They complete each handshake: what a client says of the certificates is found out afterwards.
  const isJudged = finding?.by === 'client' && attempts.some(({ result }) => result === 'completed');
  blocks.push({
    kind: 'experiments',
    title: labels[isJudged ? 'judged' : 'experiments'],
    rows: experimentRows(attempts, !finding),
  });
  return blocks;
}

function answerBlock(
  target: string,
  { finding, others, attempts }: Diagnosis,
  ran: Localized | undefined,
): DiagnosisBlock {
  const rows: DiagnosisRow[] = [];
  const row = (kind: DiagnosisRow['kind'], label: Localized, text: Localized): void =>
    void rows.push({ kind, label, text });
  const place = (): void => {
    // A command may be a page long: what is to be done about it must not stand behind it.
    rows.push({
      kind: 'target',
      label: labels.target,
      text: verbatim(target),
      ...(ran ? { isKnown: true } : {}),
    });
    if (ran) row('ran', labels.ran, ran);
  };
  if (!finding) {
    // Where the first address took no connection, a client goes on with the next one.
    const base =
      attempts.find(({ change, result }) => change.id === waitedFor && result === 'completed') ??
      attempts.find(({ result }) => result !== 'no_connection') ??
      attempts[0];
    place();
    if (base) row('at', labels.at, cameBack(base, true));
  } else {
    const { connection, remedy } = finding;
    // What is wrong and what to do come before all that only places it.
    row('because', labels.because, finding.because);
    rows.push({
      kind: 'todo',
      label: labels.todo,
      text: inEach((language) => `${machines[remedy.on][language]} ${remedy.words[language]}`),
      ...(remedy.command === undefined ? {} : { command: remedy.command }),
    });
    place();
    if (connection) row('connection', labels.connection, verbatim(connectionText(connection)));
    if (finding.message !== undefined)
      row('at', labels.at, messageWords[finding.message] ?? verbatim(finding.message));
  }
  for (const other of others) row('other', labels.others, otherText(other));
  return {
    kind: 'diagnosis',
    headline: finding ? headOf(finding) : wellWords,
    tone: finding ? (finding.confidence === 'unknown' ? 'question' : 'refused') : 'strong',
    rows,
  };
}

const otherText = (other: Finding): Localized =>
  inEach((language) =>
    other.connection
      ? `${connectionText(other.connection)}: ${sideOf(other)[language]}: ${other.name[language]} (${confidences[other.confidence][language]})`
      : `${other.name[language]}: ${other.because[language]}`,
  );

/** Of what nobody saw it cannot be said that it failed. */
function headOf({ cause, by, name, confidence }: Finding): Localized {
  const isUndecided = undecided.has(cause) || (cause === 'application_silent' && confidence === 'unknown');
  const open = cause === 'no_connection_seen' ? nothingSeen : isUndecided ? notKnown : undefined;
  return inEach((language) =>
    open
      ? `${open[language]}: ${name[language]}`
      : `${sideOf({ by, cause })[language]}: ${name[language]} (${confidences[confidence][language]})`,
  );
}

/** Neither a failure was seen, nor that all went well. */
const undecided: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'capture_ends',
  'nothing_said',
  'nothing_sent',
  'listener_verified',
  'refusal_overcome',
]);

const connectionText = ({ stream, from, to, name }: NonNullable<Finding['connection']>): string =>
  `${stream}: ${from} -> ${to}${name === undefined ? '' : ` (${safeText(name)})`}`;

function experimentRows(attempts: readonly Attempt[], isWell: boolean): readonly ExperimentRow[] {
  const rows: (ExperimentRow & { readonly text: string })[] = [];
  for (const attempt of attempts) {
    const { number, change, connection } = attempt;
    const text = outcomeText(attempt, isWell).en;
    const conns = connection ? [connection.conn] : [];
    const before = rows.at(-1);
    if (before?.text === text)
      rows[rows.length - 1] = { ...before, last: number, conns: [...before.conns, ...conns] };
    else
      rows.push({
        text,
        first: number,
        last: number,
        changed: change.words,
        cameBack: cameBack(attempt, isWell),
        conns,
      });
  }
  return rows.map(({ text: _text, ...row }) => row);
}

/** The head of an experiment's connection; undefined where none was established. */
export function experimentBlock(attempt: Attempt, isWell: boolean): ExperimentBlock | undefined {
  const { number, change, connection } = attempt;
  return (
    connection && {
      kind: 'experiment',
      conn: connection.conn,
      number,
      changed: change.words,
      cameBack: cameBack(attempt, isWell),
    }
  );
}

/** The bytes are of its experiment, or else of the connection that was observed. */
function evidenceItem(one: Evidence, finding: Finding, attempts: readonly Attempt[]): EvidenceItem {
  const connOf = (number: number): number | undefined =>
    attempts.find((attempt) => attempt.number === number)?.connection?.conn;
  const numbers =
    one.kind === 'difference'
      ? one.attempts
      : 'attempt' in one && one.attempt !== undefined
        ? [one.attempt]
        : [];
  const own = numbers.flatMap((number) => connOf(number) ?? []);
  const observed = finding.connection?.stream;
  const conns = numbers.length > 0 || observed === undefined ? own : [observed];
  const [place] = one.kind === 'bytes' ? placesOf([one.place]) : [];
  const [conn] = conns;
  return {
    text: evidenceText(one),
    ...(place && conn !== undefined ? { place: { ...place, conn } } : {}),
    conns: one.kind === 'certificate' ? [] : conns,
  };
}

function evidenceText(one: Evidence): Localized {
  switch (one.kind) {
    case 'certificate': {
      const { subject, issuer, notBefore, notAfter } = one.certificate;
      const what = safeText(`${subject} <- ${issuer}, ${notBefore} .. ${notAfter}`);
      return { en: `${one.words.en}: ${what}`, ko: `${one.words.ko}: ${what}` };
    }
    case 'words':
      return one.said === ''
        ? one.words
        : { en: `${one.words.en}: ${safeText(one.said)}`, ko: `${one.words.ko}: ${safeText(one.said)}` };
    case 'bytes':
      return {
        en: one.attempt === undefined ? one.words.en : `${one.words.en} (experiment ${one.attempt})`,
        ko: one.attempt === undefined ? one.words.ko : `${one.words.ko}(실험 ${one.attempt})`,
      };
    case 'difference':
      return {
        en: `${one.words.en} (experiments ${one.attempts.join(' and ')})`,
        ko: `${one.words.ko}(실험 ${one.attempts.join(', ')})`,
      };
  }
}
