/** Reads the body of a request to a site, within a limit. */
import type { IncomingMessage } from 'node:http';

type Body = { readonly body: Buffer } | { readonly tooLarge: true } | { readonly aborted: true };

/** The whole body, or why there is none. Rejects at once if the declared length exceeds the limit, in bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return { tooLarge: true };
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else resolve({ tooLarge: true });
    });
    request.on('end', () => resolve({ body: Buffer.concat(chunks) }));
    request.on('close', () => resolve({ aborted: true }));
    request.on('error', () => resolve({ aborted: true }));
  });
}
