/**
 * A whole control plane of a test's own: the certificates of kubeadm and some that do not belong, the rules, the controller
 * manager, and the real kubectl with a kubeconfig for each of them.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { startControlPlane } from '../../../src/kube/control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../../src/kube/control-plane-options.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import type { AnswerReport } from '../../../src/kube/apiserver/server.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { kubeconfigText } from '../../../src/pki/kubeadm/kubeconfig.ts';
import { controlPlaneRows } from '../../../src/pki/kubeadm/recipe.ts';
import { runProgram } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';

const server = {
  profile: 'server',
  subject: { CN: 'kube-apiserver' },
  san: ['DNS:kubernetes', 'IP:127.0.0.1'],
} as const;
const bob = { profile: 'client', issuer: 'ca', subject: { O: 'dev', CN: 'bob' } } as const;

export const world = issueWorld(
  {
    certificates: {
      ...controlPlaneRows({ node: 'cp1' }),
      'rogue-ca': { profile: 'root', subject: { CN: 'kubernetes' } },
      mallory: { profile: 'client', issuer: 'rogue-ca', subject: { O: 'system:masters', CN: 'mallory' } },
      bob,
      'bob-last-year': { ...bob, flaws: ['expired'] },
      web: { ...bob, profile: 'server', subject: { CN: 'web' }, san: ['DNS:web'] },
      'fake-apiserver': { ...server, issuer: 'rogue-ca' },
      'apiserver-last-year': { ...server, issuer: 'ca', flaws: ['expired'] },
      'apiserver-without-address': { ...server, issuer: 'ca', san: ['DNS:kubernetes'] },
      'apiserver-by-common-name': { ...server, issuer: 'ca', subject: { CN: '127.0.0.1' }, san: [] },
    },
  },
  { clock: systemClock },
);

const accountKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** sa.key and sa.pub. */
export const serviceAccounts = {
  key: accountKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicKeys: [accountKeys.publicKey.export({ type: 'spki', format: 'pem' }) as string],
};

export const token = { id: 'abcdef', secret: '0123456789abcdef' } as const;

export interface Kubectl {
  readonly controlPlane: ControlPlane;
  /** In which kubectl runs. */
  readonly folder: string;
  readonly url: string;
  readonly answers: readonly AnswerReport[];
  /** How long something that should happen is waited for, in milliseconds. */
  readonly patience: number;
  /** Puts a file there. */
  write(name: string, text: string): void;
  /** A user of the world, or whoever has this proof. */
  as(
    user: string | { readonly certificate: string; readonly key: string } | { readonly token: string },
    ...words: readonly string[]
  ): Promise<ProgramResult>;
}

export interface Started extends Partial<Omit<ControlPlaneOptions, 'identity' | 'controllerManager'>> {
  /** The row that the API server shows. */
  readonly shows?: string;
  /** False: nobody signs. */
  readonly signs?: boolean;
  readonly patience?: number;
}

export async function startKubectl(
  t: Pick<ExecutionContext, 'teardown'>,
  { shows = 'apiserver', signs = true, patience = 20_000, ...options }: Started = {},
): Promise<Kubectl> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kubectl-'));
  const answers: AnswerReport[] = [];
  const ca = world.authority('ca');
  const controlPlane = await startControlPlane({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity(shows),
    clientAuthorities: [ca],
    frontProxyAuthority: world.authority('front-proxy-ca'),
    store: new MemoryStore(),
    clock: systemClock,
    random: randomBytes,
    bootstrapTokens: [token],
    serviceAccounts,
    onAnswered: (report) => void answers.push(report),
    ...(signs
      ? {
          controllerManager: {
            identity: world.identity('controller-manager.conf'),
            authority: world.identity('ca'),
            trust: ca,
          },
        }
      : {}),
    ...options,
  });
  t.teardown(async () => {
    await controlPlane.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `https://127.0.0.1:${controlPlane.address.port}`;
  let count = 0;
  return {
    controlPlane,
    folder,
    url,
    answers,
    patience,
    write: (name, text) => writeFileSync(join(folder, name), text),
    async as(user, ...words) {
      const kubeconfig = join(folder, `config-${count++}`);
      const proof = typeof user === 'string' ? world.identity(user) : user;
      writeFileSync(
        kubeconfig,
        kubeconfigText({ cluster: 'kubernetes', server: url, user: 'somebody', authority: ca, proof }),
        { mode: 0o600 },
      );
      return runProgram('kubectl', words, {
        cwd: folder,
        timeout: 30_000,
        env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig, LC_ALL: 'C' },
      });
    },
  };
}
