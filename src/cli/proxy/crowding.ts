/**
 * Reports and counts connections that were rejected for lack of room, and idle ones that were closed to make room. The
 * first is reported at once, further ones at most once a second in one message. `wire/tcp/connection-limit.ts` decides.
 */
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { SentAwayFor } from '../../wire/endpoint.ts';

/** Minimum interval between two messages, in milliseconds. */
const quiet = 1_000;

/** The message for one connection, by its name, or for a number of further ones. */
type Words = (who: string | number) => Localized;

/** Reports the first at once, then the number of further ones. */
class RateLimitedNotice {
  readonly #words: Words;
  readonly #say: (text: Localized) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(words: Words, say: (text: Localized) => void) {
    this.#words = words;
    this.#say = say;
  }

  add(who: string): void {
    if (this.#timer) {
      this.#count++;
      return;
    }
    this.#say(this.#words(who));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const count = this.#count;
      this.#count = 0;
      if (count > 0) this.#say(this.#words(count));
    }, quiet).unref();
  }
}

const sentAwayEn = (who: string | number): string =>
  typeof who === 'number' ? `${who} more connections were` : `a connection from ${who} was`;
const sentAwayKo = (who: string | number): string =>
  typeof who === 'number' ? `연결 ${who}개를 더` : `${who}의 연결을`;

/** Counters for a metric. */
export interface CrowdingCounts {
  readonly sentAway: Readonly<Record<SentAwayFor, number>>;
  /** Idle connections closed to make room. */
  readonly silentClosed: number;
}

export class Crowding {
  readonly #sentAway: Readonly<Record<SentAwayFor, RateLimitedNotice>>;
  readonly #madeRoom: RateLimitedNotice;
  readonly #counts = { sentAway: { waiting: 0, open: 0 }, silentClosed: 0 };

  /** @param limits the limit of open files, and the limit of concurrent connections, if there is one. */
  constructor(
    { files, connections }: { readonly files: number; readonly connections: number | undefined },
    say: (text: Localized) => void,
  ) {
    const option = connections === undefined ? '' : `--max-concurrent-conns ${connections}`;
    this.#sentAway = {
      open: new RateLimitedNotice((who) => {
        const remedy = `ulimit -n ${files * 4}`;
        return {
          en: `${sentAwayEn(who)} rejected: this process has reached its limit of ${files} open files. Raise it in the shell that starts wirelab: ${remedy}`,
          ko: `${sentAwayKo(who)} 받지 않았습니다. 이 프로세스가 열 수 있는 파일 수의 한도(${files}개)에 이르렀습니다. wirelab을 시작하는 셸에서 한도를 늘리세요: ${remedy}`,
        };
      }, say),
      waiting: new RateLimitedNotice(
        (who) => ({
          en: `${sentAwayEn(who)} rejected: at most ${connections} are served at a time (${option}), and too many are waiting already`,
          ko: `${sentAwayKo(who)} 받지 않았습니다. 동시에 처리하는 연결은 최대 ${connections}개이고(${option}) 기다리는 연결이 이미 너무 많습니다`,
        }),
        say,
      ),
    };
    const limitEn = option === '' ? 'too many files are open' : `others are waiting (${option})`;
    const limitKo = option === '' ? '열린 파일이 너무 많습니다' : `다른 연결이 기다리고 있습니다(${option})`;
    this.#madeRoom = new RateLimitedNotice(
      (who) => ({
        en: `${typeof who === 'number' ? `${who} more connections were` : `${who} was`} closed to make room: no data was exchanged, and ${limitEn}`,
        ko: `자리를 마련하려고 ${typeof who === 'number' ? `연결 ${who}개를 더` : `${who} 연결을`} 닫았습니다. 오간 데이터가 없었고, ${limitKo}`,
      }),
      say,
    );
  }

  get counts(): CrowdingCounts {
    return { sentAway: { ...this.#counts.sentAway }, silentClosed: this.#counts.silentClosed };
  }

  readonly sentAway = (from: Address, why: SentAwayFor): void => {
    this.#counts.sentAway[why]++;
    this.#sentAway[why].add(formatAddress(from));
  };

  readonly madeRoom = (conn: number, from: Address): void => {
    this.#counts.silentClosed++;
    this.#madeRoom.add(`#${conn} ${formatAddress(from)}`);
  };
}
