/** The container of a bundle: one gzip file (RFC 1952), decompressed no further than its reader agrees. */
import { crc32, createInflateRaw } from 'node:zlib';
import { UserError } from '../../i18n/user-error.ts';
import { mostFileBytes } from './limits.ts';
import { endsEarly, tooLarge } from './refusal.ts';
import type { Refuse } from './refusal.ts';

/** The start of a gzip file without a name in it, and its end: a check sum and a length (RFC 1952). */
const gzipHead = 10;
const gzipTail = 8;

/**
 * Decompresses a file piece by piece; whoever takes the pieces may refuse.
 * @throws UserError where it is not one gzip file and nothing else, or is damaged
 */
export async function inflate(
  file: Uint8Array,
  refuse: Refuse,
  take: (chunk: Buffer) => void,
): Promise<void> {
  if (file.length > mostFileBytes)
    throw refuse(0, tooLarge, { received: `${file.length} > ${mostFileBytes} bytes` });
  if (file[0] !== 0x1f || file[1] !== 0x8b || file[2] !== 8 || file[3] !== 0)
    throw refuse(0, {
      en: 'this is not a bundle: it does not begin as gzip does',
      ko: '번들 파일이 아닙니다. gzip 형식으로 시작하지 않습니다',
    });
  if (file.length < gzipHead + gzipTail) throw refuse(0, endsEarly);
  const decompressor = createInflateRaw();
  decompressor.end(file.subarray(gzipHead));
  let sum = 0;
  let length = 0;
  try {
    for await (const chunk of decompressor) {
      sum = crc32(chunk as Buffer, sum);
      length += (chunk as Buffer).length;
      take(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'Z_BUF_ERROR'
      ? refuse(0, endsEarly)
      : refuse(
          0,
          { en: 'its compression is damaged', ko: '압축이 손상되었습니다' },
          { received: code ?? '' },
        );
  }
  const tail = Buffer.from(file.subarray(gzipHead + decompressor.bytesWritten));
  if (tail.length < gzipTail) throw refuse(0, endsEarly);
  if (tail.length > gzipTail)
    throw refuse(0, { en: 'something follows its end', ko: '파일 끝 뒤에 다른 내용이 있습니다' });
  if (tail.readUInt32LE(0) !== sum >>> 0 || tail.readUInt32LE(4) !== length % 2 ** 32)
    throw refuse(0, { en: 'its check sum is wrong', ko: '체크섬이 맞지 않습니다' });
}
