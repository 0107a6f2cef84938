/**
 * Implements `wirelab certs revoke`: adds a certificate to the revocation list of its CA, or creates that list.
 * `pki/ca/revoking.ts` has the rules. One process at a time updates a list, and the new list replaces the old file as a
 * whole.
 */
import { latin1Text } from '../../core/bytes.ts';
import { existsSync, statSync } from 'node:fs';
import { isFull, noRoom, replaceable, unwritable } from '../../capture/file/output-file.ts';
import { systemClock } from '../../core/clock.ts';
import { toHex } from '../../core/hex.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import type { RevocationList } from '../../protocols/x509/crl.ts';
import { revocationReasons } from '../../protocols/x509/oids.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readContents } from '../../pki/x509/contents.ts';
import { visible } from '../../pki/x509/name-lint.ts';
import { scanPem, toPem } from '../../pki/keystore/pem.ts';
import { entryOf, nextList, objectionToRevoking } from '../../pki/ca/revoking.ts';
import type { RevokingObjection } from '../../pki/ca/revoking.ts';
import { takeTurn } from '../../pki/keystore/turn.ts';
import { minuteText, validityState, validityWords } from '../../pki/x509/validity.ts';
import { sameName } from '../../pki/x509/verify.ts';
import type { Command } from '../command.ts';
import { authorityOptions, daysOf, readAuthority } from './authority.ts';
import type { Authority } from './authority.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { largest, readCertificates, warnOfOpenKey, writeNewFiles } from './files.ts';
import { needed, onlyOperand } from './operands.ts';
import { printTo } from './print.ts';
import type { Print } from './print.ts';

/** The reasons that a complete list may contain: removeFromCRL (8) is for delta lists. */
const reasons: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(revocationReasons).flatMap(([number, name]) =>
    name === 'removeFromCRL' ? [] : [[name, Number(number)]],
  ),
);

