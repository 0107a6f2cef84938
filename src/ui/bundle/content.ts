/**
 * What the lines of a bundle come to: events in their order, places inside of their streams, and nothing that contradicts the header
 * or another line. `read.ts` has seen that each line has its shape.
 */
import { X509Certificate } from 'node:crypto';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent, EvidenceRef, Side, Vantage } from '../../capture/event.ts';
import { payloadLength } from '../../capture/event.ts';
import { indexFrom } from '../../capture/flow-stream.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import type { UserError } from '../../i18n/user-error.ts';
import { isOpenedRecord } from '../../protocols/tls/keys/opened-records.ts';
import type { BundleLine, HeaderLine } from './lines.ts';
import { largestConnection, mostOffset, mostOpened, mostPayloadBytes, mostSteps } from './limits.ts';
import type { BundledCertificate, BundledSource, Redaction, StepFindings } from './limits.ts';
import { isRedactedByte } from './redact.ts';
import { tooLarge } from './refusal.ts';
import type { RefusalFacts } from './refusal.ts';

type LineOf<Kind extends BundleLine['kind']> = Extract<BundleLine, { readonly kind: Kind }>;
type OtherKind = 'certificate' | 'findings' | 'hit' | 'redacted' | 'scenario' | 'source' | 'verdict';
export type EventBundleLine = Exclude<BundleLine, { readonly kind: OtherKind }>;

/** What is known of a stream. */
interface Stream {
  length: number;
  readonly pieces: (readonly [offset: number, bytes: Uint8Array])[];
}

export class BundleContent {
  readonly #header: HeaderLine;
  readonly #refuse: (what: Localized, more?: RefusalFacts) => UserError;
  scenario: LineOf<'scenario'> | undefined;
  source: BundledSource | undefined;
  verdict: Verdict | undefined;
  readonly certificates: BundledCertificate[] = [];
  readonly events: CaptureEvent[] = [];
  readonly findings: StepFindings[] = [];
  readonly hits: Hit[] = [];
  readonly redactions: Redaction[] = [];
  readonly #streams = new Map<string, Stream>();
  #payload = 0;
  #opened = 0;
  /** Each with the state that it has come to. */
  readonly #steps = new Set<string>();
  #hasBegun = false;
  /** Connections that were opened, with their wires. */
  readonly #known = new Set<string>();

  /** @param refuse makes the error about the line at hand */
  constructor(header: HeaderLine, refuse: (what: Localized, more?: RefusalFacts) => UserError) {
    this.#header = header;
    this.#refuse = refuse;
  }

  take(line: BundleLine): void {
    switch (line.kind) {
      case 'scenario':
        this.scenario = line;
        break;
      case 'source':
        this.source = without(line, 'kind') as BundledSource;
        break;
      case 'certificate':
        this.#certificate(line);
        break;
      case 'findings':
        for (const { evidence } of line.findings) this.#checkEvidence(evidence);
        this.findings.push(line as StepFindings);
        break;
      case 'hit':
        this.#hit(line);
        break;
      case 'redacted':
        this.#redaction(line);
        break;
      case 'verdict':
        this.#takeVerdict(line);
        break;
      default:
        this.#event(line);
    }
  }

