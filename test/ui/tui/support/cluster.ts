/**
 * A control plane's seven wires as a log that a test writes, under a clock that it moves: handshakes with the certificates
 * that kubeadm makes, requests as the ends read them, and one `kubectl run` that goes through all of them in turn.
 */
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureDraft, Side, Topology } from '../../../../src/capture/event.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { CaptureLog } from '../../../../src/capture/log.ts';
import { Steps } from '../../../../src/capture/steps.ts';
import type { CertificateSummary } from '../../../../src/capture/vocabulary.ts';
import type { PlannedStep } from '../../../../src/engine/plan.ts';
import { startModel } from '../../../../src/ui/tui/state/model.ts';
import type { Model } from '../../../../src/ui/tui/state/model.ts';
import { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import { clientHello, record, serverHello, summary } from '../../support/story.ts';
import { tickingClock } from '../../../helpers/capture.ts';
import { Driver } from './driver.ts';
import { allShown } from '../../../helpers/shown.ts';

const server = 'kube-apiserver';

export const clusterTopology: Topology = {
  participants: [
    { name: 'kubectl', role: 'client' },
    { name: 'kube-controller-manager', role: 'client' },
    { name: 'kube-scheduler', role: 'client' },
    { name: 'kubelet', role: 'server', kind: 'kubelet' },
    { name: 'kube-proxy', role: 'client' },
    { name: server, role: 'server', kind: 'kube-apiserver' },
    { name: 'etcd', role: 'server', kind: 'etcd' },
  ],
  wires: [
    { hop: 'A', from: 'kubectl', to: server, protocol: 'https' },
    { hop: 'B', from: server, to: 'etcd', protocol: 'https' },
    { hop: 'C', from: 'kube-controller-manager', to: server, protocol: 'https' },
    { hop: 'D', from: 'kube-scheduler', to: server, protocol: 'https' },
    { hop: 'E', from: 'kubelet', to: server, protocol: 'https' },
    { hop: 'F', from: 'kube-proxy', to: server, protocol: 'https' },
    { hop: 'G', from: server, to: 'kubelet', protocol: 'https' },
  ],
};

/** A running cluster: every wire but the first has continuous calls, which are no visitors. */
export const runningTopology: Topology = {
  ...clusterTopology,
  wires: clusterTopology.wires.map((wire) =>
    wire.hop === 'A' ? wire : { ...wire, standing: true as const },
  ),
};

/** Who shows what on each wire: subject and issuer; who shows nothing has a token. */
const shown: Readonly<
  Record<string, Readonly<Partial<Record<Side, readonly [subject: string, issuer: string]>>>>
> = {
  A: {
    client: ['O=kubeadm:cluster-admins,CN=kubernetes-admin', 'CN=kubernetes'],
    server: ['CN=kube-apiserver', 'CN=kubernetes'],
  },
  B: { client: ['CN=kube-apiserver-etcd-client', 'CN=etcd-ca'], server: ['CN=node-1', 'CN=etcd-ca'] },
  C: {
    client: ['CN=system:kube-controller-manager', 'CN=kubernetes'],
    server: ['CN=kube-apiserver', 'CN=kubernetes'],
  },
  D: {
    client: ['CN=system:kube-scheduler', 'CN=kubernetes'],
    server: ['CN=kube-apiserver', 'CN=kubernetes'],
  },
  E: {
    client: ['O=system:nodes,CN=system:node:node-1', 'CN=kubernetes'],
    server: ['CN=kube-apiserver', 'CN=kubernetes'],
  },
  F: { server: ['CN=kube-apiserver', 'CN=kubernetes'] },
  G: {
    client: ['O=kubeadm:cluster-admins,CN=kube-apiserver-kubelet-client', 'CN=kubernetes'],
    server: ['CN=node-1@1767225600', 'CN=node-1-ca@1767225600'],
  },
};

const certificateOf = ([subject, issuer]: readonly [string, string]): CertificateSummary => ({
  ...summary('x'),
  subject,
  issuer,
});

export interface ClusterOptions extends Partial<Model> {
  readonly topology?: Topology;
  readonly plan?: readonly PlannedStep[];
  /** Whether people watch; else a scenario's steps are shown. */
  readonly isVisited?: boolean;
}

export class Cluster {
  readonly driver: Driver;
  readonly log: CaptureLog;
  readonly scene: RunState;
  readonly #clock = tickingClock();
  #conn = 0;

  constructor({ topology = clusterTopology, plan = [], isVisited = true, ...model }: ClusterOptions = {}) {
    this.log = new CaptureLog({ clock: this.#clock });
    const flows = new Flows(this.log);
    const hunt = new SecretHunt([]);
    const steps = new Steps();
    this.scene = new RunState({
      flows,
      shown: allShown,
      hunt,
      steps,
      plan,
      isVisited,
      secrets: new Map(),
      findingsOf: () => [],
      typed: () => [],
    });
    const mode = 'kube';
    this.driver = new Driver(
      startModel({
        size: { columns: 80, rows: 24 },
        language: 'en',
        ascii: false,
        modes: [{ name: mode, title: { en: 'A control plane', ko: '컨트롤 플레인' }, comparable: '' }],
        mode,
        ...model,
      }),
      () => ({ start: () => {}, advance: () => {} }),
    );
    this.driver.send({ type: 'session', mode, scene: this.scene });
    for (const fold of [flows.fold, hunt.fold, steps.fold]) this.log.subscribe(fold);
    this.log.subscribe((event) => this.driver.send({ type: 'captured', scene: this.scene, events: [event] }));
    this.add({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology });
    this.add({ type: 'note', part: 'title', text: { en: 'A control plane', ko: '컨트롤 플레인' } });
    this.add({
      type: 'note',
      part: 'intro',
      text: { en: 'export KUBECONFIG=admin.conf', ko: 'export KUBECONFIG=admin.conf' },
    });
  }

  add(draft: CaptureDraft): this {
    this.log.append(draft);
    return this;
  }

  pass(milliseconds: number): this {
    this.#clock.advance(milliseconds * 1000);
    return this;
  }

  /** A connection whose handshake is over; with its number. */
  open(hop: string): number {
    const conn = ++this.#conn;
    this.add({
      type: 'opened',
      conn,
      hop,
      transport: 'tcp',
      from: { host: '127.0.0.1', port: 50_000 + conn },
      to: { host: '127.0.0.1', port: 6443 },
    });
    const { client, server: own } = shown[hop] ?? {};
    this.add({ type: 'bytes', conn, hop, vantage: 'wire', from: 'client', bytes: clientHello('kubernetes') });
    this.add({ type: 'bytes', conn, hop, vantage: 'wire', from: 'server', bytes: serverHello });
    this.add({
      type: 'secured',
      conn,
      hop,
      side: 'client',
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      ...(own ? { peer: certificateOf(own) } : {}),
      // As kubeadm starts it: without --kubelet-certificate-authority.
      ...(hop === 'G' ? { unverified: true } : {}),
    });
    this.add({
      type: 'secured',
      conn,
      hop,
      side: 'server',
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      ...(client ? { peer: certificateOf(client) } : {}),
    });
    return conn;
  }

  /** What one side says: sealed on the wire, and as the other end reads it. */
  say(conn: number, hop: string, from: Side, text: string): this {
    this.add({
      type: 'bytes',
      conn,
      hop,
      vantage: 'wire',
      from,
      bytes: record(23, Buffer.alloc(Buffer.byteLength(text) + 17, 0xa5)),
    });
    return this.add({ type: 'bytes', conn, hop, vantage: 'plaintext', from, bytes: Buffer.from(text) });
  }

  ask(conn: number, hop: string, method: string, path: string, headers = ''): this {
    return this.say(
      conn,
      hop,
      'client',
      `${method} ${path} HTTP/1.1\r\nHost: cluster\r\n${headers}${method === 'GET' ? '' : 'Content-Length: 2\r\n'}\r\n${method === 'GET' ? '' : '{}'}`,
    );
  }

  answer(conn: number, hop: string, status = '200 OK'): this {
    return this.say(
      conn,
      hop,
      'server',
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    );
  }

  /** The head of an answer that does not end: a watch. */
  watch(conn: number, hop: string, path: string, headers = ''): this {
    this.ask(conn, hop, 'GET', path, headers);
    return this.say(conn, hop, 'server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  }

  event(conn: number, hop: string): this {
    return this.say(conn, hop, 'server', '10\r\n{"type":"ADDED"}\r\n');
  }

  knows(
    conn: number,
    method: string,
    path: string,
    status: number,
    user: string,
    groups: readonly string[],
    impersonator?: string,
  ): this {
    return this.add({
      type: 'observed',
      who: server,
      result: {
        kind: 'api',
        total: 1,
        requests: [
          {
            conn,
            method,
            path,
            status,
            user,
            groups: [...groups, 'system:authenticated'],
            ...(impersonator === undefined ? {} : { impersonator }),
          },
        ],
      },
    });
  }

  /** Every component is there, and watches. */
  settle(): {
    readonly scheduler: number;
    readonly manager: number;
    readonly kubelet: number;
    readonly proxy: number;
    readonly store: number;
  } {
    const store = this.open('B');
    this.ask(store, 'B', 'POST', '/v3/maintenance/status').answer(store, 'B');
    const [manager, scheduler, kubelet, proxy] = ['C', 'D', 'E', 'F'].map((hop) => this.open(hop)) as [
      number,
      number,
      number,
      number,
    ];
    this.watch(manager, 'C', '/api/v1/pods?watch=true').knows(
      manager,
      'GET',
      '/api/v1/pods',
      200,
      'system:kube-controller-manager',
      [],
    );
    this.watch(scheduler, 'D', '/api/v1/pods?watch=true').knows(
      scheduler,
      'GET',
      '/api/v1/pods',
      200,
      'system:kube-scheduler',
      [],
    );
    this.watch(kubelet, 'E', '/api/v1/pods?watch=true').knows(
      kubelet,
      'GET',
      '/api/v1/pods',
      200,
      'system:node:node-1',
      ['system:nodes'],
    );
    this.watch(
      proxy,
      'F',
      '/api/v1/services?watch=true',
      'Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln\r\n',
    ).knows(proxy, 'GET', '/api/v1/services', 200, 'system:serviceaccount:kube-system:kube-proxy', [
      'system:serviceaccounts',
    ]);
    return { scheduler, manager, kubelet, proxy, store };
  }

  /** `kubectl run web --image=nginx`, as the wires see it. */
  run({ scheduler, kubelet, store }: ReturnType<Cluster['settle']>): this {
    this.pass(5000);
    const kubectl = this.open('A');
    const stored = (): this => this.pass(1).ask(store, 'B', 'POST', '/v3/kv/txn').pass(1).answer(store, 'B');
    this.ask(kubectl, 'A', 'POST', '/api/v1/namespaces/default/pods');
    stored();
    this.knows(kubectl, 'POST', '/api/v1/namespaces/default/pods', 201, 'kubernetes-admin', [
      'kubeadm:cluster-admins',
    ]).answer(kubectl, 'A', '201 Created');
    this.add({ type: 'closed', conn: kubectl, hop: 'A', by: 'client', how: 'end' });
    this.pass(3).event(scheduler, 'D');
    const binder = this.open('D');
    this.ask(binder, 'D', 'POST', '/api/v1/namespaces/default/pods/web/binding');
    stored();
    this.knows(
      binder,
      'POST',
      '/api/v1/namespaces/default/pods/web/binding',
      201,
      'system:kube-scheduler',
      [],
    ).answer(binder, 'D', '201 Created');
    this.pass(3).event(kubelet, 'E');
    const monitor = this.open('E');
    this.pass(20).ask(monitor, 'E', 'PATCH', '/api/v1/namespaces/default/pods/web/status');
    stored();
    return this.knows(
      monitor,
      'PATCH',
      '/api/v1/namespaces/default/pods/web/status',
      200,
      'system:node:node-1',
      ['system:nodes'],
    ).answer(monitor, 'E');
  }

  /** `kubectl logs web`: the API server calls the kubelet. */
  logs(): this {
    this.pass(4000);
    const kubectl = this.open('A');
    this.ask(kubectl, 'A', 'GET', '/api/v1/namespaces/default/pods/web/log');
    const log = this.open('G');
    return this.ask(log, 'G', 'GET', '/containerLogs/default/web/web').answer(log, 'G').answer(kubectl, 'A');
  }
}
