/**
 * Builds the status and the logs of a kubelet's pods. Pure. Nothing is run: a pod is reported as running, and its log
 * contains the kubelet's own remarks; only the output of an `echo` command is reproduced.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { defined } from '../../../core/defined.ts';
import { isoTime } from '../../../protocols/x509/certificate.ts';
import { listAt, objectAt, textAt, valueAt } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { keyOf } from '../informer.ts';
import { mirrored } from './mirror-pods.ts';
import { noContainers } from './kubelet-node.ts';

/** One line of a log. `at`: milliseconds since the epoch. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

export const containersOf = (pod: KubeObject): readonly string[] =>
  listAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name'));

/**
 * The output of a container whose command only prints and exits: the arguments of `echo …`, as in a shell. Undefined
 * for any other.
 */
export function echoed(container: unknown): string | undefined {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')].filter(
    (word): word is string => typeof word === 'string',
  );
  const [first = '', option = '', script = ''] = words;
  if (/^(?:\/bin\/)?echo$/.test(first)) return words.slice(1).join(' ');
  const [, quote = '', said = ''] =
    (/^(?:\/bin\/)?(?:ba)?sh$/.test(first) && option === '-c'
      ? /^\s*echo\s+(["']?)([^"'`$\\;|&<>]*)\1\s*$/.exec(script)
      : undefined) ?? [];
  if (said === '') return undefined;
  return quote === '' ? said.trim().split(/\s+/).join(' ') : said;
}

/** Whether a pod completes: every container prints something and exits, and is not restarted. */
export function isDone(pod: KubeObject): boolean {
  const containers = listAt(pod, 'spec', 'containers');
  return (
    textAt(pod, 'spec', 'restartPolicy') !== 'Always' &&
    containers.length > 0 &&
    containers.every((container) => echoed(container) !== undefined)
  );
}

export interface PodFacts {
  readonly podIP: string;
  readonly hostIP: string;
}

/** @param at milliseconds since the epoch. */
export function podStatus(pod: KubeObject, { podIP, hostIP }: PodFacts, at: number): Dictionary<unknown> {
  const time = isoTime(at);
  const done = isDone(pod);
  const ready = done ? 'False' : 'True';
  const because = done ? { reason: 'PodCompleted' } : {};
  const condition = (type: string, status: string, more: object = {}): object => ({
    type,
    status,
    ...more,
    lastProbeTime: null,
    lastTransitionTime: time,
  });
  return {
    phase: done ? 'Succeeded' : 'Running',
    message: noContainers,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: time,
    conditions: [
      condition('PodReadyToStartContainers', done ? 'False' : 'True'),
      condition('Initialized', 'True', because),
      condition('Ready', ready, because),
      condition('ContainersReady', ready, because),
    ],
    containerStatuses: listAt(pod, 'spec', 'containers').map((container) => ({
      name: textAt(container, 'name'),
      image: textAt(container, 'image'),
      imageID: '',
      containerID: `none://${pod.metadata.uid ?? ''}/${textAt(container, 'name')}`,
      ready: !done,
      started: !done,
      restartCount: 0,
      state: done
        ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time } }
        : { running: { startedAt: time } },
      lastState: {},
    })),
  };
}

/** What is in a container's log when it has been started. */
export function firstLines(
  pod: KubeObject,
  container: unknown,
  node: string,
  at: number,
): readonly LogLine[] {
  const said = echoed(container);
  if (said !== undefined) return said.split('\n').map((text) => ({ at, text }));
  const isStatic = mirrored(pod) !== undefined;
  const scheduler = isStatic ? '' : textAt(pod, 'spec', 'schedulerName');
  const account = textAt(pod, 'spec', 'serviceAccountName');
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')]
    .filter((word) => typeof word === 'string')
    .join(' ');
  return [
    `kubelet ${node}: ${noContainers}`,
    `pod ${keyOf(pod)} (uid ${pod.metadata.uid ?? ''}), bound to ${node}${scheduler === '' ? '' : ` by ${scheduler}`}`,
    `container ${textAt(container, 'name')}: image ${textAt(container, 'image')} would have been pulled (${textAt(container, 'imagePullPolicy') || 'IfNotPresent'})${words === '' ? '' : ` and run: ${words}`}`,
    ...(isStatic ? ['a static pod: wirelab itself does its work, and reads none of these flags'] : []),
    ...(account === ''
      ? []
      : [
          `it would be known to the API server as system:serviceaccount:${pod.metadata.namespace ?? ''}:${account}`,
        ]),
    `said to be started at ${isoTime(at)}`,
  ].map((text) => ({ at, text: text.replaceAll('\n', ' ') }));
}