  #certificate({ name, der }: LineOf<'certificate'>): void {
    const bytes = this.#base64(der);
    try {
      if (!new X509Certificate(bytes).raw.equals(bytes)) throw new Error('trailing bytes');
    } catch {
      throw this.#refuse({ en: 'this is no certificate', ko: '인증서가 아닙니다' }, { received: name });
    }
    this.certificates.push({ name, der: bytes });
  }

  #base64(text: string): Buffer {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') === text) return bytes;
    throw this.#refuse({ en: 'this is not Base64', ko: 'Base64가 아닙니다' });
  }

  #event(line: EventBundleLine): void {
    const header = this.#header;
    const { kind, ...rest } = without(line, 'v');
    const event = { ...rest, type: kind } as unknown as CaptureEvent;
    const before = this.events.at(-1);
    // What a capture shows late happened before.
    const least = header.of === 'capture' ? 0 : (before?.at ?? 0);
    if (event.seq !== this.events.length || event.run !== 1 || event.at < least)
      throw this.#refuse(
        { en: 'the events are not in their order', ko: '이벤트의 순서가 맞지 않습니다' },
        {
          expected: verbatim(`seq ${this.events.length}, run 1, at >= ${least}`),
          received: `seq ${event.seq}, run ${event.run}, at ${event.at}`,
        },
      );
    if ('conn' in event && (event.conn ?? 0) > largestConnection)
      throw this.#refuse({ en: 'no connection has such a number', ko: '연결 번호가 너무 큽니다' });
    if (header.of !== 'run') this.#checkRecorded(event);
    if (event.type === 'opened' && ++this.#opened > mostOpened) throw this.#refuse(tooLarge);
    if (event.type === 'step') {
      const state = `${event.state} ${event.id}`;
      if (this.#steps.has(state))
        throw this.#refuse(
          { en: 'a step runs once', ko: '한 단계는 한 번만 실행됩니다' },
          { received: state },
        );
      if (this.#steps.add(state).size > 3 * mostSteps) throw this.#refuse(tooLarge);
    }
    if (event.type === 'began') {
      const isOther = event.scenario !== undefined && event.scenario !== scenarioOf(header);
      if (this.#hasBegun || isOther)
        throw this.#refuse(
          {
            en: 'a bundle has one run, of its own scenario',
            ko: '번들에는 자기 시나리오의 실행이 하나만 있어야 합니다',
          },
          { received: event.scenario ?? '' },
        );
      if (Number.isNaN(Date.parse(event.wallClock)))
        throw this.#refuse(
          { en: 'it began at no time that there is', ko: '시작 시각이 올바르지 않습니다' },
          { received: event.wallClock },
        );
      this.#hasBegun = true;
    }
    if (event.type === 'keylog' && header.secrets === 'redacted' && !isOpenedRecord(event.line))
      throw this.#refuse({
        en: 'its header says that keys were left out, and here is one',
        ko: '헤더에는 키를 뺐다고 적혀 있는데 여기에 키가 있습니다',
      });
    this.events.push(line.kind === 'bytes' ? this.#bytes(event, line.bytes) : event);
  }

  /** What was read or recorded begins, and has connections with what belongs to them: nobody walks through it. */
  #checkRecorded(event: CaptureEvent): void {
    if ((this.events.length === 0) !== (event.type === 'began'))
      throw this.#refuse(
        { en: 'a recording begins once, with its beginning', ko: '기록은 시작 이벤트로 한 번만 시작합니다' },
        { received: event.type },
      );
    if (
      event.type === 'step' ||
      event.type === 'observed' ||
      (event.type === 'note' && event.part === 'speaker')
    )
      throw this.#refuse(
        { en: 'a recording has no such event', ko: '기록에는 없는 종류의 이벤트입니다' },
        { received: event.type },
      );
    if (event.type === 'opened') this.#known.add(`${event.conn} ${event.hop}`);
    else if ('hop' in event && !this.#known.has(`${event.conn} ${event.hop}`) && event.type !== 'refused')
      throw this.#refuse(
        { en: 'this connection was not opened before', ko: '그 전에 열린 적이 없는 연결입니다' },
        { received: `conn ${event.conn}, hop ${event.hop}` },
      );
  }

  #bytes(event: CaptureEvent, text: string): CaptureEvent {
    const read = { ...event, bytes: this.#base64(text) } as Extract<CaptureEvent, { type: 'bytes' }>;
    this.#payload += read.bytes.length;
    if (this.#payload > mostPayloadBytes) throw this.#refuse(tooLarge);
    const key = streamKey(read);
    const stream = this.#streams.get(key) ?? { length: 0, pieces: [] };
    this.#streams.set(key, stream);
    stream.pieces.push([stream.length + (read.dropped ?? 0), read.bytes]);
    stream.length += payloadLength(read);
    if (stream.length > mostOffset) throw this.#refuse(tooLarge);
    return read;
  }

  #hit(line: LineOf<'hit'>): void {
    const hit = without(line, 'kind');
    this.#checkPlace(hit);
    const event = this.events[hit.seq];
    const isThere = event?.type === 'bytes' && streamKey(event) === streamKey(hit) && event.hop === hit.hop;
    if (!isThere || hit.seq < (this.hits.at(-1)?.seq ?? 0))
      throw this.#refuse(noSuchPlace, { received: `seq ${hit.seq}` });
    this.hits.push(hit);
  }

  #redaction(line: LineOf<'redacted'>): void {
    const redaction = without(line, 'kind');
    const stream = this.#checkPlace(redaction);
    const [start, end] = [redaction.offset, redaction.offset + redaction.length];
    const { pieces } = stream;
    const first = indexFrom(pieces.length, (index) => endOf(pieces[index]), start + 1);
    let isClear = true;
    for (let index = first; isClear && (pieces[index]?.[0] ?? end) < end; index++) {
      const [offset, bytes] = pieces[index] ?? [end, nothing];
      isClear = bytes.subarray(Math.max(0, start - offset), end - offset).every(isRedactedByte);
    }
    if (!isClear)
      throw this.#refuse({
        en: 'it says that something was redacted, and it was not',
        ko: '가렸다고 적혀 있지만 가려지지 않은 곳이 있습니다',
      });
    this.redactions.push(redaction);
  }

  /** The stream of a place that is inside of it. */
  #checkPlace(place: {
    readonly conn: number;
    readonly vantage: Vantage;
    readonly from: Side;
    readonly offset: number;
    readonly length: number;
  }): Stream {
    const stream = this.#streams.get(streamKey(place));
    if (stream && place.offset + place.length <= stream.length) return stream;
    throw this.#refuse(noSuchPlace, {
      received: `${streamKey(place)} ${place.offset} + ${place.length}`,
    });
  }

  #checkEvidence(evidence: readonly EvidenceRef[]): void {
    for (const one of evidence)
      if ('event' in one) {
        if (one.event >= this.events.length)
          throw this.#refuse(noSuchPlace, { received: `event ${one.event}` });
      } else {
        if (one.run !== 1) throw this.#refuse(noSuchPlace, { received: `run ${one.run}` });
        this.#checkPlace(one);
      }
  }

  #takeVerdict(line: LineOf<'verdict'>): void {
    const scenario = scenarioOf(this.#header);
    const verdict = without(without(line, 'v'), 'kind');
    if (verdict.scenario !== scenario)
      throw this.#refuse(
        { en: 'the verdict is about another scenario', ko: '판정이 다른 시나리오의 것입니다' },
        { expected: verbatim(scenario ?? ''), received: verdict.scenario },
      );
    const { findings, status } = verdict;
    const isPassed = findings.length > 0 && findings.every((one) => one.status === 'met');
    if (isPassed !== (status === 'passed') && !verdict.router)
      throw this.#refuse({
        en: 'its verdict contradicts its findings',
        ko: '판정이 개별 결과와 맞지 않습니다',
      });
    for (const { evidence } of findings) this.#checkEvidence(evidence);
    this.verdict = verdict as Verdict;
  }

  /** Of what must be in every bundle, what is not; and whether it has what it counts. */
  finish(): void {
    if (!this.#hasBegun)
      throw this.#refuse({ en: 'no run begins in it', ko: '실행이 시작된 기록이 없습니다' });
    for (const { event } of this.source?.commands ?? [])
      if (this.events[event]?.type !== 'refused')
        throw this.#refuse(noSuchPlace, { received: `event ${event}` });
    const { redactions, secrets } = this.#header;
    const found: Record<string, number> = {};
    for (const { what } of this.redactions) found[what] = (found[what] ?? 0) + 1;
    const kindsOf = Object.keys({ ...found, ...redactions.places });
    const isWrong = kindsOf.some((what) => (found[what] ?? 0) !== (redactions.places[what] ?? 0));
    const isKept = secrets === 'kept' && (kindsOf.length > 0 || redactions.texts + redactions.keylog > 0);
    if (!isWrong && !isKept) return;
    throw this.#refuse(
      { en: 'it counts other redactions than it has', ko: '가린 곳의 수가 실제와 다릅니다' },
      { expected: verbatim(JSON.stringify(found)), received: JSON.stringify(redactions.places) },
    );
  }
}

function without<T extends object, Key extends keyof T>(value: T, key: Key): Omit<T, Key> {
  const rest: Partial<T> = { ...value };
  delete rest[key];
  return rest as Omit<T, Key>;
}

const nothing = new Uint8Array(0);

const endOf = ([offset, bytes]: Stream['pieces'][number] = [0, nothing]): number => offset + bytes.length;

const scenarioOf = (header: HeaderLine): string | undefined =>
  header.of === 'run' ? header.scenario : undefined;

const noSuchPlace: Localized = {
  en: 'it points at a place that is not in it',
  ko: '번들에 없는 곳을 가리킵니다',
};

const streamKey = ({
  conn,
  vantage,
  from,
}: {
  readonly conn: number;
  readonly vantage: Vantage;
  readonly from: Side;
}): string => `${conn} ${vantage} ${from}`;
