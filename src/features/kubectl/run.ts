/**
 * Runs the `kubectl` step: with kubectl where it is installed, otherwise with wirelab's stand-in. Its counterpart is
 * step.ts.
 *
 * 1. A wire has its own tapped listener at the API server, to which the kubeconfig points. A proxy taps its own wires.
 * 2. A client uses its certificate from the recipe, or the one issued in an earlier step.
 */
import { createPrivateKey } from 'node:crypto';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import type { CommandReport } from '../../peers/reports/command.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import { Unreachable as ApiUnreachable, BrokenAnswer } from '../../wire/http/client.ts';
import { apiClient } from '../../kube/components/api-client.ts';
import { kubectlVersion, runKubectlProgram } from '../../kube/kubectl/program.ts';
import { standIn } from '../../kube/kubectl/stand-in.ts';
import { isInsecure, kubectlCommand } from '../../kube/kubectl/words.ts';
import { listAt, objectAt } from '../../kube/objects/json.ts';
import type { JsonObject } from '../../kube/objects/json.ts';
import type { KubeObject } from '../../kube/objects/objects.ts';
import { certificateReport } from '../../pki/x509/certificate-report.ts';
import { kubeconfigText } from '../../pki/kubeadm/kubeconfig.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { parseSubject } from '../../pki/ca/subject.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { Plan, PlannedClient, PlannedStep } from '../../engine/plan.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { counted, credentialsOf, tappedAddressOf, identityOf } from '../../peers/client/caller.ts';
import { builtConfigs } from './built-configs.ts';
import { listenOn, untilCertified, untilWatched, waitFor } from './run-awaited.ts';

type CommandOutcome = Omit<CommandReport<'kubectl'>, 'connections'>;

/** The version of the installed kubectl, once it was asked. */
const installed = perRun((): { version?: Promise<string | undefined> } => ({}));

/** Resolves when it has ended, within the step's time. */
export async function runKubectl(
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, world } = options;
  const act = step.kubectl;
  const who = plan.clients.find(({ name }) => name === step.client);
  const server = act && context.servers.get(step.server);
  if (!act || !who || !server || !world) throw new Error(`incomplete plan for step ${step.id}`);
  const way =
    act.wire === undefined
      ? throughProxy(step, act.to, plan, context)
      : { at: await tappedAddressOf(act.to, act.wire, options, context) };
  const heard = act.hears && listenOn(act.hears, log);
  try {
    if (act.joins) await server.join?.();
    server.divert?.(act.diverted === undefined ? undefined : context.addresses.get(act.diverted));
    if (act.certified) await untilCertified(server, plan, signal);
    if (act.watched) await untilWatched(act.watched, server, plan, signal);
    const found = act.waits === undefined ? undefined : await waitFor(act.waits, server, plan, signal);
    if (signal.aborted) return;
    const runs = act.runs.replaceAll('{it}', found ?? 'nothing');
    const identity = identityOf(who, world, context);
    const caller: Caller = {
      who,
      ...way,
      world,
      ...(identity ? { identity } : {}),
      ...(act.headers ? { headers: act.headers } : {}),
    };
    const outcome = await counted(log, step.path[0] ?? '', async (): Promise<CommandOutcome> => {
      const isAnonymous = !caller.identity && who.token === undefined;
      const instead = act.headers ? 'headers' : isAnonymous ? 'asks' : undefined;
      return (
        (instead === undefined &&
          (await byKubectl(runs, caller, act.wire ?? '', options, context, signal))) || {
          ...(await inItsPlace(runs, caller, options, signal)),
          instead: instead ?? ('absent' as const),
        }
      );
    });
    const [kept] =
      outcome.exitCode === 0
        ? [act.keeps ?? []].flat().map((client) => keep(client, outcome.output, plan, context, world))
        : [];
    if (kept !== undefined)
      log.append({ type: 'observed', who: step.client, result: certificateReport(kept) });
    if (act.until) await waitFor(act.until, server, plan, signal);
    await heard?.until(plan.stepTimeoutMs / 2, signal);
    log.append({
      type: 'observed',
      who: step.client,
      result: {
        ...outcome,
        ...(act.headers ? { headers: act.headers } : {}),
        output: outcome.output.slice(0, mostOutput),
        words: outcome.words.slice(0, mostOutput),
      },
    });
  } finally {
    heard?.end();
  }
}

/** Maximum characters kept of either output. */
const mostOutput = 4000;

