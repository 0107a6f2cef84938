/**
 * Keeps the logs of a pod that is reported as running, and their followers.
 */
import type { Writable } from 'node:stream';
import { listAt, textAt } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { firstLines, logText, podStatus, selectedLines } from './kubelet-pods.ts';
import type { LogLine, LogQuery } from './kubelet-pods.ts';

/** A pod that is reported as running: its logs, and their followers. */
export class Run {
  readonly #lines: ReadonlyMap<string, readonly LogLine[]>;
  readonly #followers = new Set<Writable>();
  readonly #isDone: boolean;

  constructor(pod: KubeObject, node: string, at: number) {
    this.#lines = new Map(
      listAt(pod, 'spec', 'containers').map((container) => [
        textAt(container, 'name'),
        firstLines(pod, container, node, at),
      ]),
    );
    this.#isDone = ['Succeeded', 'Failed'].includes(
      textAt(podStatus(pod, { podIP: '', hostIP: '' }, at), 'phase'),
    );
  }

  write(container: string, query: LogQuery, out: Writable): void {
    const bytes = Buffer.from(logText(selectedLines(this.#lines.get(container) ?? [], query), query));
    out.write(query.limitBytes === undefined ? bytes : bytes.subarray(0, query.limitBytes));
    if (!query.follow || this.#isDone) return void out.end();
    this.#followers.add(out);
    out.once('close', () => this.#followers.delete(out));
  }

  end(): void {
    for (const out of this.#followers) out.end();
  }
}
