/**
 * Does what `kubectl` planned: with kubectl where it is installed, else in its place. Its counterpart is kubectl.ts.
 *
 * 1. A wire has a door of its own at the API server, tapped there: the kubeconfig leads to it. A proxy taps its wires itself.
 * 2. What a client shows is its certificate of the recipe, or the one that a step before gave it.
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
import type { KubeObject } from '../../kube/objects/objects.ts';
import { certificateReport } from '../../pki/x509/certificate-report.ts';
import { kubeconfigText } from '../../pki/kubeadm/kubeconfig.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { parseSubject } from '../../pki/ca/subject.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { Plan, PlannedClient, PlannedStep } from '../../engine/plan.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { counted, credentialsOf, doorOf, identityOf } from '../../peers/client/caller.ts';
import { listenOn, untilCertified, untilWatched, waitFor } from './run-awaited.ts';

type Told = Omit<CommandReport<'kubectl'>, 'connections'>;

/** What is known of the kubectl that is installed, once somebody has asked. */
const installed = perRun((): { version?: Promise<string | undefined> } => ({}));

/** Resolves when it has ended; never hangs longer than the step may take. */
export async function runKubectl(
  step: PlannedStep,
  options: RunOptions,
  surroundings: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, world } = options;
  const act = step.kubectl;
  const who = plan.clients.find(({ name }) => name === step.client);
  const server = act && surroundings.servers.get(step.server);
  if (!act || !who || !server || !world) throw new Error(`the plan of step ${step.id} has a hole`);
  const way =
    act.wire === undefined
      ? throughProxy(step, act.to, plan, surroundings)
      : { at: await doorOf(act.to, act.wire, options, surroundings) };
  const heard = act.hears && listenOn(act.hears, log);
  try {
    if (act.joins) await server.join?.();
    server.divert?.(act.diverted === undefined ? undefined : surroundings.addresses.get(act.diverted));
    if (act.certified) await untilCertified(server, plan, signal);
    if (act.watched) await untilWatched(act.watched, server, plan, signal);
    const found = act.waits === undefined ? undefined : await waitFor(act.waits, server, plan, signal);
    if (signal.aborted) return;
    const runs = act.runs.replaceAll('{it}', found ?? 'nothing');
    const identity = identityOf(who, world, surroundings);
    const caller: Caller = {
      who,
      ...way,
      world,
      ...(identity ? { identity } : {}),
      ...(act.headers ? { headers: act.headers } : {}),
    };
    const told = await counted(log, step.path[0] ?? '', async (): Promise<Told> => {
      const isNobody = !caller.identity && who.token === undefined;
      const instead = act.headers ? 'headers' : isNobody ? 'asks' : undefined;
      return (
        (instead === undefined && (await byKubectl(runs, caller, options, surroundings, signal))) || {
          ...(await inItsPlace(runs, caller, options, signal)),
          instead: instead ?? ('absent' as const),
        }
      );
    });
    const [kept] =
      told.exitCode === 0
        ? [act.keeps ?? []].flat().map((client) => keep(client, told.output, plan, surroundings, world))
        : [];
    if (kept !== undefined)
      log.append({ type: 'observed', who: step.client, result: certificateReport(kept) });
    if (act.until) await waitFor(act.until, server, plan, signal);
    await heard?.until(plan.stepTimeoutMs / 2, signal);
    log.append({
      type: 'observed',
      who: step.client,
      result: {
        ...told,
        ...(act.headers ? { headers: act.headers } : {}),
        output: told.output.slice(0, mostOutput),
        words: told.words.slice(0, mostOutput),
      },
    });
  } finally {
    heard?.end();
  }
}

/** Characters of either output that are kept. */
const mostOutput = 4000;

interface Caller {
  readonly who: PlannedClient;
  readonly at: Address;
  /** A proxy that gives tunnels. */
  readonly through?: Address;
  readonly world: World;
  readonly identity?: Identity;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The door of a proxy; before one that gives tunnels the API server’s own address is what is asked for. */
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
  options: RunOptions,
  surroundings: RunContext,
  signal: AbortSignal,
): Promise<Told | undefined> {
  const { plan, variables } = options;
  if (!variables) return undefined;
  const version = await (installed(surroundings).version ??= kubectlVersion(variables, options.signal));
  if (version === undefined) return undefined;
  const printed = await runKubectlProgram({
    words: line.split(' '),
    kubeconfig: kubeconfigOf(caller),
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
  return printed && { kind: 'kubectl', program: 'kubectl', version, line, ...printed };
}

/** What the client brings: its kubeconfig. */
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
): Promise<Told> {
  const command = kubectlCommand(line);
  if (!command)
    return {
      kind: 'kubectl',
      program: 'wirelab',
      line,
      exitCode: null,
      output: '',
      words: 'this can only be done by kubectl itself, which is not installed',
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
    // As kubectl has it: one for the whole command.
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

/** Under TLS 1.3 who refuses a client's certificate is heard after the handshake. @throws what is no matter of the connection. */
function whyUnanswered(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ApiUnreachable) return error.failure;
  if (error instanceof BrokenAnswer) return { code: 'ERR_ANSWER', message: error.message };
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string')
    return failureOf(error, { secured: true, connected: true });
  throw error;
}

/** The object that stands in a file of the scenario. */
function manifestOf(name: string, { manifests = {}, clients }: Plan, world: World): KubeObject {
  const manifest = manifests[name];
  if (manifest && 'object' in manifest) return manifest.object as KubeObject;
  const { request } = manifest ?? {};
  const key = clients.find((one) => one.name === request?.client)?.key;
  if (!request || key === undefined) throw new Error(`${name} asks for nobody's key`);
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

/** What was printed in base64 is a certificate for a client's key from now on. */
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
  return certificate;
}
