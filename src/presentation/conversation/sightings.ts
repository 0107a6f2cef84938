/** Words what several captures of the same connections come to: the files, their clocks, where a connection was seen, what differs. */
import { formatAddress } from '../../capture/event.ts';
import type { CapturedFile, EventOf, Sighting, SightingDifference } from '../../capture/event.ts';
import { toOffset } from '../../core/hex.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { SummaryRow } from '../types/values.ts';

const nothing: Localized = { en: '', ko: '' };

/** `3.2 s`, `0.42 ms`, `17 µs`: of microseconds. */
function timeText(microseconds: number): string {
  const size = Math.abs(microseconds);
  if (size >= 1e6) return `${(size / 1e6).toFixed(6).replace(/0{1,5}$/, '')} s`;
  return size >= 1000 ? `${(size / 1000).toFixed(3).replace(/0{1,2}$/, '')} ms` : `${size} µs`;
}

/** A row or two for each file. */
export function fileRows(files: readonly CapturedFile[]): readonly SummaryRow[] {
  const [first] = files;
  if (!first) return [];
  return [
    ...files.map(
      (file, index): SummaryRow => ({
        label: index === 0 ? { en: 'files', ko: '파일' } : nothing,
        text: inEach((language) => {
          const [name, all, joined] = [safeText(file.name), grouped(file.connections), grouped(file.joined)];
          return language === 'en'
            ? `${name}: connections ${all}, of these in another file too ${joined}`
            : `${name}: 연결 ${all}개, 그중 다른 파일에도 있는 연결 ${joined}개`;
        }),
      }),
    ),
    ...files.slice(1).map(
      (file, index): SummaryRow => ({
        label: index === 0 ? { en: 'clocks', ko: '시계' } : nothing,
        text: clockText(file, first),
      }),
    ),
  ];
}

function clockText({ name, clock }: CapturedFile, first: CapturedFile): Localized {
  const [own, other] = [safeText(name), safeText(first.name)];
  if (!clock)
    return {
      en: `${own} has no packet in common with ${other}: its times are by its own clock`,
      ko: `${own} 파일에는 ${other} 파일과 공통된 패킷이 없습니다. 시각은 이 파일의 시계 그대로입니다`,
    };
  const { ahead, uncertainty, packets } = clock;
  const time = timeText(ahead);
  const count = grouped(packets);
  const [en, ko] = ahead < 0 ? ['behind', '느립니다'] : ['ahead of', '빠릅니다'];
  const margin: Localized =
    uncertainty === undefined
      ? {
          en: ', the delay of the way included: packets of one direction alone were found',
          ko: ', 한 방향의 패킷만 있어 전송 시간이 포함된 값',
        }
      : { en: ` ± ${timeText(uncertainty)}`, ko: ` ± ${timeText(uncertainty)}` };
  return {
    en: `${own} is ${time}${margin.en} ${en} ${other} (packets compared: ${count}); times are by the clock of ${other}`,
    ko: `${own}의 시계가 ${other}보다 ${time}${margin.ko} ${ko}(비교한 패킷 ${count}개). 시각은 ${other}의 시계를 따릅니다`,
  };
}

const nameOf = (files: readonly CapturedFile[], file: number): string =>
  safeText(files[file]?.name ?? String(file));

/** In which files a connection was seen, and with which addresses; undefined where there is one file only. */
export function sightingsText(
  { seen, from, to }: EventOf<'opened'>,
  files: readonly CapturedFile[],
): Localized | undefined {
  if (!seen) return undefined;
  const place = ({ file, client, server, frame }: Sighting, packet: string): string => {
    const ends = `${formatAddress(client)} → ${formatAddress(server)}`;
    const isSame = ends === `${formatAddress(from)} → ${formatAddress(to)}`;
    return `${nameOf(files, file)} (${isSame ? '' : `${ends}, `}${packet} ${grouped(frame)})`;
  };
  return {
    en: `seen in ${seen.map((one) => place(one, 'packet')).join(', ')}; shown as in ${nameOf(files, seen[0]?.file ?? 0)}`,
    ko: `${seen.map((one) => place(one, '패킷')).join(', ')}에서 보임. 표시한 것은 ${nameOf(files, seen[0]?.file ?? 0)}의 내용`,
  };
}

/** Each difference in a sentence. */
export function differenceTexts(
  differences: readonly SightingDifference[],
  files: readonly CapturedFile[],
): readonly Localized[] {
  return differences.map((difference) => {
    const { kind, from, offset, length, files: pair, frames } = difference;
    const [shown, other] = [nameOf(files, pair[0]), nameOf(files, pair[1])];
    const who: Localized =
      from === 'client'
        ? { en: 'from the client', ko: '클라이언트가 보낸' }
        : { en: 'from the server', ko: '서버가 보낸' };
    const at = toOffset(offset);
    const count = grouped(length);
    const packet = (name: string, frame: number | null): Localized =>
      frame === null
        ? { en: `${name}: none`, ko: `${name}: 없음` }
        : { en: `${name}: packet ${grouped(frame)}`, ko: `${name}: 패킷 ${grouped(frame)}` };
    const places = inEach((language) =>
      [packet(shown, frames[0]), packet(other, frames[1])].map((one) => one[language]).join(', '),
    );
    const isMore = frames[0] !== null;
    const [holder, without] = isMore ? [shown, other] : [other, shown];
    switch (kind) {
      case 'changed':
        return {
          en: `changed on the way: ${count} bytes at ${at}, ${who.en} (${places.en})`,
          ko: `중간에서 바뀜: ${who.ko} ${at} 위치의 ${count}바이트(${places.ko})`,
        };
      case 'only':
        return {
          en: `dropped or added on the way: ${count} bytes at ${at}, ${who.en}, are only in ${holder} (${places.en})`,
          ko: `중간에서 빠졌거나 더해짐: ${who.ko} ${at} 위치의 ${count}바이트가 ${holder}에만 있음(${places.ko})`,
        };
      case 'rest':
        return {
          en: `only ${holder} goes on: ${count} bytes from ${at} on, ${who.en}, never reached ${without}, or its capture ended before (${places.en})`,
          ko: `${holder}에만 이어짐: ${who.ko} ${at} 뒤의 ${count}바이트가 ${without}에 닿지 않았거나 그 캡처가 먼저 끝남(${places.ko})`,
        };
      case 'reset':
        return {
          en: `the reset ${who.en} is not the same in both: injected or swallowed on the way (${places.en})`,
          ko: `${who.ko} 리셋(RST)이 양쪽에서 다름: 중간에서 끼워 넣었거나 삼킴(${places.ko})`,
        };
    }
  });
}
