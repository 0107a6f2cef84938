/**
 * How many files this process may have open, and what is said when connections were sent away for it. A kernel that runs
 * out of descriptors closes connections without a word to anybody; a proxy that counts can say so.
 */
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';

/** Where the operating system names no limit, a generous one. */
const noLimit = 1_048_576;

/** The soft limit of open files (`ulimit -n`), as Node reports it. */
export function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as { readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } } };
  const { soft } = userLimits?.open_files ?? {};
  return typeof soft === 'number' && soft > 0 ? soft : noLimit;
}

/** How often it is said at most, in milliseconds. */
const quiet = 1_000;

/** Counts who was sent away, and says it: the first at once, then together with those that followed. */
export class SentAway {
  readonly #limit: number;
  readonly #say: (text: Localized) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, say: (text: Localized) => void) {
    this.#limit = limit;
    this.#say = say;
  }

  readonly add = (from: Address): void => {
    this.#count++;
    if (this.#timer) return;
    this.#tell(formatAddress(from));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#count > 0) this.#tell('');
    }, quiet).unref();
  };

  #tell(from: string): void {
    const count = this.#count;
    this.#count = 0;
    const remedy = `ulimit -n ${this.#limit * 4}`;
    this.#say({
      en: `${from === '' ? `${count} more connections were` : `a connection from ${from} was`} sent away: this process may have ${this.#limit} files open and has too many. Raise it in the shell that starts it: ${remedy}`,
      ko: `${from === '' ? `연결 ${count}개를 더` : `${from}의 연결을`} 돌려보냈습니다. 이 프로세스가 열 수 있는 파일은 ${this.#limit}개인데 한도에 이르렀습니다. 시작하는 셸에서 늘리십시오: ${remedy}`,
    });
  }
}
