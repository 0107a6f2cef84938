/**
 * Implements `wirelab certs verify`: prints every check of a chain, including those that pass, with what was presented,
 * what was expected and what to do, and the equivalent openssl command. `pki/x509/examination.ts` has the checks.
 */
import { existsSync } from 'node:fs';
import { defined } from '../../core/defined.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { systemClock } from '../../core/clock.ts';
import { certificateSummary, isoTime } from '../../protocols/x509/certificate.ts';
import { UserError } from '../../i18n/user-error.ts';
import { checkTitles, examine } from '../../pki/x509/examination.ts';
import type { Check, CheckStatus, Question } from '../../pki/x509/examination/check.ts';
import type { Examination } from '../../pki/x509/examination.ts';
import { issuerTreeOf } from '../../pki/x509/issuer-tree.ts';
import { isSelfSigned, mayHaveIssued } from '../../pki/x509/verify.ts';
import type { Purpose } from '../../pki/x509/verify.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { readCertificates, readKind } from './files.ts';
import type { SeenServer } from './live.ts';
import { hostNameOf, onlyOperand } from './operands.ts';
import { lookAt, serverOptions } from './server.ts';
import { outputLine } from '../../ui/json/line.ts';
import type { LineOf } from '../../ui/json/line.ts';
import { printJson, printTo } from './print.ts';
import { treeLines } from './tree.ts';

