/**
 * Builds the commands with which a person says what a scripted client says: its lines on the way that leads furthest, through
 * curl's telnet in clear, through openssl s_client over TLS. Pure.
 */
import type { ManualCommand, ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import { secretValues } from '../../engine/plan.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { authorityFor, shellWords } from '../../peers/by-hand/shell.ts';
import type { ScriptLine } from './lines.ts';
import { turnsToTls } from './lines.ts';
import { opensslStarttls } from './protocol.ts';
import { fill, readText } from './text.ts';
import type { Values } from './text.ts';
import { accountValues } from './values.ts';

export function scriptByHand(step: PlannedStep, run: ManualRun): ManualEntry[] {
  const { plan, addresses, world, tappedAddresses } = run;
  const { script } = step;
  const [hop] = step.path;
  const who = plan.clients.find(({ name }) => name === step.client);
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === script?.to);
  const server = plan.servers.find(({ name }) => name === step.server);
  const wire = plan.wires.find(({ hop: name }) => name === hop);
  if (!script || !who?.script || !target || !wire || hop === undefined || who.tamper !== undefined) return [];
  if (who.certificate !== undefined && world?.files(who.certificate)?.key === '') return [];
  const { host, port } = tappedAddresses.get(hop) ??
    addresses.get(script.to) ?? { host: '127.0.0.1', port: 0 };
  const values = accountValues(
    plan.accounts.find(({ name }) => name === script.account),
    secretValues(plan),
  );
  const command = (programs: Pick<ManualCommand, 'curl' | 'openssl'>): ManualEntry[] => [
    [`${target.name} ${step.client}`, { hop, to: target.name, client: who.name, ...programs }],
  ];
  const isTls = wire.security !== 'plain';
  const canTurn = turnsToTls(server?.script);
  const path = wayThrough(who.script, canTurn);
  const turn = path.findIndex(({ starttls }) => starttls);
  if (!isTls && turn < 0)
    return command({
      curl: `${saying(path, values)} | ${shellWords(['curl', '-sS', '-m', '5', `telnet://${host}:${port}`])}`,
    });
  const protocol = server?.protocol ?? '';
  if (turn >= 0 && !opensslStarttls.has(protocol)) return [];
  const trusted = authorityFor(who, server ?? target, world);
  const authority = trusted === undefined ? undefined : world?.files(trusted)?.certificate;
  const own = who.certificate === undefined ? undefined : world?.files(who.certificate);
  const openssl = [
    'openssl',
    's_client',
    '-connect',
    `${host}:${port}`,
    ...(isTls ? [] : ['-starttls', protocol]),
    '-servername',
    target.host,
    ...(who.verify === false
      ? []
      : [
          '-verify_return_error',
          ...(authority ? ['-verify_hostname', target.host, '-CAfile', authority] : []),
        ]),
    ...(own ? ['-cert', own.certificate, '-cert_chain', own.chain, '-key', own.key] : []),
    '-quiet',
    '-ign_eof',
  ];
  return command({ openssl: `${saying(path.slice(turn + 1), values)} | ${shellWords(openssl)}` });
}

/**
 * The lines of one way through the branches: of each, the first with TLS where the server can, else the first without that does
 * not end there.
 */
function wayThrough(lines: readonly ScriptLine[], canTurn: boolean): readonly ScriptLine[] {
  return lines.flatMap((line): readonly ScriptLine[] => {
    const [first, ...others] = line.choose ?? [];
    if (!first) return [line];
    const all = [first, ...others];
    const chosen =
      (canTurn ? all.find(({ lines: own }) => turnsToTls(own)) : undefined) ??
      all.find(
        ({ lines: own = [] }) => !turnsToTls(own) && !own.some(({ close, reset }) => close ?? reset),
      ) ??
      first;
    return wayThrough(chosen.lines ?? [], canTurn);
  });
}

function saying(lines: readonly ScriptLine[], values: Values): string {
  const said = lines.flatMap(({ send }) => (send === undefined ? [] : [fill(readText(send), values)]));
  return shellWords(['printf', String.raw`%s\r\n`, ...said]);
}
