/** Builds the manual commands for each client's first etcdctl request. */
import { prefixEnd } from '../../kube/etcd/client.ts';
import { etcdctlCommand } from '../../kube/etcd/etcdctl-words.ts';
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { authorityFor, shellWords } from '../../peers/by-hand/shell.ts';

/**
 * The manual commands for each client's first etcdctl request: over etcd's JSON gateway, which needs no etcdctl; and how to
 * see the alert that rejects it.
 */
export function etcdctlByHand(
  { etcdctl, client }: PlannedStep,
  { plan, addresses, tappedAddresses, world }: ManualRun,
): ManualEntry[] {
  const who = plan.clients.find(({ name }) => name === client);
  const target = plan.servers.find(({ name }) => name === etcdctl?.to);
  const command = etcdctlCommand(etcdctl?.runs ?? '');
  const key = `${etcdctl?.to ?? ''} ${client}`;
  if (!etcdctl || !who || !target || command?.verb !== 'get') return [];
  const { host, port } = tappedAddresses.get(etcdctl.wire) ??
    addresses.get(etcdctl.to) ?? { host: '127.0.0.1', port: 0 };
  const isSecured = target.security !== 'plain';
  const trusted = isSecured ? authorityFor(who, target, world) : undefined;
  const authority = trusted === undefined ? undefined : world?.files(trusted)?.certificate;
  const own = isSecured && who.certificate !== undefined ? world?.files(who.certificate) : undefined;
  const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
  const asked = {
    key: base64(command.key),
    ...(command.isPrefix ? { range_end: base64(prefixEnd(command.key)) } : {}),
    ...(command.keysOnly ? { keys_only: true } : {}),
  };
  const curl = [
    'curl',
    '--silent',
    '--show-error',
    ...(authority === undefined ? [] : ['--cacert', authority]),
    ...(own ? ['--cert', own.chain, '--key', own.key] : []),
    '--header',
    'Content-Type: application/json',
    '--data',
    JSON.stringify(asked),
    `${isSecured ? 'https' : 'http'}://${host}:${port}/v3/kv/range`,
  ];
  const openssl = [
    'openssl',
    's_client',
    '-connect',
    `${host}:${port}`,
    '-verify_return_error',
    ...(authority === undefined ? [] : ['-CAfile', authority]),
    ...(own ? ['-cert', own.certificate, '-key', own.key] : []),
    '-ign_eof',
    '-brief',
  ];
  const request = String.raw`printf 'GET /health HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n'`;
  return [
    [
      key,
      {
        hop: etcdctl.wire,
        to: etcdctl.to,
        client,
        curl: shellWords(curl),
        ...(isSecured ? { openssl: `${request} | ${shellWords(openssl)}` } : {}),
      },
    ],
  ];
}
