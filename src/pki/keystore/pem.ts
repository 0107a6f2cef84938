/**
 * PEM (RFC 7468): DER in base64 between two lines. Knows labels and base64; never what is inside.
 */

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** A block that begins and is none: what a person should be told of it. */
export interface PemFault {
  readonly label: string;
  /** Counted from 1: where its BEGIN stands. */
  readonly line: number;
  /** No END of the same label follows; a line that is no base64; nothing between the two; a passphrase (RFC 1421 section 4.6). */
  readonly fault: 'unended' | 'not_base64' | 'empty' | 'encrypted';
}

/** The whole blocks and the broken ones, each in order; text around them is ignored. Takes time in proportion to the text. */
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

/** Every block of a text, in order; text around the blocks is ignored. A block with a broken body is left out. */
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
