/**
 * Follows the pods that are bound to a kubelet's node: reports them as running, keeps their logs, and deletes those that
 * are to end; and keeps a mirror of each of its static pods. `kubelet-pods.ts` builds their status, `mirror-pods.ts` the
 * mirrors, `pod-run.ts` keeps the logs of one.
 */
import type { Clock, RandomBytes } from '../../../core/clock.ts';
import type { Writable } from 'node:stream';
import type { ApiClient } from '../api-client.ts';
import { listAt, textAt, valueAt } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { ask, failureOf, WorkQueue } from '../asking.ts';
import type { DisconnectedReport, RefusedReport } from '../asking.ts';
import { writeEvent } from '../events.ts';
import { firstPause, keepInformed, keyOf, Known } from '../informer.ts';
import { noContainers } from './kubelet-node.ts';
import type { NodeFacts } from './kubelet-node.ts';
import { containersOf, freeAddress, isNew, podIPOf, podStatus, wantsToken } from './kubelet-pods.ts';
import type { LogQuery } from './kubelet-pods.ts';
import { mirrored, mirrorPod, staticPod } from './mirror-pods.ts';
import type { StaticPod } from './mirror-pods.ts';
import { Run } from './pod-run.ts';
import type { KubeletReport } from './kubelet-options.ts';

export interface RunningPodsOptions {
  readonly node: string;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The range of the pods' addresses, its first three numbers; `10.244.0` where it is left out. */
  readonly podSubnet?: string;
  /** The Pods of its manifests; left out: mirrors are left alone. */
  readonly staticPods?: readonly KubeObject[];
  readonly retrying: Parameters<typeof keepInformed>[3];
  readonly onReport: (report: KubeletReport) => void;
}

export class RunningPods {
  readonly #options: RunningPodsOptions;
  /** What is kept of each pod that runs, by its uid: its logs. */
  readonly #runs = new Map<string, Run>();
  /** By the keys of their mirrors. */
  readonly #static: ReadonlyMap<string, StaticPod>;
  #pods = new Known();
  #owner: KubeObject | undefined;
  #makeMirrors = (): void => {};