export const revoke: Command = {
  summary: {
    en: 'add a certificate to the revocation list (CRL) of its CA',
    ko: '인증서를 CA의 폐기 목록(CRL)에 올립니다',
  },
  operands: 'CERT --ca CERT --ca-key KEY --crl FILE',
  options: {
    ...authorityOptions,
    crl: {
      value: 'FILE',
      help: {
        en: 'the list to update; created if it does not exist',
        ko: '이어 쓸 폐기 목록. 없으면 새로 만듭니다',
      },
    },
    reason: {
      value: 'REASON',
      choices: Object.keys(reasons),
      help: {
        en: `the reason: ${Object.keys(reasons).join(', ')}`,
        ko: `사유: ${Object.keys(reasons).join(', ')}`,
      },
    },
    days: {
      value: 'N',
      help: { en: 'days until the next list is due (default: 30)', ko: '다음 목록까지의 일수(기본값: 30)' },
    },
  },
  examples: [
    {
      line: './wirelab certs revoke bob.crt --ca ca.crt --ca-key ca.key --crl ca.crl',
      does: {
        en: 'verifiers that load this list refuse bob',
        ko: '이 목록을 적용한 곳에서는 bob이 거부됩니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 the certificate is on the list; 2 error in the command or a file, and the list is unchanged.',
    ko: '종료 코드: 0은 목록에 올라 있음, 2는 명령이나 파일에 잘못이 있음(목록은 그대로입니다).',
  },
  async run(parsed, environment) {
    const file = onlyOperand(parsed, 'revoke', {
      en: 'the certificate to revoke (FILE)',
      ko: '폐기할 인증서 FILE',
    });
    const path = needed(parsed, 'revoke', 'crl', 'FILE');
    const authority = readAuthority(parsed, 'revoke');
    const [certificate] = readCertificates(file);
    const lasts = (daysOf(parsed) ?? 30) * 86_400_000;
    const reason = reasons[parsed.text('reason') ?? 'unspecified'];
    const print = printTo(environment);
    const real = replaceable(path, '--crl');
    refuse(objectionToRevoking(certificate, authority.certificate), file, path, certificate, authority);
    const release = await turn(real, path);
    try {
      warnOfOpenKey(parsed.text('ca-key'), print);
      return carryOn({ certificate, authority, path, reason, lasts, file, print });
    } finally {
      release();
    }
  },
};

async function turn(real: string, path: string): Promise<() => void> {
  try {
    return await takeTurn(`${real}.lock`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw isFull(error)
      ? noRoom(path, { en: 'nothing was written', ko: '아무것도 쓰지 않았습니다' }, error)
      : unwritable(path, '--crl', error);
  }
}

interface Revoking {
  readonly certificate: Certificate;
  readonly authority: Authority;
  readonly path: string;
  readonly reason: number | undefined;
  readonly lasts: number;
  readonly file: string;
  readonly print: Print;
}

function carryOn({ certificate, authority, path, reason, lasts, file, print }: Revoking): number {
  const kept = existsSync(path) ? readLists(path, authority) : undefined;
  const before = kept?.own;
  refuse(objectionToRevoking(certificate, authority.certificate, before), file, path, certificate, authority);
  const subject = visible(certificate.subject.text);
  const serial = serialText(certificate.serial);
  const entry = entryOf(certificate, before);
  if (entry) {
    print.mark(
      '-',
      {
        en: `${subject} (serial ${serial}) has been on the list since ${minuteText(entry.at)}; nothing was changed`,
        ko: `${josa(`${subject}(일련번호 ${serial})`, '은/는')} ${minuteText(entry.at)}부터 목록에 있습니다. 바꾸지 않았습니다`,
      },
      0,
    );
    return 0;
  }
  const { der, number } = nextList({
    certificate,
    authority: authority.certificate,
    key: authority.key,
    before,
    reason,
    at: systemClock.now(),
    lasts,
  });
  const step = readRevocationList(der);
  if (!('got' in step) || step.got.entries.length !== (before?.entries.length ?? 0) + 1)
    throw new Error('the generated revocation list does not contain the expected entries');
  const text = kept?.asDer
    ? der
    : (kept?.lists ?? [before])
        .map((list) => toPem('X509 CRL', list === before || list === undefined ? der : list.der))
        .join('');
  writeNewFiles(
    [{ path, flag: '--crl', text, mode: existsSync(path) ? statSync(path).mode & 0o777 : 0o644 }],
    true,
  );
  print.mark(
    '✓',
    {
      en: `REVOKED: ${subject}, serial ${serial}, ${revocationReasons[reason ?? 0]}`,
      ko: `폐기 완료: ${subject}, 일련번호 ${serial}, ${revocationReasons[reason ?? 0]}`,
    },
    0,
  );
  const count = step.got.entries.length;
  print.mark('-', {
    en: `${path}: list number ${number}, ${count} certificate${count === 1 ? '' : 's'}, next due ${minuteText(step.got.nextUpdate ?? 0)}`,
    ko: `${path}: ${number}번 목록, 인증서 ${count}개, 다음 갱신 ${minuteText(step.got.nextUpdate ?? 0)}`,
  });
  const dropped = (before?.extensions ?? [])
    .filter(({ name }) => name !== 'authority_key_identifier' && name !== 'crl_number')
    .map(({ name, oid }) => (name ?? oid).replaceAll('_', ' '));
  if (dropped.length > 0)
    print.mark('!', {
      en: `extensions of the previous list that were not kept: ${dropped.join(', ')}`,
      ko: `이전 목록의 다음 확장은 이어 쓰지 않았습니다: ${dropped.join(', ')}`,
    });
  if (validityState(authority.certificate, systemClock.now()) !== 'valid') {
    const words = validityWords(authority.certificate, systemClock.now());
    print.mark('!', {
      en: `the CA certificate itself is not valid now: ${words.en}`,
      ko: `CA 자체가 지금 유효하지 않습니다: ${words.ko}`,
    });
  }
  print.mark('!', {
    en: 'revocation takes effect only where this list is loaded: distribute it to every verifier (--crl)',
    ko: '목록을 적용한 곳에서만 효력이 있습니다. 검증하는 모든 곳에 전달하세요(--crl)',
  });
  return 0;
}

interface KeptLists {
  readonly own: RevocationList;
  /** In the order of the file. */
  readonly lists: readonly RevocationList[];
  readonly asDer: boolean;
}

/** The lists in a file: the one of this CA, and those of other CAs, which stay unchanged. @throws UserError */
function readLists(path: string, authority: Authority): KeptLists {
  const bytes = readBytes(path, largest);
  const contents = readContents(bytes, path);
  const lists = contents.flatMap((content) => (content.kind === 'revocation-list' ? [content.list] : []));
  if (lists.length < contents.length) {
    throw new UserError({
      what: {
        en: 'the file contains something other than revocation lists, which would be lost',
        ko: '파일에 폐기 목록이 아닌 것이 들어 있어 잃을 수 있습니다',
      },
      where: `--crl ${path}`,
      expected: { en: 'a file that contains only revocation lists', ko: '폐기 목록만 들어 있는 파일' },
      received: contents.map(({ kind }) => kind).join(', '),
    });
  }
  const [first] = lists;
  const own = lists.filter(({ issuer }) => sameName(issuer, authority.certificate.subject));
  if (own.length > 1) {
    throw new UserError({
      what: {
        en: 'the file contains several lists of this CA',
        ko: '파일에 이 CA의 폐기 목록이 여러 개 있습니다',
      },
      where: `--crl ${path}`,
      expected: { en: 'one list per CA', ko: 'CA마다 목록 하나' },
      received: own.map(({ crlNumber }) => (crlNumber ? toHex(crlNumber) : '?')).join(', '),
    });
  }
  return {
    own: own[0] ?? (first as RevocationList),
    lists,
    asDer: scanPem(latin1Text(bytes)).blocks.length === 0,
  };
}

const objections: Readonly<
  Record<RevokingObjection, { readonly what: Localized; readonly remedy: Localized }>
> = {
  other_issuer: {
    what: { en: 'this CA did not issue this certificate', ko: '이 CA가 발급한 인증서가 아닙니다' },
    remedy: {
      en: 'Specify the CA that the certificate names as its issuer: only that CA can revoke it.',
      ko: '발급자로 적힌 CA를 지정하세요. 그 CA만 폐기할 수 있습니다.',
    },
  },
  forged: {
    what: {
      en: 'the certificate names this CA as its issuer, but was not signed with its key',
      ko: '이 CA의 이름이 적혀 있지만 이 CA의 키로 서명되지 않았습니다',
    },
    remedy: {
      en: 'Treat it as forged. It needs no revocation: every verifier that checks signatures rejects it.',
      ko: '위조된 것으로 다루세요. 서명을 검증하는 쪽은 받아들이지 않으므로 폐기할 필요가 없습니다.',
    },
  },
  no_crl_sign: {
    what: { en: 'this CA may not sign revocation lists', ko: '이 CA는 폐기 목록에 서명할 수 없습니다' },
    remedy: {
      en: 'It needs CA:TRUE and cRLSign in its keyUsage. Have the CA certificate reissued.',
      ko: 'CA:TRUE와 keyUsage의 cRLSign이 필요합니다. CA 인증서를 다시 발급받으세요.',
    },
  },
  foreign_list: {
    what: { en: 'the list belongs to another CA', ko: '다른 CA의 폐기 목록입니다' },
    remedy: {
      en: 'Specify the list of this CA, or a file that does not exist yet.',
      ko: '이 CA의 목록이나 아직 없는 파일을 지정하세요.',
    },
  },
  unusable_list: {
    what: {
      en: 'the list cannot be updated: its signature does not match this CA, or it is a partial list',
      ko: '이어 쓸 수 없는 목록입니다. 서명이 이 CA와 맞지 않거나 목록의 일부입니다',
    },
    remedy: {
      en: 'Use the last list that the CA signed. Create a new one only if none is left: its entries would be lost.',
      ko: 'CA가 마지막으로 서명한 목록을 쓰세요. 남은 목록이 없을 때만 새로 만드세요. 항목을 잃게 됩니다.',
    },
  },
};

function refuse(
  objection: RevokingObjection | undefined,
  file: string,
  path: string,
  certificate: Certificate,
  authority: Authority,
): void {
  if (!objection) return;
  const ofList = objection === 'foreign_list' || objection === 'unusable_list';
  const subject = visible(authority.certificate.subject.text);
  const issuer = visible(certificate.issuer.text);
  throw new UserError({
    ...objections[objection],
    where: ofList ? `--crl ${path}` : file,
    ...(objection === 'other_issuer'
      ? {
          expected: { en: `issued by ${subject}`, ko: `${subject} 발급` },
          received: issuer === subject ? `${issuer}, another key` : issuer,
        }
      : {}),
  });
}
