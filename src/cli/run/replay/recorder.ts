/**
 * Keeps a run for its bundle (`--save`): its events as they come, the findings of each step as they stood when it was done, and
 * the verdict. What belongs to the log of several runs is numbered anew, from 0: a bundle has one run.
 */
import { X509Certificate } from 'node:crypto';
import { payloadLength } from '../../../capture/event.ts';
import type { CaptureEvent, EvidenceRef } from '../../../capture/event.ts';
import { secretValues } from '../../../engine/plan.ts';
import type { Plan } from '../../../engine/plan.ts';
import type { CompiledScenario } from '../../../engine/scenario.ts';
import type { SuppliedInput } from '../../../engine/extensions.ts';
import type { Finding, Judge, Verdict } from '../../../engine/verdict.ts';
import type { World } from '../../../pki/keystore/world.ts';
import { nothingRedacted } from '../../../ui/bundle/limits.ts';
import type { BundledCertificate, RunBundle } from '../../../ui/bundle/limits.ts';
import { Redactor } from '../../../ui/bundle/redact.ts';
import { BundleRoom } from '../../../ui/bundle/room.ts';
import type { MadeOptions } from './recording.ts';

/** What is run, as the bundle names it. */
export interface Recorded {
  readonly compiled: CompiledScenario;
  readonly plan: Plan;
  readonly short: boolean;
  readonly supplied: SuppliedInput;
}

export class RunRecorder {
  readonly #recorded: Recorded;
  readonly #judge: Judge;
  readonly #world: World | undefined;
  #events: CaptureEvent[] = [];
  readonly #findings = new Map<string, readonly Finding[]>();
  readonly #room = new BundleRoom();
  #verdict: Verdict | undefined;

  constructor(recorded: Recorded, judge: Judge, world: World | undefined) {
    this.#recorded = recorded;
    this.#judge = judge;
    this.#world = world;
  }

  /** More than a bundle may hold: nothing of it is kept. */
  get isTooLarge(): boolean {
    return this.#room.isTooSmall;
  }

  /** Of each event, after the judge has it. */
  readonly fold = (event: CaptureEvent): void => {
    if (this.#verdict || this.isTooLarge) return;
    this.#events.push(event);
    this.#room.add(event);
    if (this.isTooLarge) this.#events = [];
    // A report asks at the headline, the screen once the step is done.
    if (event.type === 'step' && event.state === 'done') this.#find(event.id);
    if (event.type === 'note' && event.part === 'headline' && event.step !== undefined)
      this.#find(event.step);
  };

  /** What comes afterwards is not in the bundle. */
  finish(verdict: Verdict): void {
    this.#verdict = verdict;
  }

  #find(step: string): void {
    this.#findings.set(step, this.#judge.findingsOf(step));
  }

  /** Undefined for a run without a verdict, or one that is too large. */
  bundle({ version, made, withSecrets }: MadeOptions): RunBundle | undefined {
    const verdict = this.#verdict;
    if (!verdict || this.isTooLarge) return undefined;
    const { compiled, plan, short, supplied } = this.#recorded;
    const { certificates: _, ...scenario } = compiled;
    const runs = new Set(this.#events.map(({ run }) => run));
    const hits = this.#judge.hunt.hits.filter(({ run }) => runs.has(run));
    const redactor = withSecrets
      ? undefined
      : new Redactor({
          events: this.#events,
          connections: this.#judge.flows.connections,
          secrets: secretValues(plan),
          hits,
          keylog: this.#judge.flows.keylog,
        });
    const events = redactor ? redactor.events(this.#events) : this.#events;
    const numbers = new Numbers(events);
    const findings = (all: readonly Finding[]): Finding[] =>
      (redactor?.made(all) ?? all).map((finding) => ({
        ...finding,
        evidence: finding.evidence.flatMap((one) => numbers.of(one)),
      }));
    return {
      of: 'run',
      version,
      made: made.toISOString(),
      hasSecrets: withSecrets,
      scenario: {
        compiled: redactor?.authored(scenario) ?? scenario,
        short,
        supplied: redactor?.authored(supplied) ?? supplied,
      },
      certificates: this.#world ? certificatesOf(this.#world) : [],
      events: events.map((event, seq) => ({ ...event, seq, run: 1 })),
      findings: Array.from(this.#findings, ([step, all]) => ({ step, findings: findings(all) })),
      hits: hits.map((hit) => ({ ...hit, run: 1, seq: numbers.at(hit.seq) })),
      redactions: redactor?.redactions ?? [],
      verdict: { ...verdict, findings: findings(verdict.findings) },
      count: redactor?.count ?? nothingRedacted,
    };
  }
}

/** The numbers of events in the bundle, by those in the log. */
class Numbers {
  readonly #numbers: ReadonlyMap<number, number>;
  /** Of each stream, in bytes. */
  readonly #lengths = new Map<string, number>();

  constructor(events: readonly CaptureEvent[]) {
    this.#numbers = new Map(events.map(({ seq }, index) => [seq, index]));
    for (const event of events) {
      if (event.type !== 'bytes') continue;
      const key = `${event.conn} ${event.vantage} ${event.from}`;
      this.#lengths.set(key, (this.#lengths.get(key) ?? 0) + payloadLength(event));
    }
  }

  at(seq: number): number {
    for (let one = seq; one >= 0; one--) {
      const number = this.#numbers.get(one);
      if (number !== undefined) return number;
    }
    return 0;
  }

  /** As much of it as is in the log: on hosts of their own the verdict is about what the router saw, which may be more at an end. */
  of(evidence: EvidenceRef): readonly EvidenceRef[] {
    if ('event' in evidence) return [{ event: this.at(evidence.event) }];
    const { conn, vantage, from, offset } = evidence;
    const left = (this.#lengths.get(`${conn} ${vantage} ${from}`) ?? 0) - offset;
    if (left < 0 || (left === 0 && evidence.length > 0)) return [];
    return [{ ...evidence, run: 1, length: Math.min(evidence.length, left) }];
  }
}

/** The public part of a world. */
function certificatesOf(world: World): BundledCertificate[] {
  return world.names.map((name) => ({ name, der: new X509Certificate(world.certificate(name)).raw }));
}
