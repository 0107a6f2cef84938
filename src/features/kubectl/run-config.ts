/** Runs the step `kubeconfig`. Its counterpart is build-config.ts. */
import { X509Certificate } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import { runKubectlProgram } from '../../kube/kubectl/program.ts';
import { kubeconfigText, readKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import { identityOf, tappedAddressOf } from '../../peers/client/caller.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunContext, RunOptions } from '../../engine/run-context.ts';
import { builtConfigs } from './built-configs.ts';

const cluster = 'kubernetes';

export async function runKubeconfig(
  { id, client, kubeconfig }: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, world, variables } = options;
  const who = plan.clients.find(({ name }) => name === client);
  const identity = who && world && identityOf(who, world, context);
  if (!kubeconfig || !identity) throw new Error(`incomplete plan for step ${id}`);
  const at = await tappedAddressOf(kubeconfig.to, kubeconfig.wire, options, context);
  const server = `https://${at.host}:${at.port}`;
  const authority = (who.trust ?? []).map((row) => world.authority(row)).join('');
  const files = {
    'ca.crt': authority,
    [`${client}.crt`]: identity.certificate,
    [`${client}.key`]: identity.key,
  };
  const lines = [
    `config set-cluster ${cluster} --server=${server} --certificate-authority=ca.crt --embed-certs`,
    `config set-credentials ${client} --client-certificate=${client}.crt --client-key=${client}.key --embed-certs`,
    `config set-context ${client}@${cluster} --cluster=${cluster} --user=${client}`,
    `config use-context ${client}@${cluster}`,
  ];
  let text: string | undefined = '';
  for (const line of lines) {
    if (text === undefined || !variables) break;
    const printed = await runKubectlProgram({
      words: line.split(' '),
      kubeconfig: text,
      files,
      variables,
      signal,
      timeoutMs: plan.stepTimeoutMs,
    });
    if (signal.aborted) return;
    text = printed?.exitCode === 0 ? printed.config : undefined;
  }
  const isKubectls = variables !== undefined && text !== undefined;
  const made = isKubectls
    ? (text ?? '')
    : kubeconfigText({ cluster, server, user: client, authority, proof: identity });
  builtConfigs(context).set(`${client} ${kubeconfig.wire}`, made);
  const read = readKubeconfig(Buffer.from(made), 'kubeconfig', await import('yaml'));
  const { certificate } = read;
  log.append({
    type: 'observed',
    who: client,
    result: defined({
      kind: 'kubeconfig' as const,
      lines,
      program: isKubectls ? ('kubectl' as const) : ('wirelab' as const),
      context: read.context,
      user: read.user,
      server: read.server,
      subject:
        certificate && 'data' in certificate
          ? new X509Certificate(certificate.data).subject.replaceAll('\n', ',')
          : undefined,
    }),
  });
}
