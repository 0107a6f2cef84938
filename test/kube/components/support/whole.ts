/** A whole cluster of a test's own: every component on a door of its own, what each reports, and a clock that can be moved. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../../src/core/clock.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import type { ComponentReport } from '../../../../src/kube/components/words.ts';
import { startControlPlane } from '../../../../src/kube/control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../../../src/kube/control-plane-options.ts';
import { textAt } from '../../../../src/kube/objects/json.ts';
import { MemoryStore } from '../../../../src/kube/store/memory-store.ts';
import type { KubeObject } from '../../../../src/kube/objects/objects.ts';
import type { AnswerReport } from '../../../../src/kube/apiserver/server.ts';
import { serviceAccounts, token, world } from '../../support/control-plane.ts';

export const ca = world.authority('ca');
export const bootstrapToken = `${token.id}.${token.secret}`;

/** The system's clock, and how far it was moved. */
export class MovedClock implements Clock {
  #by = 0;
  readonly now = (): number => Date.now() + this.#by;
  readonly microseconds = (): number => systemClock.microseconds();

  move(milliseconds: number): void {
    this.#by += milliseconds;
  }
}

/** Reports as they come. */
export class Reports {
  readonly all: ComponentReport[] = [];
  readonly #waiting = new Set<() => void>();

  readonly add = (report: ComponentReport): void => {
    this.all.push(report);
    for (const look of this.#waiting) look();
  };

  of<What extends ComponentReport['what']>(what: What): Extract<ComponentReport, { readonly what: What }>[] {
    return this.all.filter(
      (one): one is Extract<ComponentReport, { readonly what: What }> => one.what === what,
    );
  }

  /** The first of its kind that is so, whether it has come already or comes. */
  async next<What extends ComponentReport['what']>(
    what: What,
    isSo: (report: Extract<ComponentReport, { readonly what: What }>) => boolean = () => true,
  ): Promise<Extract<ComponentReport, { readonly what: What }>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no report ${what}; there were: ${JSON.stringify(this.all.slice(-20))}`)),
        20_000,
      );
      const look = (): void => {
        const found = this.of(what).find(isSo);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export interface Whole {
  readonly controlPlane: ControlPlane;
  readonly store: MemoryStore;
  readonly clock: MovedClock;
  readonly reports: Reports;
  readonly answers: readonly AnswerReport[];
  /** Resolves when the API server has given such an answer. */
  readonly answered: (isSo: (answer: AnswerReport) => boolean) => Promise<void>;
  /** The API, as its administrator: the body of the answer. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<KubeObject>;
  readonly until: (
    plural: string,
    name: string,
    isSo: (object: KubeObject | undefined) => boolean,
  ) => Promise<KubeObject | undefined>;
}

type Part<Name extends keyof ControlPlaneOptions> = Partial<NonNullable<ControlPlaneOptions[Name]>> | false;

export interface WholeOptions
  extends Partial<Omit<ControlPlaneOptions, 'controllerManager' | 'scheduler' | 'kubelet'>> {
  readonly controllerManager?: Part<'controllerManager'>;
  readonly scheduler?: Part<'scheduler'>;
  readonly kubelet?: Part<'kubelet'>;
}

export async function startWhole(
  t: Pick<ExecutionContext, 'teardown' | 'fail'>,
  options: WholeOptions = {},
): Promise<Whole> {
  const { controllerManager = {}, scheduler = {}, kubelet = {}, ...others } = options;
  const [clock, reports, store] = [new MovedClock(), new Reports(), new MemoryStore()];
  const answers: AnswerReport[] = [];
  const looking = new Set<() => void>();
  const onReport = reports.add;
  const controlPlane = await startControlPlane({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('apiserver'),
    clientAuthorities: [ca],
    store,
    clock,
    random: randomBytes,
    serviceAccounts,
    kubelets: { identity: world.identity('apiserver-kubelet-client') },
    bootstrapTokens: [token],
    onAnswered(report) {
      answers.push(report);
      for (const look of looking) look();
    },
    onFault: (error) => t.fail(error instanceof Error ? error.stack : String(error)),
    ...(controllerManager
      ? {
          controllerManager: {
            identity: world.identity('controller-manager.conf'),
            authority: world.identity('ca'),
            trust: ca,
            controllers: ['certificates'] as const,
            monitor: 20,
            onReport,
            ...controllerManager,
          },
        }
      : {}),
    ...(scheduler
      ? { scheduler: { identity: world.identity('scheduler.conf'), trust: ca, onReport, ...scheduler } }
      : {}),
    ...(kubelet
      ? { kubelet: { node: 'n1', bootstrapToken, trust: ca, every: 1_000, retry: 10, onReport, ...kubelet } }
      : {}),
    ...others,
  });
  t.teardown(async () => controlPlane.close(0));
  const port = controlPlane.address.port;
  return {
    controlPlane,
    store,
    clock,
    reports,
    answers,
    answered: async (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (answers.some(isSo)) resolve();
        };
        looking.add(look);
        look();
      }),
    async ask(method, path, body) {
      const { text } = await callAs(port, method, path, {
        identity: world.identity('admin.conf'),
        ca,
        ...(body === undefined ? {} : { body }),
      });
      return JSON.parse(text) as KubeObject;
    },
    until: async (plural, name, isSo) => {
      const namespace =
        plural === 'nodes' || plural === 'certificatesigningrequests' ? {} : { namespace: 'default' };
      const group = plural === 'certificatesigningrequests' ? { group: 'certificates.k8s.io' } : {};
      return controlPlane.until({ plural, name, ...namespace, ...group }, isSo, AbortSignal.timeout(20_000));
    },
  };
}

export interface Caller {
  readonly identity?: { readonly certificate: string; readonly key: string };
  readonly token?: string;
  /** Left out: the server is not verified. */
  readonly ca?: string;
  readonly body?: unknown;
  /** Told of each piece that comes; the answer is waited for all the same. */
  readonly onText?: (text: string) => void;
}

/** One request by node:https and its whole answer. */
export async function callAs(
  port: number,
  method: string,
  path: string,
  { identity, token: bearer, ca: trusted, body, onText }: Caller = {},
): Promise<{ readonly code: number; readonly text: string }> {
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        ...(trusted === undefined ? { rejectUnauthorized: false } : { ca: trusted }),
        ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
        headers: {
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          ...(bytes === undefined
            ? {}
            : { 'content-type': type, 'content-length': Buffer.byteLength(bytes) }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          onText?.(piece);
        });
        response.on('error', reject).on('end', () => resolve({ code: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end(bytes);
  });
}

export const pods = '/api/v1/namespaces/default/pods';

export function pod(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name, image: 'nginx' }], ...spec },
  };
}

export const isRunning = (object: KubeObject | undefined): boolean =>
  textAt(object, 'status', 'phase') === 'Running';

export function temporaryFolder(t: Pick<ExecutionContext, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kubelet-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
