/**
 * Reads PEM files as Go does (encoding/pem, and crypto/tls and client-go on top of it): kube-apiserver, etcd, kubectl
 * and the kubelet are written in Go, and stricter than OpenSSL. Measured with kubectl 1.32 and etcd 3.5.
 *
 * 1. BEGIN must be at the start of a line or of the file; only blanks may follow END on its line. A byte order mark, an
 *    indented block, or two lines in one: then there is no block.
 * 2. Base64 must be padded, and DER is not accepted. Text around blocks is skipped, and so are carriage returns.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Localized } from '../../i18n/language.ts';
import type { PemBlock } from './pem.ts';

/** A cluster's file has fewer certificates or keys; each search runs to the end of the file. */
const mostBlocks = 1000;

/** The blocks without headers, in order. */
export function goPemBlocks(bytes: Uint8Array): PemBlock[] {
  const text = latin1Text(bytes);
  const blocks: PemBlock[] = [];
  const begins = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?(?:\n|$)/g;
  let looks = 0;
  for (let begin = begins.exec(text); begin && looks++ < mostBlocks; begin = begins.exec(text)) {
    const label = begin[1] ?? '';
    const at = begins.lastIndex;
    // The END of an empty block starts where its BEGIN ended.
    const end = text.startsWith('-----END ', at) ? at - 1 : text.indexOf('\n-----END ', at);
    if (end < 0) break;
    const body = text.slice(at, Math.max(at, end));
    const trailer = text.slice(end + 1, endOfLine(text, end + 1)).trimEnd();
    if (trailer !== `-----END ${label}-----` || body.includes(':')) {
      begins.lastIndex = Math.max(at - 1, begin.index + 1);
      continue;
    }
    const base64 = body.replace(/[ \t\r\n]/g, '');
    if (isPaddedBase64(base64)) blocks.push({ label, der: new Uint8Array(Buffer.from(base64, 'base64')) });
    // The line break before the next BEGIN may be the one after this END.
    begins.lastIndex = endOfLine(text, end + 1);
  }
  return blocks;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** As accepted by Go's base64.StdEncoding, except for line breaks. */
export function isPaddedBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

export type PemKind = 'certificate' | 'private-key' | 'public-key';

const isOf: Readonly<Record<PemKind, (label: string) => boolean>> = {
  certificate: (label) => label === 'CERTIFICATE',
  'private-key': (label) => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY'),
  'public-key': (label) => label === 'PUBLIC KEY',
};

/** The DER of each block of a kind. */
export function goDer(bytes: Uint8Array, kind: PemKind): Uint8Array[] {
  return goPemBlocks(bytes).flatMap(({ label, der }) => (isOf[kind](label) ? [der] : []));
}

const commands: Readonly<Record<PemKind, (options: string) => string>> = {
  certificate: (options) => `openssl x509${options} -in FILE -out pem.crt`,
  'private-key': (options) => `(umask 077; openssl pkey${options} -in FILE -out pem.key)`,
  'public-key': (options) => `openssl pkey -pubin${options} -in FILE -pubout -out pem.pub`,
};

/** Why Go finds no block of a type in a file that has one, and the remedy. */
export function whyGoReadsNothing(
  bytes: Uint8Array,
  kind: PemKind,
): { readonly what: Localized; readonly remedy: Localized } {
  const text = latin1Text(bytes);
  const convert = (options = ''): Localized => ({
    en: `Convert it to PEM, and replace the file: ${commands[kind](options)}`,
    ko: `PEM으로 변환해 이 파일과 바꾸세요: ${commands[kind](options)}`,
  });
  if (!text.replaceAll('\0', '').includes('-----BEGIN '))
    return {
      what: {
        en: 'it is DER; Kubernetes and etcd read only PEM',
        ko: 'DER 형식입니다. 쿠버네티스와 etcd는 PEM만 읽습니다',
      },
      remedy: convert(' -inform DER'),
    };
  if (text.includes('\0'))
    return {
      what: {
        en: 'it is UTF-16 text: Kubernetes and etcd find no PEM in it',
        ko: 'UTF-16 텍스트라서 쿠버네티스와 etcd가 PEM을 찾지 못합니다',
      },
      remedy: {
        en: 'Save it as ASCII: iconv -f UTF-16 -t ASCII FILE > ascii',
        ko: 'ASCII로 저장하세요: iconv -f UTF-16 -t ASCII FILE > ascii',
      },
    };
  if (text.startsWith('\u00ef\u00bb\u00bf')) {
    return {
      what: {
        en: 'it starts with a byte order mark (BOM), so no line starts with -----BEGIN: Kubernetes and etcd find no PEM in it',
        ko: '파일이 BOM(byte order mark)으로 시작해 -----BEGIN이 줄의 첫머리에 있지 않습니다. 쿠버네티스와 etcd는 PEM을 찾지 못합니다',
      },
      remedy: {
        en: "Save it without one: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
        ko: "BOM 없이 저장하세요: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
      },
    };
  }
  return {
    what: {
      en: 'Kubernetes and etcd find no such PEM block in it: BEGIN or END is not on a line of its own, the label is a different one, or the base64 is incomplete',
      ko: '쿠버네티스와 etcd가 읽을 수 있는 PEM 블록이 없습니다. BEGIN이나 END가 독립된 줄에 있지 않거나, 레이블이 다르거나, Base64가 온전하지 않습니다',
    },
    remedy: convert(),
  };
}

/** Content outside blocks that is not a comment: text after the last END, and non-text bytes. */
export function strayText(bytes: Uint8Array): string | undefined {
  const text = latin1Text(bytes);
  let outside = '';
  let from: number | undefined = 0;
  for (const { 0: mark, 1: kind, index } of text.matchAll(/-----(BEGIN|END) [A-Z0-9 ]{1,64}-----/g)) {
    if (kind === 'END') from = index + mark.length;
    else {
      if (from !== undefined) outside += text.slice(from, index);
      from = undefined;
    }
  }
  if (from !== undefined) outside += text.slice(from);
  const bytesOfNoText = /[^\t\n\r\u0020-\u007e]/.exec(outside);
  if (bytesOfNoText) return outside.slice(bytesOfNoText.index).split('\n', 1)[0];
  const last = text.lastIndexOf('-----END ');
  const behind = last < 0 ? '' : text.slice(endOfLine(text, last));
  return behind
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
}
