/**
 * Runs the controllers of kube-controller-manager that a cluster's certificates, nodes and pods need. It uses only the
 * API, like any client. The controllers are a table; each is in its own file (`components/`).
 *
 * 1. With `lease` it works only while it is the leader (`components/leader.ts`).
 * 2. The real one runs each controller under its own service account (`--use-service-account-credentials`); here one
 *    identity runs them all, and has all their rights.
 * 3. When stopped, it leaves no timer and no connection behind.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { checkDialer } from '../../wire/dial.ts';
import { apiClient } from './api-client.ts';
import type { ApiClient, ApiClientOptions } from './api-client.ts';
import { writeAccountTokens } from './account-tokens.ts';
import type { AccountTokenOptions, AccountTokenReport } from './account-tokens.ts';
import { controlCertificates } from './certificate-controller.ts';
import type { CertificateControllerOptions, CertificateReport } from './certificate-controller.ts';
import { controlCluster } from './cluster-controllers.ts';
import type { ClusterControllerOptions, ClusterReport } from './cluster-controllers.ts';
import { keptConnections } from './informer.ts';
import type { DisconnectedReport } from './asking.ts';
import { whileLeading } from './leader.ts';
import type { LeaderOptions, LeaderReport } from './leader.ts';
import { aggregateRoles } from './role-aggregation.ts';
import type { AggregationReport } from './role-aggregation.ts';

export interface ControllerManagerOptions
  extends Omit<ApiClientOptions, 'userAgent'>,
    Omit<CertificateControllerOptions, 'clock'>,
    Omit<ClusterControllerOptions, 'clock'>,
    Partial<Pick<AccountTokenOptions, 'accountKey'>> {
  /** `--controllers`; all where it is left out. */
  readonly controllers?: readonly ControllerName[];
  /** Left out: it works without asking whether another one does (`--leader-elect=false`). */
  readonly lease?: Omit<LeaderOptions, 'name'>;
  readonly onReport?: (report: ControllerReport) => void;
}

/** Receives the controllers' actions, for display. */
export type ControllerReport =
  | CertificateReport
  | ClusterReport
  | AggregationReport
  | AccountTokenReport
  | LeaderReport
  | DisconnectedReport;

type Controller = (
  client: ApiClient,
  options: ControllerManagerOptions & { readonly onReport: (report: ControllerReport) => void },
  signal: AbortSignal,
) => Promise<void>;

/** Without the key no tokens are written. */
const tokens: Controller = async (client, { accountKey, ...options }, signal) =>
  accountKey === undefined ? undefined : writeAccountTokens(client, { ...options, accountKey }, signal);

const controllers = {
  certificates: controlCertificates,
  cluster: controlCluster,
  roles: aggregateRoles,
  tokens,
} as const satisfies Dictionary<Controller>;

export type ControllerName = keyof typeof controllers;

const everyController = Object.keys(controllers) as ControllerName[];

/** Runs until the signal; resolves then. @throws UserError for an identity or a CA that cannot be used; else for a fault of ours alone. */
export async function runControllerManager(
  given: ControllerManagerOptions,
  signal: AbortSignal,
): Promise<void> {
  await checkDialer({ ...given, security: given.identity ? 'mtls' : 'tls' });
  const client = apiClient({ ...given, connections: keptConnections, userAgent: 'kube-controller-manager' });
  const options = { ...given, onReport: given.onReport ?? ((): void => {}) };
  const work = async (until: AbortSignal): Promise<void> =>
    void (await Promise.all(
      (given.controllers ?? everyController).map(async (name) => controllers[name](client, options, until)),
    ));
  try {
    await (given.lease
      ? whileLeading(client, { ...options, ...given.lease, name: 'kube-controller-manager' }, signal, work)
      : work(signal));
  } finally {
    client.close();
  }
}