export const verify: Command = {
  summary: {
    en: 'verify a chain check by check, and explain how to fix what fails',
    ko: '체인이 올바른지 항목별로 검증하고, 아니라면 해결 방법을 알려 줍니다',
  },
  operands: 'CERT|CHAIN|-|HOST:PORT [--cacert FILE]',
  options: {
    ...serverOptions,
    cacert: {
      value: 'FILE',
      many: true,
      help: {
        en: 'the CAs to trust (default: the roots bundled with Node)',
        ko: '신뢰할 CA(기본값: Node에 포함된 루트)',
      },
    },
    untrusted: {
      value: 'FILE',
      many: true,
      help: { en: 'additional certificates for building the chain', ko: '체인을 만드는 데 쓸 추가 인증서' },
    },
    crl: {
      value: 'FILE',
      many: true,
      help: {
        en: 'check revocation with these lists; each CA of the chain needs one',
        ko: '폐기 여부를 확인할 CRL. 체인의 CA마다 하나씩 필요합니다',
      },
    },
    purpose: {
      value: 'server|client',
      choices: ['server', 'client'],
      help: { en: 'the role of the certificate’s holder', ko: '어느 쪽의 인증서인지' },
    },
    name: {
      value: 'HOST',
      help: {
        en: 'the name or address that a client connects to',
        ko: '클라이언트가 요청하는 이름 또는 주소',
      },
    },
    at: {
      value: 'ISO-TIME',
      help: {
        en: 'verify as of this time: 2027-01-31 or 2027-01-31T09:00:00+09:00 (default: now)',
        ko: '그때를 기준으로 검증: 2027-01-31 또는 2027-01-31T09:00:00+09:00(기본값: 지금)',
      },
    },
    strict: {
      help: {
        en: 'also refuse what OpenSSL accepts but stricter verifiers do not (the lines with !)',
        ko: 'OpenSSL은 받아들이지만 더 엄격한 검증에서는 거부하는 것(!로 표시한 줄)도 거부',
      },
    },
    json: { help: { en: 'one JSON object', ko: 'JSON 객체 하나로 출력' } },
  },
  examples: [
    {
      line: './wirelab certs verify shop.crt --cacert ca.crt --name shop.localhost',
      does: {
        en: 'as a client of shop.localhost verifies it',
        ko: 'shop.localhost에 접속하는 클라이언트의 관점에서 검증',
      },
    },
    {
      line: './wirelab certs verify bob.crt --cacert ca.crt --crl ca.crl --purpose client',
      does: {
        en: 'as a server verifies bob, including revocation',
        ko: '서버의 관점에서 bob의 인증서를 검증. 폐기 여부도 확인',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 verified; 1 refused; 2 error in the command or a file.',
    ko: '종료 코드: 0은 검증됨, 1은 거부됨, 2는 명령이나 파일에 잘못이 있음.',
  },
  async run(parsed, environment) {
    const file = onlyOperand(parsed, 'verify', {
      en: 'a certificate or a chain, leaf first (FILE, - for standard input), or the HOST:PORT of a TLS server',
      ko: '인증서 또는 체인 FILE(맨 앞이 검증할 인증서, 표준 입력은 -), 또는 TLS 서버의 HOST:PORT',
    });
    const seen = await lookAt(file, parsed, 'verify');
    if (seen && !parsed.flag('json')) {
      const print = printTo(environment);
      for (const note of seen.notes.slice(1)) print.mark('-', note, 0);
      print.page.blank();
    }
    const question = await questionOf(file, parsed, seen);
    const examination = examine(question);
    if (parsed.flag('json'))
      printJson(environment, jsonOf(file, question, examination, opensslCommand(file, examination, parsed)));
    else printExamination(file, question, examination, parsed, environment);
    return examination.verified ? 0 : 1;
  },
};

/** A server is verified as its client does: for its use, and for the name that it was asked for. */
async function questionOf(file: string, parsed: Parsed, seen: SeenServer | undefined): Promise<Question> {
  const presented = seen?.contents.flatMap((content) =>
    content.kind === 'certificate' ? [content.certificate] : [],
  );
  const [leaf, ...others] = presented ?? readCertificates(file);
  if (!leaf) throw new Error('a server without a certificate was not seen');
  const purpose = (parsed.text('purpose') ?? (seen && 'server')) as Purpose | undefined;
  const name = parsed.text('name') ?? seen?.name;
  const at = parsed.text('at');
  const authorities = parsed.all('cacert');
  return defined({
    chain: [leaf, ...others, ...parsed.all('untrusted').flatMap(readCertificates)],
    roots:
      authorities.length > 0
        ? authorities.flatMap(readCertificates)
        : (await import('./trusted.ts')).rootsOfNode(),
    lists:
      parsed.all('crl').length > 0
        ? parsed.all('crl').flatMap((path) => readKind(path, 'revocation-list').map(({ list }) => list))
        : undefined,
    purpose,
    name: name === undefined ? undefined : hostNameOf(name, '--name'),
    at: at === undefined ? systemClock.now() : momentOf(at),
    strict: parsed.flag('strict'),
  });
}

/** Milliseconds since the epoch. The time zone is required: without it the result would depend on the machine. */
function momentOf(text: string): number {
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = isIso ? Date.parse(text) : Number.NaN;
  // Date.parse accepts February 30 as March 2.
  const day = Number(text.slice(8, 10));
  if (
    !Number.isNaN(at) &&
    day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  )
    return at;
  throw new UserError({
    what: { en: 'invalid date or time', ko: '시각을 읽을 수 없습니다' },
    where: '--at',
    expected: {
      en: 'a date, or a date and time with time zone: 2027-01-31, 2027-01-31T09:00:00Z, 2027-01-31T09:00:00+09:00',
      ko: '날짜, 또는 시간대가 있는 날짜와 시각: 2027-01-31, 2027-01-31T09:00:00Z, 2027-01-31T09:00:00+09:00',
    },
    received: text,
  });
}

const marks: Readonly<Record<CheckStatus, '✓' | '✗' | '!' | '-'>> = {
  passed: '✓',
  failed: '✗',
  warned: '!',
  not_asked: '-',
};

const labels = {
  expected: { en: 'expected', ko: '요구' },
  remedy: { en: 'what to do', ko: '해결 방법' },
} as const;

function printExamination(
  file: string,
  question: Question,
  examination: Examination,
  parsed: Parsed,
  environment: Environment,
): void {
  const { path, checks, verified } = examination;
  const print = printTo(environment);
  const { language } = environment;
  print.say({ en: `the chain of ${file}, from issuer to subject`, ko: `${file}의 체인(발급자에서 주체로)` });
  // From the top down, as a tree is read.
  const topDown = path.toReversed();
  print.tree(
    treeLines(
      issuerTreeOf(topDown),
      topDown.map((_, index) => topDown.length - index),
    ),
  );
  print.page.blank();
  if (parsed.all('cacert').length === 0)
    print.say({
      en: `Trusted: the ${question.roots.length} roots bundled with Node (no --cacert).`,
      ko: `신뢰 대상: Node에 포함된 루트 ${question.roots.length}개(--cacert 없음).`,
    });
  const [leaf, ...others] = question.chain;
  if (leaf.basicConstraints?.isCa && others.some((other) => mayHaveIssued(leaf, other) && other !== leaf)) {
    print.mark('!', {
      en: 'the first certificate of the file is the one that is verified, and here it is the issuer of others: put the leaf first',
      ko: '파일의 첫 번째 인증서를 검증합니다. 이 파일에서는 다른 인증서를 발급한 CA가 맨 앞에 있습니다. 순서를 확인하세요',
    });
  }
  const width = 12;
  for (const { id, status, found, expected, remedy } of checks) {
    const head = ` ${print.page.plain(marks[status])} ${print.page.fit(checkTitles[id][language], width)} `;
    print.page.behind(head, found[language]);
    const under = ' '.repeat(width + 4);
    if (status !== 'passed' && expected)
      print.page.behind(under, `${labels.expected[language]}: ${expected[language]}`);
    if (status !== 'passed' && remedy)
      print.page.behind(under, `${labels.remedy[language]}: ${remedy[language]}`);
  }
  print.page.blank();
  const failed = checks.filter(({ status }) => status === 'failed');
  const subject = print.page.plain(path[0]?.subject.text ?? '');
  if (verified) {
    const as = {
      en: question.purpose ? ` as a ${question.purpose}` : '',
      ko: question.purpose === 'server' ? '(서버)' : question.purpose === 'client' ? '(클라이언트)' : '',
    };
    print.mark('✓', { en: `VERIFIED${as.en}: ${subject}`, ko: `검증됨${as.ko}: ${subject}` }, 0);
  } else
    print.mark(
      '✗',
      {
        en: `REFUSED: ${failed
          .map(({ id }) => checkTitles[id].en)
          .filter(unique)
          .join(', ')}`,
        ko: `거부됨: ${failed
          .map(({ id }) => checkTitles[id].ko)
          .filter(unique)
          .join(', ')}`,
      },
      0,
    );
  const command = opensslCommand(file, examination, parsed);
  if (command === undefined) return;
  print.say({ en: 'The equivalent openssl command:', ko: 'openssl에 같은 질문을 하려면:' });
  print.page.verbatim(`  ${command}`);
}

const unique = (value: string, index: number, all: readonly string[]): boolean =>
  all.indexOf(value) === index;

/**
 * The openssl command for the same verdict; undefined if OpenSSL would trust other roots. A trust anchor that is not
 * self-signed needs -partial_chain: without it OpenSSL continues from a trusted intermediate to its root.
 */
function opensslCommand(file: string, { path, complete }: Examination, parsed: Parsed): string | undefined {
  const authorities = parsed.all('cacert');
  // What a server presented, or a pipe, is in no file.
  if (authorities.length === 0 || !existsSync(file)) return undefined;
  const purpose = parsed.text('purpose');
  const name = parsed.text('name');
  const at = parsed.text('at');
  const anchor = complete ? path.at(-1) : undefined;
  const lists = parsed.all('crl');
  return [
    'openssl verify -auth_level 2',
    ...(parsed.flag('strict') ? ['-x509_strict'] : []),
    ...(purpose ? [`-purpose ssl${purpose}`] : []),
    ...(anchor && !isSelfSigned(anchor) ? ['-partial_chain'] : []),
    ...(name === undefined
      ? []
      : [
          `${ipVersion(hostNameOf(name, '--name')) ? '-verify_ip' : '-verify_hostname'} ${shellWord(hostNameOf(name, '--name').replace(/\.$/, ''))}`,
        ]),
    ...(at === undefined ? [] : [`-attime ${Math.floor(momentOf(at) / 1000)}`]),
    ...authorities.map((one) => `-trusted ${shellWord(one)}`),
    ...[...parsed.all('untrusted'), file].map((one) => `-untrusted ${shellWord(one)}`),
    ...(lists.length > 0 && path.length !== 1
      ? ['-crl_check_all', ...lists.map((one) => `-CRLfile ${shellWord(one)}`)]
      : []),
    shellWord(file),
  ].join(' ');
}

function jsonOf(
  file: string,
  question: Question,
  { verified, path, complete, checks, reason }: Examination,
  openssl: string | undefined,
): LineOf<'verification'> {
  return outputLine(
    defined({
      v: 2,
      kind: 'verification',
      source: file,
      verified,
      reason,
      at: isoTime(question.at),
      purpose: question.purpose,
      name: question.name,
      complete,
      path: path.map(certificateSummary),
      checks: checks.map((check: Check) => ({ title: checkTitles[check.id], ...check })),
      openssl,
    }),
  );
}
