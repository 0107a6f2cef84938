/** Builds the manual commands for each client's first request to an API server. */
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { authorityFor, shellWords } from '../../peers/by-hand/shell.ts';

/**
 * The manual commands for each client's first request; credentials issued during the run are in no file. curl is used for
 * what kubectl cannot do (custom headers, a tunnel without a kubeconfig).
 */
export function kubectlByHand(
  { kubectl, client, path, server }: PlannedStep,
  { plan, addresses, tappedAddresses, world }: ManualRun,
): ManualEntry[] {
  const who = plan.clients.find(({ name }) => name === client);
  const [hop] = path;
  const key = `${kubectl?.to ?? ''} ${client} ${JSON.stringify(kubectl?.headers ?? {})}`;
  const own = who?.certificate === undefined ? undefined : world?.files(who.certificate);
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === kubectl?.to);
  if (!kubectl || !who || !target || hop === undefined || (!own && who.token === undefined)) return [];
  const isTunnel = target.kind === 'connect';
  const asked = isTunnel ? plan.servers.find(({ name }) => name === server) : target;
  const authority = asked && authorityFor(who, asked, world);
  const trusted = authority === undefined ? undefined : world?.files(authority)?.certificate;
  const proxy = addresses.get(target.name);
  const { host, port } = (isTunnel ? undefined : tappedAddresses.get(hop)) ??
    addresses.get(asked?.name ?? '') ?? { host: '127.0.0.1', port: 0 };
  if (kubectl.headers || isTunnel) {
    const words = [
      'curl',
      '--silent',
      '--show-error',
      '--include',
      ...(isTunnel && proxy ? ['--proxy', `http://${proxy.host}:${proxy.port}`] : []),
      ...(trusted === undefined ? [] : ['--cacert', trusted]),
      ...(own
        ? ['--cert', own.chain, '--key', own.key]
        : ['--header', `Authorization: Bearer ${who.token ?? ''}`]),
      ...Object.entries(kubectl.headers ?? {}).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      '--json',
      '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
      `https://${host}:${port}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
    ];
    return [[key, { hop, to: kubectl.to, client, curl: shellWords(words) }]];
  }
  const words = [
    'kubectl',
    `--server=https://${host}:${port}`,
    // kubectl rejects a CA together with --insecure-skip-tls-verify.
    ...(trusted === undefined || kubectl.runs.includes('--insecure-skip-tls-verify')
      ? []
      : [`--certificate-authority=${trusted}`]),
    ...(own
      ? [`--client-certificate=${own.chain}`, `--client-key=${own.key}`]
      : [`--token=${who.token ?? ''}`]),
    // A manifest of the scenario has no file.
    ...(/(?:^| )-f /.test(kubectl.runs) ? ['auth', 'whoami'] : kubectl.runs.split(' ')),
  ];
  return [[key, { hop, to: kubectl.to, client, kubectl: shellWords(words) }]];
}