  constructor(options: RunningPodsOptions) {
    this.#options = options;
    const { staticPods = [], node } = options;
    this.#static = new Map(
      staticPods.map((manifest) => staticPod(manifest, node)).map((pod) => [pod.key, pod] as const),
    );
  }

  /** Called with its Node, to which the mirrors of its static pods belong; without one, none is made. */
  mirror(owner: KubeObject | undefined): void {
    this.#owner = owner;
    this.#makeMirrors();
  }

  /** How many are reported as running. */
  get count(): number {
    return this.#pods.all().filter((pod) => textAt(pod, 'status', 'phase') === 'Running').length;
  }

  /** Ends the logs that are being followed. */
  end(): void {
    for (const run of this.#runs.values()) run.end();
  }

  async follow(facts: NodeFacts, until: AbortSignal): Promise<void> {
    const report = (failure: RefusedReport | DisconnectedReport): void => this.#options.onReport(failure);
    const pods: Known = new Known(
      (pod, isGone) => {
        if (isGone) this.#forget(pod);
        else queue.put(keyOf(pod), keyOf(pod));
        if (isGone) makeMirrors();
      },
      () => makeMirrors(),
    );
    const makeMirrors = (): void => {
      if (!this.#owner || !pods.isListed) return;
      for (const key of this.#static.keys()) if (!pods.get(key)) queue.put(key, key);
    };
    this.#makeMirrors = makeMirrors;
    const queue = new WorkQueue<string>(
      {
        step: async (key) => {
          const pod = pods.get(key);
          return pod ? this.#sync(pod, facts, until) : this.#makeMirror(key, until);
        },
        again: async (key) => Promise.resolve(pods.get(key) || this.#static.has(key) ? key : undefined),
        retry: this.#options.retrying.retry ?? firstPause,
        onReport: report,
      },
      until,
    );
    // Pods seen with the previous certificate count as deleted if they are not reported again.
    const before = this.#pods;
    const listener = {
      onChange: pods.onChange,
      onList: (objects: readonly KubeObject[]): void => {
        const there = new Set(objects.map(({ metadata }) => metadata.uid));
        for (const pod of before.all()) if (!there.has(pod.metadata.uid)) this.#forget(pod);
        this.#pods = pods;
        pods.onList(objects);
      },
    };
    try {
      await keepInformed(
        this.#options.client,
        { path: '/api/v1/pods', query: `fieldSelector=spec.nodeName%3D${encodeURIComponent(facts.name)}` },
        listener,
        this.#options.retrying,
        until,
      );
    } finally {
      await queue.settled();
    }
  }

  #forget(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? '';
    const run = this.#runs.get(uid);
    this.#runs.delete(uid);
    run?.end();
    if (run) this.#options.onReport({ what: 'removed', pod: keyOf(pod) });
  }

  /** A mirror may be there already, or be on its way. */
  async #makeMirror(key: string, until: AbortSignal): Promise<void> {
    const made = this.#static.get(key);
    if (!made || !this.#owner) return;
    const { client, clock } = this.#options;
    const object = mirrorPod(made, this.#owner, clock.now());
    const path = `/api/v1/namespaces/${object.metadata.namespace ?? ''}/pods`;
    const answer = await client.call('POST', path, until, object);
    if (answer.status !== 201 && answer.status !== 409) throw failureOf(answer);
  }

  /** Whether it mirrors a static pod that is none any more, or was another. */
  #isOutdated(pod: KubeObject): boolean {
    const hash = this.#options.staticPods && mirrored(pod);
    return hash !== undefined && this.#static.get(keyOf(pod))?.hash !== hash;
  }

  async #sync(pod: KubeObject, facts: NodeFacts, until: AbortSignal): Promise<void> {
    if (pod.metadata.deletionTimestamp !== undefined || this.#isOutdated(pod))
      return this.#remove(pod, until);
    const uid = pod.metadata.uid ?? '';
    // One that runs already was said to be started by the kubelet that was here before.
    if (!this.#runs.has(uid))
      this.#runs.set(
        uid,
        new Run(pod, facts.name, Date.parse(textAt(pod, 'status', 'startTime')) || this.#options.clock.now()),
      );
    if (isNew(pod)) await this.#start(pod, facts, until);
  }

  async #start(pod: KubeObject, facts: NodeFacts, until: AbortSignal): Promise<void> {
    const { clock, random, podSubnet = '10.244.0' } = this.#options;
    await this.#fetchToken(pod, until);
    const taken = new Set(this.#pods.all().map(podIPOf));
    const status = podStatus(
      pod,
      {
        podIP:
          valueAt(pod, 'spec', 'hostNetwork') === true ? facts.serving.host : freeAddress(podSubnet, taken),
        hostIP: facts.serving.host,
      },
      clock.now(),
    );
    const written = await ask(this.#options.client, 'PATCH', `${pathOf(pod)}/status`, until, {
      metadata: { uid: pod.metadata.uid },
      status,
    });
    if (!written) return;
    if (this.#pods.get(keyOf(pod))?.metadata.uid === written.metadata.uid) this.#pods.put(written);
    this.#options.onReport({ what: status['phase'] === 'Succeeded' ? 'done' : 'running', pod: keyOf(pod) });
    const images = listAt(pod, 'spec', 'containers')
      .map((container) => `${textAt(container, 'name')} (${textAt(container, 'image')})`)
      .join(', ');
    await writeEvent(
      this.#options.client,
      {
        about: pod,
        type: 'Normal',
        reason: 'Started',
        message: `Said to be started: ${images}. ${capitalized(noContainers)}`,
      },
      { component: 'kubelet', host: facts.name },
      { clock, random },
      until,
    );
  }

  /** As for the default volume of every pod; nothing reads it here. */
  async #fetchToken(pod: KubeObject, until: AbortSignal): Promise<void> {
    if (!wantsToken(pod)) return;
    const { namespace = '', name, uid } = pod.metadata;
    const account = textAt(pod, 'spec', 'serviceAccountName');
    const spec = {
      audiences: [],
      expirationSeconds: 3607,
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
    };
    const given = await ask(
      this.#options.client,
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${encodeURIComponent(account)}/token`,
      until,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
    );
    if (textAt(given, 'status', 'token') !== '')
      this.#options.onReport({ what: 'token', pod: keyOf(pod), account: `${namespace}/${account}` });
  }

  async #remove(pod: KubeObject, until: AbortSignal): Promise<void> {
    const { clock, random, node } = this.#options;
    const { uid } = pod.metadata;
    const note = {
      about: pod,
      type: 'Normal',
      reason: 'Killing',
      message: `Stopping container ${containersOf(pod).join(', ')}`,
    } as const;
    // Deleting a mirror stops nothing.
    if (mirrored(pod) === undefined)
      await writeEvent(
        this.#options.client,
        note,
        { component: 'kubelet', host: node },
        { clock, random },
        until,
      );
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    await ask(this.#options.client, 'DELETE', pathOf(pod), until, body);
  }

  list(): object {
    return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: this.#pods.all() };
  }

  log(
    namespace: string,
    name: string,
    container: string,
    query: LogQuery,
  ): { readonly stream: (out: Writable) => void } | { readonly missing: string } {
    const pod = this.#pods.get(`${namespace}/${name}`);
    const run = pod && this.#runs.get(pod.metadata.uid ?? '');
    if (!pod || !run) return { missing: `pod ${JSON.stringify(name)} does not exist` };
    if (!containersOf(pod).includes(container))
      return { missing: `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(name)}` };
    return { stream: (out) => run.write(container, query, out) };
  }
}

const pathOf = ({ metadata: { namespace = '', name } }: KubeObject): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