/** The requested part of a log (core/v1, PodLogOptions). */
export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** The last N lines. */
  readonly tailLines?: number;
  /** Not older than that; milliseconds since the epoch. */
  readonly since?: number;
  /** Bytes. */
  readonly limitBytes?: number;
}

/** From the query of a path; what is wrong in one sentence. @param now milliseconds since the epoch. */
export function logQueryOf(query: URLSearchParams, now: number): LogQuery | { readonly fault: string } {
  const numbers: Record<string, number> = {};
  for (const name of ['tailLines', 'sinceSeconds', 'limitBytes']) {
    const text = query.get(name);
    if (text === null || text === '') continue;
    if (!/^\d{1,15}$/.test(text))
      return {
        fault: `${name}: Invalid value: ${JSON.stringify(text.slice(0, 64))}: must be a number of zero or more`,
      };
    numbers[name] = Number(text);
  }
  const sinceTime = query.get('sinceTime') ?? '';
  const [tail, seconds, limit] = [numbers['tailLines'], numbers['sinceSeconds'], numbers['limitBytes']];
  const since =
    sinceTime === '' ? (seconds === undefined ? undefined : now - seconds * 1000) : Date.parse(sinceTime);
  if (Number.isNaN(since))
    return { fault: `sinceTime: Invalid value: ${JSON.stringify(sinceTime.slice(0, 64))}` };
  const isTrue = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  return {
    follow: isTrue('follow'),
    timestamps: isTrue('timestamps'),
    ...defined({ tailLines: tail, since, limitBytes: limit }),
  };
}

export function selectedLines(lines: readonly LogLine[], { tailLines, since }: LogQuery): readonly LogLine[] {
  const young = since === undefined ? lines : lines.filter(({ at }) => at >= since);
  return tailLines === undefined ? young : tailLines === 0 ? [] : young.slice(-tailLines);
}

export function logText(lines: readonly LogLine[], { timestamps }: Pick<LogQuery, 'timestamps'>): string {
  return lines
    .map(
      ({ at, text }) =>
        `${timestamps ? `${new Date(at).toISOString().replace('Z', '000000Z')} ` : ''}${text}\n`,
    )
    .join('');
}

/** An address for a pod out of a node's range that no other one has. Nothing can be reached there. @param subnet its first three numbers: `10.244.0`. */
export function freeAddress(subnet: string, taken: ReadonlySet<string>): string {
  for (let last = 2; last < 255; last++) if (!taken.has(`${subnet}.${last}`)) return `${subnet}.${last}`;
  return `${subnet}.254`;
}

export function podIPOf(pod: KubeObject): string {
  return textAt(pod, 'status', 'podIP');
}

/** Whether the kubelet has still to say that it runs. */
export function isNew(pod: KubeObject): boolean {
  return (
    ['', 'Pending'].includes(textAt(pod, 'status', 'phase')) && pod.metadata.deletionTimestamp === undefined
  );
}

/** Whether it wants a token of its service account. */
export function wantsToken(pod: KubeObject): boolean {
  return (
    valueAt(pod, 'spec', 'automountServiceAccountToken') !== false &&
    textAt(objectAt(pod, 'spec'), 'serviceAccountName') !== ''
  );
}
