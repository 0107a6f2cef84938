/**
 * Reports the state of a lab to its class, over mutual TLS: the server must have a certificate of the CA that the invitation
 * names, for the host that it names. A lab never waits for its class.
 *
 * 1. The newest state is sent; what it replaces is not sent later.
 * 2. While the class is away or refuses, that is said once, and it is tried again, at longer and longer intervals.
 */
import type { Clock } from '../../../core/clock.ts';
import { hostPort } from '../../../capture/event.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { explainRefusal } from '../../../analysis/outcome/refusal.ts';
import type { ClassNews } from '../../../labs/hold/holding.ts';
import { jsonText, outputLine } from '../../../ui/json/line.ts';
import { BrokenAnswer, HttpClient, Unreachable } from '../../../wire/http/client.ts';
import type { Failure } from '../../../wire/endpoint.ts';
import { entryOf } from '../../class/board.ts';
import type { HandedIn } from '../../class/handed-in.ts';
import type { Invitation } from '../../class/roster/invitation.ts';
import { entryPath } from '../../class/roster/protocol.ts';

/** What became of one report. */
export type Reported =
  | { readonly state: 'kept' }
  /** `later`: there is no use in sending the same again soon. */
  | { readonly state: 'away' | 'refused'; readonly why: Localized; readonly later?: true };

/** Sends one report. Never rejects, but for its signal. @param patience in milliseconds */
export async function report(
  entry: HandedIn,
  { server, identity, authority }: Invitation,
  {
    clock,
    signal,
    patience = 5000,
  }: { readonly clock: Clock; readonly signal: AbortSignal; readonly patience?: number },
): Promise<Reported> {
  const client = new HttpClient({
    dial: {
      security: 'mtls',
      to: server,
      serverName: server.host,
      identity,
      authorities: [authority],
      clock,
    },
    limits: { body: 4096, line: 4096 },
  });
  try {
    const body = jsonText(outputLine(entryOf(entry)));
    const answer = await client.call({
      method: 'POST',
      path: entryPath,
      body,
      timeout: patience,
      // The same state may come twice.
      idempotent: true,
      signal,
    });
    const { status } = answer;
    if (status === 204) return { state: 'kept' };
    const said = safeText(answer.body.toString('utf8')).trim().slice(0, 200);
    const why = verbatim(`HTTP ${status}${said === '' ? '' : `: ${said}`}`);
    return status === 429 || status >= 500 ? { state: 'away', why } : { state: 'refused', why, later: true };
  } catch (error) {
    if (error instanceof Unreachable) return failed(error.failure);
    if (error instanceof BrokenAnswer) return { state: 'away', why: verbatim(error.message) };
    throw error;
  } finally {
    client.close();
  }
}

/** The network failed, or one of the two sides has refused the other. */
function failed({ by, reason, code, alert, presented }: Failure): Reported {
  if (by === 'unknown' || (by === 'client' && !presented)) return { state: 'away', why: verbatim(code) };
  const { because } = explainRefusal({
    by,
    reason,
    ...(alert ? { alert } : {}),
    detail: presented ? { presented } : {},
  });
  return { state: 'refused', why: because, later: true };
}

export interface ReporterOptions {
  readonly invitation: Invitation;
  readonly clock: Clock;
  /** The state at the moment. */
  readonly entry: () => HandedIn;
  readonly onNews: (news: ClassNews) => void;
}

/** How often it is looked whether there is something to report, in milliseconds. */
const lookEvery = 500;
/** From one attempt to the next, in milliseconds: twice as long each time, up to the second. */
const again = { first: 1000, most: 15_000, later: 60_000 } as const;
/** How long the last report may take at the end of a lab, in milliseconds. */
const lastWords = 1500;

export class ClassReporter {
  readonly #options: ReporterOptions;
  readonly #ending = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #sent = '';
  #sending: Promise<void> | undefined;
  #notBefore = 0;
  #wait: number = again.first;
  #trouble: string | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#tell('joined');
    this.#timer = setInterval(() => this.#look(), lookEvery).unref();
    this.#look();
  }

  /** Reports what was not reported yet, if that is a matter of a moment. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const end = setTimeout(() => this.#ending.abort(), lastWords);
    await this.#sending;
    if (this.#trouble === undefined) this.#look();
    await this.#sending;
    clearTimeout(end);
    this.#ending.abort();
  }

  #look(): void {
    if (this.#sending || performance.now() < this.#notBefore) return;
    const entry = this.#options.entry();
    const text = JSON.stringify(entry);
    if (text === this.#sent || this.#ending.signal.aborted) return;
    this.#sending = this.#send(entry, text).finally(() => (this.#sending = undefined));
  }

  async #send(entry: HandedIn, text: string): Promise<void> {
    const { invitation, clock } = this.#options;
    const { signal } = this.#ending;
    let reported: Reported;
    try {
      reported = await report(entry, invitation, { clock, signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (reported.state === 'kept') {
      this.#sent = text;
      this.#wait = again.first;
      if (this.#trouble !== undefined) this.#tell('back');
      this.#trouble = undefined;
      return;
    }
    const { state, why, later } = reported;
    this.#notBefore = performance.now() + (later ? again.later : this.#wait);
    this.#wait = Math.min(2 * this.#wait, again.most);
    const trouble = state === 'away' ? state : `${state} ${why.en}`;
    if (trouble !== this.#trouble) this.#tell(state, why);
    this.#trouble = trouble;
  }

  #tell(state: ClassNews['state'], why?: Localized): void {
    const { invitation, onNews } = this.#options;
    const { server, learner } = invitation;
    onNews({ state, server: hostPort(server), learner, ...(why ? { why } : {}) });
  }
}
