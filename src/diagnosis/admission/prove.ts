/**
 * Proves whether a server enforces mutual TLS: plays a valid client, then every kind of client that must not get in, and the valid
 * one again. One connection after another, so that a server that serves one at a time is not misjudged.
 *
 * 1. A client that is refused without an alert is played again, and then the valid one: a server that has crashed, or is being
 *    restarted, refuses everybody.
 * 2. What cannot be told is not counted as refused.
 * 3. Nothing is sent but what `attempt/answer.ts` asks, and one command is run: that which revokes.
 */
import type { Clock } from '../../core/clock.ts';
import { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import type { TlsChoices } from '../../wire/endpoint.ts';
import { makeAttempt } from '../attempt/attempt.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Question } from '../attempt/answer.ts';
import type { Asking, Call, Change } from '../attempt/call.ts';
import { judgeChain } from '../chain.ts';
import { clientKinds, revokedKinds, validKinds } from './clients.ts';
import type { ClientKind } from './clients.ts';
import { issueClient, signerOf } from './identities.ts';
import type { ClientAuthority, IssuedClient } from './identities.ts';
import { inconclusive, judge, judgeAgain, judgeValid, omitted } from './judge.ts';
import type { Admission } from './judge.ts';
import { meansOf } from './means.ts';
import type { FirstMeans } from './means.ts';
import { notProven } from './not-proven.ts';
import { holeOf, markOf, verdictOf } from './proof.ts';
import type { Hole, Mark, PlayedClient, Proof } from './proof.ts';
import { reactionOf } from './reaction.ts';
import type { Reaction } from './reaction.ts';
import { signsOf } from './remedies.ts';

/** Revokes a certificate; the server may take the new list a moment later. */
export type Revoke = (certificate: {
  readonly serial: string;
  readonly pem: string;
}) => Promise<{ readonly done: true } | { readonly done: false; readonly words: Localized }>;

export interface ProveOptions {
  /** Its identity, where one is given, is the valid client's. */
  readonly call: Call;
  readonly authority: ClientAuthority;
  /** Of HTTP. */
  readonly path?: string | undefined;
  readonly revoke?: Revoke | undefined;
  readonly log: CaptureLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onClient?: (client: PlayedClient) => void;
  /** Waits between two looks at whether a revocation has arrived, milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Milliseconds: what is left after that is not tried, so that the whole ends within a minute. */
const wholeTime = 45_000;
/** The valid client is given more time than the others: nothing is known of the server yet. */
const longestHandshake = 8000;
/** How long a server may take until it knows of a revocation. */
const revocationTime = 8000;
const revocationPause = 250;
/** How long a server that knows of it may go on with its former processes beside the new ones. */
const changeTime = 3000;
/** How many of those that got in are played again, and how often: servers behind one address may not be alike. */
const mostRepeated = 3;
const repetitions = 3;
/** How long a server may take to come back, and the pauses between two looks. */
const comebackLooks = 5;
const comebackPause = 300;
/** Of a server that does not greet; a refusal arrives in it where the server is near. */
const shortGreetingTime = 20;
const fewestAnswerTime = 1500;
const mostAnswerTime = 4000;
/** What a server is asked that closes on HTTP. */
const otherQuestions = ['ping', 'mqtt', 'ldap'] as const;
/** Where the valid client is not answered either. */
const silenceTime = 600;

export async function prove(options: ProveOptions): Promise<Proof> {
  return new Play(options).run();
}

class Play {
  readonly #options: ProveOptions;
  readonly #flows: Flows;
  readonly #clients: PlayedClient[] = [];
  readonly #began: number;
  readonly #means: FirstMeans;
  #connections = 0;
  #address: string | undefined;
  #tls: TlsChoices = {};
  #measure: Reaction | undefined;
  #asks: Asking;
  /** For a connection with its handshake, in milliseconds. */
  #timeout = longestHandshake;
  /** Why no further client is played. */
  #over: Admission | undefined;
  #trusted = true;
  #first: Attempt | undefined;
  #repeated = 0;

  constructor(options: ProveOptions) {
    this.#options = options;
    this.#flows = new Flows(options.log);
    options.log.subscribe(this.#flows.fold);
    this.#began = options.clock.now();
    this.#asks = { path: options.path };
    this.#means = meansOf(options.call.identity, options.authority, this.#began);
  }

  async run(): Promise<Proof> {
    await this.#begin();
    for (const kind of clientKinds) await this.#play(kind);
    await this.#playRevoked();
    if (this.#over && this.#measure) this.#add({ ...validKinds.last, admission: this.#over });
    else if (this.#measure) {
      const { attempt, reaction } = await this.#settled();
      this.#add({ ...validKinds.last, admission: judgeAgain(reaction, this.#measure), attempt });
    }
    return this.#proof();
  }

  /** The valid client at the end; where a command made the server reread something, it is given time for that. */
  async #settled(): Promise<{ readonly attempt: Attempt; readonly reaction: Reaction }> {
    let made = await this.#valid('valid-again');
    const isAsBefore = (): boolean =>
      this.#measure !== undefined && judgeAgain(made.reaction, this.#measure).kind === 'admitted';
    for (let look = 1; this.#options.revoke && !isAsBefore() && look < comebackLooks; look++) {
      await this.#options.pause(comebackPause);
      made = await this.#valid('valid-again');
    }
    return made;
  }

  /** The valid client, in the newest version, or under TLS 1.2 where the server asks for certificates only by renegotiation. */
  async #begin(): Promise<void> {
    const { addresses } = this.#options.call;
    let made: { readonly attempt: Attempt; readonly reaction: Reaction } | undefined;
    for (const address of addresses) {
      this.#address = address;
      made = await this.#valid('valid');
      if (made.reaction.kind !== 'no_connection') break;
    }
    if (!made) {
      const admission = inconclusive('the resolver knows no address', '이름의 주소를 찾을 수 없음');
      this.#over = admission;
      this.#add({ ...validKinds.first, admission });
      return;
    }
    let admission = judgeValid(made.reaction);
    if (!isWelcome(made.reaction) && made.attempt.version === 'TLS 1.3') {
      this.#tls = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
      const older = await this.#valid('valid-tls1.2');
      if (isWelcome(older.reaction)) {
        made = older;
        admission = judgeValid(older.reaction);
      } else this.#tls = {};
    }
    // Redis closes on HTTP, and so does what stands behind many a tunnel; a broker or a directory closes on lines too.
    if (made.reaction.kind === 'ended' && made.reaction.isAsked && !this.#options.call.starttls) {
      let best: { readonly question: Question; readonly made: typeof made } | undefined;
      for (const question of otherQuestions) {
        this.#asks = { question };
        const asked = { question, made: await this.#valid(`valid-${question}`) };
        const isAnswered = asked.made.reaction.kind === 'answered';
        if (isAnswered || (!best && judgeValid(asked.made.reaction).kind === 'admitted')) best = asked;
        if (isAnswered) break;
      }
      this.#asks = best ? { question: best.question } : { path: this.#options.path };
      if (best) {
        made = best.made;
        admission = judgeValid(made.reaction);
      }
    }
    const { attempt, reaction } = made;
    this.#first = attempt;
    if (admission.kind === 'admitted') {
      this.#measure = reaction;
      this.#asks = { ...this.#asks, ...timesFor(attempt, reaction) };
      this.#timeout = Math.min(
        longestHandshake,
        Math.max(this.#options.call.timeout, 4 * attempt.milliseconds),
      );
    }
    if (this.#options.call.authoritiesFrom === 'given') {
      const examined = judgeChain(this.#options.call, attempt, this.#options.clock.now());
      // Of a server that showed no certificate something else is to be said.
      const isUnseen = attempt.chain.length === 0 && admission.kind !== 'admitted';
      this.#trusted = examined ? examined.verified : isUnseen;
    }
    this.#add({ ...validKinds.first, admission, attempt });
    const isHeard = reaction.kind === 'answered' || reaction.kind === 'silent';
    if (!isHeard && reaction.kind !== 'alert' && reaction.kind !== 'ended')
      this.#over = inconclusive('there is no TLS server to test', '시험할 TLS 서버가 없음');
  }

  async #play(kind: ClientKind): Promise<void> {
    const { words, id, expected } = kind;
    const row = { id, words, expected };
    const isLate = this.#options.clock.now() - this.#began > wholeTime;
    const over = this.#over ?? (isLate ? inconclusive('no time was left', '남은 시간이 없음') : undefined);
    if (over) return this.#add({ ...row, admission: over });
    const played = kind.make({
      ...this.#means,
      tls: this.#tls,
      version: this.#measure ? this.#first?.version : undefined,
      session: this.#first?.sessions.at(-1),
    });
    if ('kind' in played) return this.#add({ ...row, admission: played });
    const change = { id, words, tls: this.#tls, ...played };
    const { attempt, admission } = await this.#judged(change);
    const isHole = expected === 'refused' && admission.kind === 'admitted';
    const times = isHole ? await this.#timesAdmitted(change) : undefined;
    const { identity } = played;
    return this.#add({
      ...row,
      admission,
      attempt,
      ...(times ? { times } : {}),
      ...(identity && 'serial' in identity ? { serial: String(identity.serial) } : {}),
    });
  }

  /** How often a client that got in once does so; undefined where it always does, or enough others were played again. */
  async #timesAdmitted(change: Change): Promise<PlayedClient['times']> {
    if (++this.#repeated > mostRepeated) return undefined;
    let admitted = 1;
    let refused = 0;
    while (admitted + refused < repetitions) {
      const { attempt, reaction } = await this.#attempt(change);
      if (admissionOf(attempt, reaction, this.#measure).kind === 'admitted') admitted++;
      else refused++;
    }
    return refused > 0 ? { admitted, played: repetitions } : undefined;
  }

  /** What was refused without a word is looked at twice, and then the valid client: a crash or a restart refuses everybody. */
  async #judged(change: Change): Promise<{ readonly attempt: Attempt; readonly admission: Admission }> {
    const first = await this.#attempt(change);
    const { attempt } = first;
    const firstAdmission = admissionOf(attempt, first.reaction, this.#measure);
    if (!isDoubtful(first.reaction) || !this.#measure) return { attempt, admission: firstAdmission };
    // It took its time already, and tells nothing.
    if (first.reaction.kind === 'hanging')
      return { attempt, admission: (await this.#comeback()) === 'gone' ? gone : firstAdmission };
    const second = await this.#attempt(change);
    const admission = admissionOf(second.attempt, second.reaction, this.#measure);
    if (!isDoubtful(second.reaction)) return { attempt: second.attempt, admission };
    const after = await this.#comeback();
    return {
      attempt: second.attempt,
      admission:
        after === 'there'
          ? admission
          : after === 'gone'
            ? gone
            : inconclusive(
                'the server went away at this client, and came back',
                '이 클라이언트에서 서버가 사라졌다가 다시 나타남',
              ),
    };
  }

  /** Whether the valid client is admitted: at once, after a while, or no more. */
  async #comeback(): Promise<'there' | 'back' | 'gone'> {
    for (let look = 0; look < comebackLooks; look++) {
      if (look > 0) await this.#options.pause(comebackPause);
      const { reaction } = await this.#valid('valid-check');
      if (this.#measure && judgeAgain(reaction, this.#measure).kind === 'admitted')
        return look === 0 ? 'there' : 'back';
    }
    this.#over = inconclusive('the server is gone', '서버가 사라짐');
    return 'gone';
  }

  /** A certificate of its own is admitted, revoked, and must be refused; the valid one must not be. */
  async #playRevoked(): Promise<void> {
    const { fresh, resumed } = revokedKinds;
    const neither = (admission: Admission): void => {
      for (const { id, words, expected } of [fresh, resumed]) this.#add({ id, words, expected, admission });
    };
    const { revoke, authority, clock } = this.#options;
    if (!revoke) return neither(omitted('needs --revoke-command', '--revoke-command 필요'));
    if (!authority.key) return neither(omitted('needs --client-ca-key', '--client-ca-key 필요'));
    if (this.#over) return neither(this.#over);
    if (!this.#measure)
      return neither(omitted('the valid client is not admitted', '유효한 클라이언트가 통과하지 못함'));
    const identity: IssuedClient = issueClient({
      signer: signerOf(authority, authority.key),
      likeness: this.#means.likeness,
      now: clock.now(),
    });
    const change = { words: fresh.words, identity, tls: this.#tls };
    const before = await this.#attempt({ ...change, id: 'not-yet-revoked' });
    if (judgeAgain(before.reaction, this.#measure).kind !== 'admitted')
      return neither(inconclusive('was not admitted before it was revoked', '폐기하기 전에도 통과하지 못함'));
    const revoked = await revoke({ serial: identity.serial, pem: toPem('CERTIFICATE', identity.leaf) });
    if (!revoked.done) return neither({ kind: 'not_tested', reason: 'inconclusive', words: revoked.words });
    const { attempt, admission } = await this.#untilRefused({ ...change, id: fresh.id });
    const { id, words, expected } = fresh;
    this.#add({ id, words, expected, admission, attempt, serial: identity.serial });
    const resumedRow = { id: resumed.id, words: resumed.words, expected: resumed.expected };
    const session = before.attempt.sessions.at(-1);
    if (!session)
      return this.#add({
        ...resumedRow,
        admission: omitted('the server gave no session', '서버가 세션을 주지 않음'),
      });
    if (admission.kind === 'admitted' || admission.kind === 'not_tested')
      return this.#add({
        ...resumedRow,
        admission: omitted('the revocation itself has no effect', '폐기 자체가 효과가 없음'),
      });
    const withSession = { ...change, id: resumed.id, words: resumed.words, session };
    const again = await this.#untilRefused(withSession, changeTime);
    return this.#add({ ...resumedRow, ...again, serial: identity.serial });
  }

  /** A server takes a new list in its own time, and may refuse everybody while it does so. */
  async #untilRefused(
    change: Change,
    time = revocationTime,
  ): Promise<{ readonly attempt: Attempt; readonly admission: Admission }> {
    const { clock, pause } = this.#options;
    const until = clock.now() + time;
    for (;;) {
      const judged = await this.#judged(change);
      const isRefused =
        judged.admission.kind === 'refused_by_tls' || judged.admission.kind === 'refused_by_application';
      if (isRefused || this.#over || clock.now() >= until) return judged;
      await pause(revocationPause);
    }
  }

  async #valid(id: string): Promise<{ readonly attempt: Attempt; readonly reaction: Reaction }> {
    return this.#attempt({ id, words: validKinds.first.words, identity: this.#means.valid, tls: this.#tls });
  }

  async #attempt(change: Change): Promise<{ readonly attempt: Attempt; readonly reaction: Reaction }> {
    const { call, log, clock, signal } = this.#options;
    signal.throwIfAborted();
    const attempt = await makeAttempt(
      { ...call, timeout: this.#timeout },
      defined({ ...change, address: this.#address, asks: this.#asks }),
      ++this.#connections,
      { log, flows: this.#flows, clock, signal },
    );
    signal.throwIfAborted();
    return { attempt, reaction: reactionOf(attempt) };
  }

  #add(row: Omit<PlayedClient, 'mark'>): void {
    const client: PlayedClient = { ...row, mark: markOf(row.expected, row.admission) };
    this.#clients.push(client);
    this.#options.onClient?.(client);
  }

  #proof(): Proof {
    const clients = this.#clients;
    const signs = this.#first && signsOf(this.#first, this.#options.call.starttls);
    const holesOf = (wanted: Mark): Hole[] =>
      clients.filter(({ mark }) => mark === wanted).map((client) => holeOf(client, signs));
    return {
      ...verdictOf(clients, this.#trusted),
      clients,
      holes: holesOf('hole'),
      notes: holesOf('noted'),
      notProven: notProven({
        ...this.#options,
        path: this.#options.path,
        clients,
        first: this.#first,
        measure: this.#measure,
      }),
      connections: this.#connections,
    };
  }
}

/** Admitted, and not refused by the application for another reason. */
const isWelcome = (reaction: Reaction): boolean =>
  judgeValid(reaction).kind === 'admitted' && !(reaction.kind === 'answered' && reaction.isRefusal);

/** It may have been no answer to this client, for nothing says so: at a port where the valid one met TLS, neither is what is no TLS. */
const isDoubtful = ({ kind }: Reaction): boolean =>
  kind === 'ended' || kind === 'no_connection' || kind === 'hanging' || kind === 'not_tls';

const gone = inconclusive(
  'after that, the server no longer admits the valid client',
  '그 뒤로 유효한 클라이언트도 통과하지 못함',
);

/** A session that was not resumed, and a renegotiation that was not made, admit nobody. */
function admissionOf(attempt: Attempt, reaction: Reaction, measure: Reaction | undefined): Admission {
  const { change, resumed, renegotiation, secured, answer } = attempt;
  const admission = judge(reaction, measure);
  if (change.renegotiates && secured && renegotiation !== 'completed') {
    if (reaction.kind === 'no_connection') return admission;
    if (answer?.isCutShort)
      return inconclusive(
        'the server kept sending, and its answer to the renegotiation did not come',
        '서버가 계속 보내기만 하고 재협상에는 답하지 않음',
      );
    return {
      kind: 'refused_by_tls',
      words:
        renegotiation === 'ignored'
          ? { en: 'the request was ignored', ko: '요청을 무시함' }
          : { en: 'renegotiation refused', ko: '재협상을 거부함' },
      ...(reaction.kind === 'alert' ? { alert: reaction.description } : {}),
    };
  }
  if (change.session && (admission.kind === 'admitted' || admission.kind === 'refused_by_tls')) {
    const { words } = admission;
    return {
      ...admission,
      words: resumed
        ? { en: `session resumed; ${words.en}`, ko: `세션 재개됨. ${words.ko}` }
        : { en: `session not resumed; ${words.en}`, ko: `세션이 재개되지 않음. ${words.ko}` },
    };
  }
  return admission;
}

/** A server that greets is left the time for that; an answer four times as long as the valid client's was. */
function timesFor({ milliseconds, answer }: Attempt, reaction: Reaction): Asking {
  if (reaction.kind === 'silent') return { greetingTime: shortGreetingTime, answerTime: silenceTime };
  return {
    greetingTime: answer?.greeted ? fewestAnswerTime : shortGreetingTime,
    answerTime: Math.min(mostAnswerTime, Math.max(fewestAnswerTime, 4 * milliseconds)),
  };
}
