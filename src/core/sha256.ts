/** SHA-256 as text. node:crypto is loaded by the first use: a command that digests nothing starts without it. */

/** Lower-case hex without separators. */
export function sha256Hex(data: Uint8Array | string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(data).digest('hex');
}
