/**
 * Parses PEM (RFC 7468): base64 DER between two lines. It knows labels and base64, not the contents.
 */
import { bufferOf } from '../../core/bytes.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

export function toPem(label: string, der: Uint8Array): string {
  const base64 = bufferOf(der).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** A malformed block, to be reported to the user. */
export interface PemFault {
  readonly label: string;
  /** Line number of its BEGIN, counted from 1. */
  readonly line: number;
  /** No END with the same label follows; a line is not base64; it is empty; it has a passphrase (RFC 1421 section 4.6). */
  readonly fault: 'unended' | 'not_base64' | 'empty' | 'encrypted';
}

/** The complete and the malformed blocks, each in order; text around them is ignored. Takes linear time. */
export function scanPem(text: string): {
  readonly blocks: readonly PemBlock[];
  readonly faults: readonly PemFault[];
} {
  const blocks: PemBlock[] = [];
  const faults: PemFault[] = [];
  let begun: { label: string; at: number; bodyAt: number } | undefined;
  let line = 1;
  let countedTo = 0;
  const lineAt = (at: number): number => {
    for (let end = text.indexOf('\n', countedTo); end >= 0 && end < at; end = text.indexOf('\n', countedTo))
      [line, countedTo] = [line + 1, end + 1];
    return line;
  };
  const fail = (fault: PemFault['fault']): void => {
    if (begun) faults.push({ label: begun.label, line: lineAt(begun.at), fault });
  };
  for (const mark of text.matchAll(/-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----/g)) {
    const [whole, kind, label = ''] = mark;
    if (kind === 'END') {
      if (!begun) continue;
      const body = text.slice(begun.bodyAt, mark.index);
      const base64 = body.replace(/\s/g, '');
      if (begun.label !== label) fail('unended');
      else if (/^\s*Proc-Type: ?4,ENCRYPTED/.test(body)) fail('encrypted');
      else if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) fail('not_base64');
      else if (base64 === '') fail('empty');
      else blocks.push({ label, der: new Uint8Array(Buffer.from(base64, 'base64')) });
      begun = undefined;
    } else {
      fail('unended');
      begun = { label, at: mark.index, bodyAt: mark.index + whole.length };
    }
  }
  fail('unended');
  return { blocks, faults };
}

/** Every block of a text, in order; text around the blocks is ignored. Malformed blocks are skipped. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return scanPem(text).blocks;
}

/** The DER of every certificate in a text, in order. */
export function pemCertificates(text: string): Uint8Array[] {
  return pemBlocks(text)
    .filter((block) => block.label === 'CERTIFICATE')
    .map((block) => block.der);
}

/** The DER of every revocation list in a text. */
export function pemRevocationLists(text: string): Uint8Array[] {
  return pemBlocks(text)
    .filter((block) => block.label === 'X509 CRL')
    .map((block) => block.der);
}