interface Caller {
  readonly who: PlannedClient;
  readonly at: Address;
  /** A proxy that opens tunnels. */
  readonly through?: Address;
  readonly world: World;
  readonly identity?: Identity;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The address of a proxy; with a tunnelling proxy, also the API server's own address as the target. */
function throughProxy(
  { server }: PlannedStep,
  to: string,
  { proxies }: Plan,
  { addresses }: RunContext,
): Pick<Caller, 'at' | 'through'> {
  const proxy = addresses.get(to);
  const target = addresses.get(server);
  if (!proxy || !target) throw new Error(`${to} is not running`);
  return proxies.find(({ name }) => name === to)?.kind === 'connect'
    ? { at: target, through: proxy }
    : { at: proxy };
}

async function byKubectl(
  line: string,
  caller: Caller,
  wire: string,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<CommandOutcome | undefined> {
  const { plan, variables } = options;
  if (!variables) return undefined;
  const version = await (installed(context).version ??= kubectlVersion(variables, options.signal));
  if (version === undefined) return undefined;
  const printed = await runKubectlProgram({
    words: line.split(' '),
    kubeconfig: builtConfigs(context).get(`${caller.who.name} ${wire}`) ?? kubeconfigOf(caller),
    // JSON is YAML.
    files: Object.fromEntries(
      Object.keys(plan.manifests ?? {}).map((name) => [
        name,
        JSON.stringify(manifestOf(name, plan, caller.world), undefined, 2),
      ]),
    ),
    variables,
    signal,
    timeoutMs: plan.stepTimeoutMs,
  });
  if (!printed) return undefined;
  const { config: _, ...said } = printed;
  return { kind: 'kubectl', program: 'kubectl', version, line, ...said };
}

/** The client's kubeconfig. */
export function kubeconfigOf({ who, at, through, world, identity }: Caller): string {
  return kubeconfigText({
    cluster: 'kubernetes',
    server: `https://${at.host}:${at.port}`,
    user: who.name,
    authority: (who.trust ?? []).map((row) => world.authority(row)).join(''),
    ...(through ? { proxy: `http://${formatAddress(through)}` } : {}),
    proof: identity ?? { token: who.token ?? '' },
  });
}

async function inItsPlace(
  line: string,
  { who, at, through, world, identity, headers }: Caller,
  { plan, clock, log }: RunOptions,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const command = kubectlCommand(line);
  if (!command)
    return {
      kind: 'kubectl',
      program: 'wirelab',
      line,
      exitCode: null,
      output: '',
      words: 'only kubectl itself can do this, and it is not installed',
    };
  const client = apiClient({
    to: at,
    ...(through ? { through } : {}),
    ...(headers ? { headers } : {}),
    ...(isInsecure(line)
      ? { verify: false }
      : { authorities: (who.trust ?? []).map((name) => world.authority(name)) }),
    ...(identity ? { identity } : {}),
    ...(who.token === undefined ? {} : { token: who.token }),
    clock,
    reportTo: log,
    userAgent: 'wirelab',
    timeout: plan.stepTimeoutMs,
    // As kubectl does: one connection for the whole command.
    connections: 1,
  });
  const ask = async (method: string, path: string, body?: unknown) => client.call(method, path, signal, body);
  try {
    return {
      kind: 'kubectl',
      program: 'wirelab',
      line,
      ...(await standIn(command, {
        ask,
        file: (name) =>
          Object.hasOwn(plan.manifests ?? {}, name) ? manifestOf(name, plan, world) : undefined,
        now: clock.now(),
      })),
    };
  } catch (error) {
    if (signal.aborted)
      return { kind: 'kubectl', program: 'wirelab', line, exitCode: null, output: '', words: '' };
    const { code, message } = whyUnanswered(error);
    return {
      kind: 'kubectl',
      program: 'wirelab',
      line,
      exitCode: 1,
      output: '',
      words: `Unable to connect to the server: ${message}`,
      code,
    };
  } finally {
    client.close();
  }
}

/** Under TLS 1.3 a rejected client certificate is reported after the handshake. @throws errors other than the connection's. */
function whyUnanswered(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ApiUnreachable) return error.failure;
  if (error instanceof BrokenAnswer) return { code: 'ERR_ANSWER', message: error.message };
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string')
    return failureOf(error, { secured: true, connected: true });
  throw error;
}

/** The object in a manifest of the scenario. */
function manifestOf(name: string, { manifests = {}, clients }: Plan, world: World): KubeObject {
  const manifest = manifests[name];
  if (manifest && 'object' in manifest) return withBundle(manifest, world);
  const { request } = manifest ?? {};
  const key = clients.find((one) => one.name === request?.client)?.key;
  if (!request || key === undefined) throw new Error(`${name} requests a certificate for an unknown key`);
  const pem = requestFor(createPrivateKey(world.identity(key).key), {
    subject: parseSubject(request.subject, `${name}: subject`),
    ...(request.names ? { san: request.names } : {}),
  });
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: request.name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: request.signerName,
      usages: request.usages,
      ...(request.expirationSeconds === undefined ? {} : { expirationSeconds: request.expirationSeconds }),
    },
  };
}

/** The object, with the CA that its webhooks are trusted by. */
function withBundle(
  { object, webhookAuthority }: { readonly object: object; readonly webhookAuthority?: string | undefined },
  world: World,
): KubeObject {
  if (webhookAuthority === undefined) return object as KubeObject;
  const caBundle = Buffer.from(world.authority(webhookAuthority)).toString('base64');
  return {
    ...object,
    webhooks: listAt(object, 'webhooks').map((webhook) => ({
      ...objectAt({ webhook: webhook as JsonObject }, 'webhook'),
      clientConfig: { ...objectAt(webhook, 'clientConfig'), caBundle },
    })),
  } as unknown as KubeObject;
}

/** Stores printed base64 as the certificate for a client's key. */
function keep(
  client: string,
  printed: string,
  { clients }: Plan,
  context: RunContext,
  world: World,
): string | undefined {
  const certificate = Buffer.from(printed, 'base64').toString();
  const key = clients.find(({ name }) => name === client)?.key;
  if (key === undefined || !certificate.includes('BEGIN CERTIFICATE')) return undefined;
  credentialsOf(context).set(client, { certificate, key: world.identity(key).key });
  for (const name of builtConfigs(context).keys())
    if (name.startsWith(`${client} `)) builtConfigs(context).delete(name);
  return certificate;
}
