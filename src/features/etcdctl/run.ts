/**
 * Runs the `etcdctl` step: with etcdctl where it is installed and the etcd is the real one, otherwise with wirelab's
 * stand-in. Its counterpart is step.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandReport } from '../../peers/reports/command.ts';
import { EtcdClient, EtcdRefusal } from '../../kube/etcd/client.ts';
import { etcdctlVersion, runEtcdctlProgram } from '../../kube/etcd/etcdctl-program.ts';
import { etcdctlStandIn } from '../../kube/etcd/etcdctl-stand-in.ts';
import { etcdctlCommand } from '../../kube/etcd/etcdctl-words.ts';
import { BrokenAnswer, Unreachable } from '../../wire/http/client.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { counted, tappedAddressOf, identityOf } from '../../peers/client/caller.ts';

type CommandOutcome = Omit<CommandReport<'etcdctl'>, 'connections'>;

/** Maximum characters kept of either output. */
const mostOutput = 4000;

/** The version of the installed etcdctl, once it was asked. */
const installed = perRun((): { version?: Promise<string | undefined> } => ({}));

/** Resolves when it has ended, within the step's time. */
export async function runEtcdctl(
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, world, clock, variables } = options;
  const act = step.etcdctl;
  const who = plan.clients.find(({ name }) => name === step.client);
  const server = plan.servers.find(({ name }) => name === act?.to);
  const running = act && context.servers.get(act.to);
  if (!act || !who || !server || !running || !world) throw new Error(`incomplete plan for step ${step.id}`);
  const to = await tappedAddressOf(act.to, act.wire, options, context);
  const identity = identityOf(who, world, context);
  const isSecured = server.security !== 'plain';
  const authorities = (who.trust ?? []).map((name) => world.authority(name));
  const report = (
    program: CommandOutcome['program'],
    outcome: Omit<CommandOutcome, 'kind' | 'program' | 'line'>,
  ): CommandOutcome => ({
    kind: 'etcdctl',
    program,
    line: act.runs,
    ...outcome,
  });

  const byEtcdctl = async (): Promise<CommandOutcome | undefined> => {
    const version =
      variables && (await (installed(context).version ??= etcdctlVersion(variables, options.signal)));
    if (
      variables === undefined ||
      version === undefined ||
      running.speaksGrpc !== true ||
      act.gateway === true
    )
      return undefined;
    const printed = await runEtcdctlProgram({
      words: act.runs.split(' '),
      to,
      ...(isSecured ? { authority: authorities.join(''), ...(identity ? { identity } : {}) } : {}),
      variables,
      signal,
      timeoutMs: plan.stepTimeoutMs,
    });
    return printed && report('etcdctl', { version, ...printed });
  };

  const inItsPlace = async (): Promise<CommandOutcome> => {
    const instead = act.gateway
      ? ('gateway' as const)
      : running.speaksGrpc === true
        ? ('absent' as const)
        : ('unspoken' as const);
    const command = etcdctlCommand(act.runs);
    if (!command)
      return report('wirelab', {
        instead,
        exitCode: null,
        output: '',
        words: 'this can only be done by etcdctl itself',
      });
    const client = new EtcdClient({
      to,
      clock,
      security: server.security,
      ...(isSecured ? { authorities, ...(identity ? { identity } : {}) } : {}),
      reportTo: log,
      userAgent: 'wirelab',
      connections: 1,
    });
    try {
      return report('wirelab', {
        instead,
        exitCode: 0,
        output: await etcdctlStandIn(command, client, { signal, timeout: plan.stepTimeoutMs }),
        words: '',
      });
    } catch (error) {
      if (signal.aborted) return report('wirelab', { instead, exitCode: null, output: '', words: '' });
      const code = error instanceof Unreachable ? { code: error.failure.code } : {};
      if (error instanceof Unreachable || error instanceof BrokenAnswer || error instanceof EtcdRefusal)
        return report('wirelab', {
          instead,
          exitCode: 1,
          output: '',
          words: `Error: ${error.message}`,
          ...code,
        });
      throw error;
    } finally {
      client.close();
    }
  };

  const outcome = await counted(log, act.wire, async () => (await byEtcdctl()) ?? inItsPlace());
  // Another process's log may arrive late: an expected rejection is waited for, but not for all of the step's time.
  const isAwaited =
    outcome.exitCode !== 0 && plan.claims.some(({ kind, step: of }) => kind === 'rejected' && of === step.id);
  if (isAwaited)
    await Promise.race([
      running.rejection?.(),
      pause(plan.stepTimeoutMs / 4, undefined, { signal, ref: false }).catch(() => {}),
    ]);
  log.append({
    type: 'observed',
    who: step.client,
    result: {
      ...outcome,
      output: outcome.output.slice(0, mostOutput),
      words: outcome.words.slice(0, mostOutput),
    },
  });
}
