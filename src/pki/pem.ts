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

/** Every block of a text, in order; text around the blocks is ignored. A block with a broken body is left out. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END \1-----/g)) {
    const der = Buffer.from((match[2] ?? '').replace(/\s/g, ''), 'base64');
    if (der.length > 0) blocks.push({ label: match[1] ?? '', der: new Uint8Array(der) });
  }
  return blocks;
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
