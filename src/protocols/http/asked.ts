/** Remembers which requests of a connection still await a response, within bounds. */
import type { RequestHead } from './message.ts';

/** What has to be known of a request when its answer comes (RFC 9112 section 6.3). */
export type AskedHead = Pick<RequestHead, 'method' | 'target'>;

/** Requests without an answer of which the target is known too; and stretches of further ones with one method. */
const mostAsked = 512;

const mostStretches = 256;

const longestMethod = 16;

/** Characters of all targets that are known. */
const mostTargets = 16 * 1024;

/**
 * The requests of a connection that no final response has answered yet; a client may send any number before the first answer.
 * Of many the further ones are counted, by their methods, since those decide how the answers are framed.
 */
export class Asked {
  #requests: AskedHead[] = [];
  #answered = 0;
  #further: { readonly method: string; count: number }[] = [];
  #targets = 0;

  add({ method, target }: RequestHead): void {
    const known = ownText(method.slice(0, longestMethod));
    if (this.#further.length === 0 && this.#requests.length - this.#answered < mostAsked) {
      const isShort = this.#targets + target.length <= mostTargets;
      if (isShort) this.#targets += target.length;
      this.#requests.push({ method: known, target: isShort ? ownText(target) : '' });
      return;
    }
    const newest = this.#further.at(-1);
    // A client that keeps sending without reading is not tracked for the sake of its responses.
    if (newest && (newest.method === known || this.#further.length >= mostStretches)) newest.count++;
    else this.#further.push({ method: known, count: 1 });
  }

  get next(): AskedHead | undefined {
    const [further] = this.#further;
    return this.#requests[this.#answered] ?? (further && { method: further.method, target: '' });
  }

  /** Taking the first of a long array moves all the others: they are cut off only when they are half of it. */
  take(): AskedHead | undefined {
    const { next } = this;
    if (this.#answered < this.#requests.length) {
      this.#answered++;
      this.#targets -= next?.target.length ?? 0;
    } else if (next) this.#takeFurther();
    if (this.#answered > 32 && this.#answered * 2 > this.#requests.length) {
      this.#requests = this.#requests.slice(this.#answered);
      this.#answered = 0;
    }
    return next;
  }

  #takeFurther(): void {
    const [further] = this.#further;
    if (further && --further.count === 0) this.#further.shift();
  }
}

/** The same text, which does not keep alive what it was cut from. */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
