/**
 * Implements `wirelab certs sign`: reports step by step how a CA processes a request (what it checks, drops, refuses
 * and grants), and writes the certificate. `pki/ca/signing-policy.ts` decides.
 */
import { defined } from '../../core/defined.ts';
import { systemClock } from '../../core/clock.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { examine } from '../../pki/x509/examination.ts';
import type { Check } from '../../pki/x509/examination/check.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import { considerRequest, issueGranted, signingProfiles } from '../../pki/ca/signing-policy.ts';
import { decisionMarks } from '../../pki/ca/decision.ts';
import type { DecisionKind } from '../../pki/ca/decision.ts';
import type { SigningProfile, SigningQuestion } from '../../pki/ca/signing-policy.ts';
import { parseNames } from '../../pki/ca/subject.ts';
import type { Command } from '../command.ts';
import { authorityOptions, daysOf, readAuthority } from './authority.ts';
import { checkNewFiles, readKind, warnOfOpenKey, writeNewFiles } from './files.ts';
import { needed, onlyOperand } from './operands.ts';
import { printTo } from './print.ts';

export const sign: Command = {
  summary: {
    en: 'sign a request as a CA, and show what it checks, drops and refuses',
    ko: 'CA로서 요청에 서명합니다. 확인하고, 제외하고, 거부하는 것을 보여 줍니다',
  },
  operands: 'CSR --ca CERT --ca-key KEY --profile PROFILE',
  options: {
    ...authorityOptions,
    profile: {
      value: 'server|client|ca',
      choices: signingProfiles,
      help: { en: 'the purpose of the certificate', ko: '인증서의 용도' },
    },
    days: {
      value: 'N',
      help: {
        en: 'validity in days (default: 365, for a CA 1825); never beyond the CA’s own end',
        ko: '유효 일수(기본값: 365, CA는 1825). CA의 유효 기간을 넘지 않습니다',
      },
    },
    san: {
      value: 'NAMES',
      many: true,
      help: {
        en: 'use these subject alternative names instead of the requested ones',
        ko: '요청과 관계없이 이 이름(SAN)을 넣음',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'write the certificate to this file (default: standard output)',
        ko: '인증서를 저장할 파일(기본값: 표준 출력)',
      },
    },
    force: { help: { en: 'overwrite an existing file', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs sign bob.csr --ca ca.crt --ca-key ca.key --profile client',
      does: {
        en: 'a certificate that lets bob log in to servers that trust this CA',
        ko: '이 CA를 신뢰하는 서버에 bob이 접속할 수 있는 인증서',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 signed; 1 the CA refused; 2 error in the command or a file. Unless it is 0, nothing was written.',
    ko: '종료 코드: 0은 서명함, 1은 CA가 거부함, 2는 명령이나 파일에 잘못이 있음. 0이 아니면 아무것도 저장하지 않습니다.',
  },
  async run(parsed, environment) {
    const file = onlyOperand(parsed, 'sign', {
      en: 'a certificate signing request (FILE)',
      ko: '인증서 서명 요청(CSR) FILE',
    });
    const profile = needed(parsed, 'sign', 'profile', 'server|client|ca') as SigningProfile;
    const authority = readAuthority(parsed, 'sign');
    const [{ request }, ...more] = readKind(file, 'request');
    if (more.length > 0) throw severalRequests(file, more.length + 1);
    const days = daysOf(parsed);
    const given = parsed.all('san');
    const out = parsed.text('out');
    const force = parsed.flag('force');
    if (out !== undefined) checkNewFiles([{ path: out, flag: '--out' }], force);
    const question: SigningQuestion = defined({
      request,
      authority: authority.certificate,
      profile,
      days,
      names: given.length > 0 ? parseNames(given, '--san') : undefined,
      at: systemClock.now(),
    });
    const { decisions, grant } = considerRequest(question);
    const print = printTo(environment, out === undefined ? environment.stderr : environment.stdout);
    for (const kind of kinds) {
      const rows = decisions.filter((one) => one.kind === kind);
      if (rows.length === 0) continue;
      print.heading(titles[kind]);
      for (const { words } of rows) print.mark(decisionMarks[kind], words);
    }
    print.page.blank();
    if (!grant) {
      print.mark('✗', { en: 'REFUSED: nothing was signed', ko: '거부됨: 서명하지 않았습니다' }, 0);
      return 1;
    }
    warnOfOpenKey(parsed.text('ca-key'), print);
    const der = issueGranted(question, grant, authority.key);
    const failures = failuresOf(der, question);
    if (failures.length > 0) {
      print.heading(titles.refused);
      for (const { found } of failures) print.mark(decisionMarks.refused, found);
      print.page.blank();
      print.mark(
        '✗',
        {
          en: 'REFUSED: no certificate was issued, because verifiers that trust this CA would reject it',
          ko: '거부됨: 이 CA를 신뢰하는 쪽에서 받아들이지 않을 인증서이므로 발급하지 않았습니다',
        },
        0,
      );
      return 1;
    }
    const pem = toPem('CERTIFICATE', der);
    if (out === undefined) environment.stdout.write(pem);
    else writeNewFiles([{ path: out, flag: '--out', text: pem, mode: 0o644 }], force);
    const where: Localized = out === undefined ? { en: '', ko: '' } : { en: ` ${out},`, ko: ` ${out},` };
    print.mark(
      '✓',
      {
        en: `SIGNED:${where.en} SHA-256 ${sha256Hex(der)}`,
        ko: `서명 완료:${where.ko} SHA-256 ${sha256Hex(der)}`,
      },
      0,
    );
    return 0;
  },
};

const kinds = ['checked', 'cut', 'refused', 'granted'] as const satisfies readonly DecisionKind[];
const titles: Readonly<Record<DecisionKind, Localized>> = {
  checked: { en: 'checked', ko: '확인함' },
  cut: { en: 'dropped: requested but not granted', ko: '제외함: 요청했지만 허용하지 않음' },
  refused: { en: 'refused', ko: '거부함' },
  granted: { en: 'granted', ko: '허용함' },
};

function severalRequests(file: string, count: number): UserError {
  return new UserError({
    what: { en: 'the file contains several requests', ko: '파일에 요청이 여러 개 있습니다' },
    where: file,
    expected: { en: 'one', ko: '하나' },
    received: String(count),
    remedy: {
      en: 'Review and sign them one at a time.',
      ko: '하나씩 확인하고 서명하세요.',
    },
  });
}

/** The objections of a verifier that trusts this CA, for example a name outside the CA's name constraints. */
function failuresOf(der: Uint8Array, { authority, profile, at }: SigningQuestion): readonly Check[] {
  const step = readCertificate(der);
  if (!('got' in step)) throw new Error('the generated certificate cannot be parsed');
  const { checks } = examine(
    defined({ chain: [step.got], roots: [authority], at, purpose: profile === 'ca' ? undefined : profile }),
  );
  return checks.filter(({ status }) => status === 'failed');
}
