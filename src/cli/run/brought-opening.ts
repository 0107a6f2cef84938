/**
 * Reads a TCP handshake from a user's capture (`run NAME --from FILE`): the packets that opened the first TLS
 * connection. `capture/opening.ts` finds them; errors in the file are reported here.
 */
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { TcpOpening } from '../../capture/event.ts';
import { OpeningFinder } from '../../capture/opening.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { openInput, readThrough } from '../inspect/input.ts';

const capture: Localized = {
  en: 'Start the capture before the connection: tcpdump -w FILE port 443, then open a page',
  ko: '연결의 처음부터 캡처하세요. tcpdump -w FILE port 443을 실행한 다음 페이지를 여세요',
};

/** @throws UserError if the file is missing, is not a capture, or has no TLS connection whose TCP handshake was captured. */
export async function openingIn(path: string): Promise<TcpOpening> {
  const finder = new OpeningFinder();
  const input = openInput(path);
  try {
    const reader = new CaptureReader(finder, { where: path });
    if (await readThrough(input, reader, () => finder.found === undefined)) reader.end();
  } finally {
    input.close();
  }
  const { found } = finder;
  if (!found) throw nothingIn(path, finder);
  const { client, server, since, packets, isDrawn } = found;
  if (isDrawn) {
    throw new UserError({
      what: {
        en: 'wirelab wrote this file: its TCP packets are reconstructed, not captured',
        ko: 'wirelab이 만든 파일입니다. 그 안의 TCP 패킷은 캡처한 것이 아니라 재구성한 것입니다',
      },
      where: path,
      expected: { en: 'a capture of a network interface', ko: '네트워크 인터페이스에서 캡처한 파일' },
      remedy: capture,
    });
  }
  return { origin: 'captured', file: path, seen: timeOf(since), client, server, packets };
}

function nothingIn(path: string, { hasOpening, hasTls }: OpeningFinder): UserError {
  const what: Localized = hasTls
    ? {
        en: 'the TLS connections in this file were opened before the capture started',
        ko: '이 파일의 TLS 연결은 캡처가 시작되기 전에 수립되었습니다',
      }
    : hasOpening
      ? { en: 'no connection in this file uses TLS', ko: '이 파일에는 TLS 연결이 없습니다' }
      : {
          en: 'this file contains no TCP handshake',
          ko: '이 파일에는 TCP 연결 수립 과정이 없습니다',
        };
  return new UserError({
    what,
    where: path,
    expected: {
      en: 'SYN, SYN+ACK and ACK of a connection, followed by a ClientHello',
      ko: 'SYN, SYN+ACK, ACK와 그 뒤에 ClientHello가 있는 연결',
    },
    remedy: capture,
  });
}

/** The last representable date, in milliseconds: the file may contain any value. */
const furthest = 8.64e15;

/** ISO 8601, UTC, to the microsecond. */
function timeOf(microseconds: number): string {
  const milliseconds = Math.min(furthest, Math.max(-furthest, Math.floor(microseconds / 1000)));
  const rest = Math.round(microseconds - Math.floor(microseconds / 1000) * 1000);
  return new Date(milliseconds).toISOString().replace('Z', `${String(rest % 1000).padStart(3, '0')}Z`);
}
