/**
 * Implements `wirelab certs show`: describes the certificates, requests, lists and keys in a file or presented by a
 * server, what is unusual about them, and the chain as a tree. It does not verify; `certs verify` does.
 */
import { defined } from '../../core/defined.ts';
import { systemClock } from '../../core/clock.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Content } from '../../pki/x509/contents.ts';
import { issuerTreeOf } from '../../pki/x509/issuer-tree.ts';
import type { Command, Environment } from '../command.ts';
import { describe } from './describe.ts';
import { readFileContents, tooOpen } from './files.ts';
import type { SeenServer } from './live.ts';
import { onlyOperand } from './operands.ts';
import { lookAt, serverOptions } from './server.ts';
import { outputLine } from '../../ui/json/line.ts';
import { printJson, printTo } from './print.ts';
import { treeJson, treeLines } from './tree.ts';

interface Shown {
  readonly source: string;
  readonly contents: readonly Content[];
  /** Remarks about where it was read from. */
  readonly notes: readonly Localized[];
  readonly live?: SeenServer['live'] | undefined;
}

export const show: Command = {
  summary: {
    en: 'show the contents of a certificate, CSR, CRL, chain or key, from a file or a live server',
    ko: '파일이나 실행 중인 서버의 인증서, CSR, CRL, 체인, 키의 내용을 보여 줍니다',
  },
  operands: 'FILE|-|HOST:PORT [--json]',
  options: {
    ...serverOptions,
    trusted: {
      help: {
        en: 'list the root certificates that Node trusts instead, by organization',
        ko: '대신 Node가 신뢰하는 루트 인증서를 기관별로 표시',
      },
    },
    json: { help: { en: 'one JSON object', ko: 'JSON 객체 하나로 출력' } },
  },
  examples: [
    {
      line: './wirelab certs show certs/out/workshop/alice.crt',
      does: {
        en: 'the contents of a certificate, and what is unusual about it',
        ko: '인증서의 내용과 눈여겨볼 점',
      },
    },
    {
      line: './wirelab certs show localhost:8443 --servername shop.localhost',
      does: {
        en: 'the certificates that a server presents, without verification',
        ko: '서버가 제시하는 인증서. 보기만 하므로 검증하지 않습니다',
      },
    },
    {
      line: './wirelab certs show --trusted',
      does: {
        en: 'the organizations that Node trusts by default',
        ko: '따로 지정하지 않을 때 Node가 신뢰하는 기관',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 shown, whatever the contents; 2 error in the command or a file, or the server cannot be reached.',
    ko: '종료 코드: 0은 내용과 관계없이 표시함, 2는 명령이나 파일에 잘못이 있거나 서버에 접속할 수 없음.',
  },
  async run(parsed, environment) {
    if (parsed.flag('trusted')) {
      const { showTrusted } = await import('./trusted.ts');
      return showTrusted(parsed, environment);
    }
    const what = onlyOperand(parsed, 'show', {
      en: 'a FILE, - for standard input, or the HOST:PORT of a TLS server',
      ko: 'FILE, 표준 입력은 -, 또는 TLS 서버의 HOST:PORT',
    });
    const seen = await lookAt(what, parsed, 'show');
    const shown = seen ?? { contents: readFileContents(what), notes: [] };
    return printShown({ source: what, ...shown }, parsed.flag('json'), environment);
  },
};

function printShown(shown: Shown, asJson: boolean, environment: Environment): number {
  const now = systemClock.now();
  const { source, contents, notes, live } = shown;
  const described = contents.map((content) => describe(content, now));
  const certificates = contents.flatMap((content) =>
    content.kind === 'certificate' ? [content.certificate] : [],
  );
  const numbers = contents.flatMap((content, index) => (content.kind === 'certificate' ? [index + 1] : []));
  const trees = issuerTreeOf(certificates);
  const keys = contents.map((content) =>
    content.kind === 'private-key'
      ? keyFacts(content.publicKey.der, certificates, numbers, live ? undefined : tooOpen(source))
      : undefined,
  );
  if (asJson) {
    printJson(
      environment,
      outputLine({
        v: 2,
        kind: 'certificates',
        source,
        ...(live ? { live, verified: false } : {}),
        items: described.map(({ json, peculiarities }, index) => ({
          ...json,
          ...keys[index]?.json,
          peculiarities: peculiarities.map(({ id, words }) => ({ id, words })),
        })),
        chain: treeJson(trees, numbers),
      }),
    );
    return 0;
  }
  const print = printTo(environment);
  print.say({
    en: `${source}: ${described.length === 1 ? 'one item' : `${described.length} items`}`,
    ko: `${source}: 항목 ${described.length}개`,
  });
  for (const note of notes) print.mark('!', note, 0);
  for (const [index, description] of described.entries()) {
    print.description(described.length > 1 ? `[${index + 1}] ` : '', description);
    for (const { mark, text } of keys[index]?.lines ?? []) print.mark(mark, text, 2);
  }
  if (certificates.length > 1 || trees.some(({ top }) => top === 'issuer_absent')) {
    print.heading({ en: 'chain, from issuer to subject', ko: '체인(발급자에서 주체로)' });
    print.tree(treeLines(trees, numbers));
  }
  return 0;
}

interface KeyLine {
  readonly mark: '✓' | '!' | '-';
  readonly text: Localized;
}

interface KeyJson {
  readonly belongsTo?: number;
  readonly openToOthers?: true;
  readonly mode?: string;
}

/** Which certificate of the file the key belongs to, and whether others can read the file. */
function keyFacts(
  spki: Uint8Array,
  certificates: readonly Certificate[],
  numbers: readonly number[],
  mode: number | undefined,
): { readonly lines: readonly KeyLine[]; readonly json: KeyJson } {
  const at = certificates.findIndex(
    (certificate) => sha256Hex(certificate.publicKey.der) === sha256Hex(spki),
  );
  const lines: KeyLine[] = [];
  if (at >= 0)
    lines.push({
      mark: '✓',
      text: {
        en: `matches certificate [${numbers[at]}] of this file`,
        ko: `이 파일의 인증서 [${numbers[at]}]의 키입니다`,
      },
    });
  else if (certificates.length > 0)
    lines.push({
      mark: '!',
      text: {
        en: 'matches no certificate of this file',
        ko: '이 파일의 어떤 인증서와도 짝이 맞지 않습니다',
      },
    });
  else
    lines.push({
      mark: '-',
      text: {
        en: 'it belongs to the certificate with the same key SHA-256',
        ko: '같은 키 SHA-256 값이 나오는 인증서의 키입니다',
      },
    });
  const octal = mode === undefined ? '' : mode.toString(8).padStart(4, '0');
  if (mode !== undefined) {
    lines.push({
      mark: '!',
      text: {
        en: `other users can read the file (mode ${octal}): a reader of the key can impersonate its owner. Restrict it with chmod 600`,
        ko: `다른 사용자가 파일을 읽을 수 있습니다(모드 ${octal}). 키를 읽은 사람은 주인 행세를 할 수 있습니다. chmod 600으로 막으세요`,
      },
    });
  }
  return {
    lines,
    json: defined({
      belongsTo: numbers[at],
      ...(mode === undefined ? {} : { openToOthers: true, mode: octal }),
    }),
  };
}
