/**
 * Maps the certificates and trust settings of a plan's participants to options for accepting and dialing. Pure; `run.ts`
 * and the steps start the participants.
 */
import { fromHex } from '../core/hex.ts';
import type { Identity, World } from '../pki/keystore/world.ts';
import type { AcceptOptions, AdmissionPolicy, DialOptions, TlsChoices } from '../wire/endpoint.ts';
import type { TlsChoice } from './kinds.ts';
import type { PlannedProxy, PlannedServer } from './plan.ts';
import type { RunOptions } from './run-context.ts';

const loopback = '127.0.0.1';

/** Where a listener binds, which certificate it presents and which CAs it trusts. */
export function listenerOptions(
  of: PlannedServer | PlannedProxy,
  { world, hosts }: Pick<RunOptions, 'world' | 'hosts'>,
): Pick<
  AcceptOptions,
  'listen' | 'host' | 'identity' | 'clientAuthorities' | 'clientRevocations' | 'ticketKeys' | 'tls'
> {
  const host = hosts?.get(of.name);
  return {
    listen: { host: host?.address ?? loopback, port: of.port ?? 0 },
    ...(host ? { host } : {}),
    ...(of.certificate === undefined
      ? {}
      : { identity: shown(of.certificate, 'chain' in of ? of.chain : undefined, needed(world)) }),
    ...(of.clientAuthorities
      ? { clientAuthorities: of.clientAuthorities.map((name) => needed(world).authority(name)) }
      : {}),
    ...(of.revocations
      ? { clientRevocations: of.revocations.flatMap((name) => needed(world).crl(name) ?? []) }
      : {}),
    ...(of.ticketKeys === undefined ? {} : { ticketKeys: fromHex(of.ticketKeys) }),
    tls: { ...agreementOf(of), ...versionsOf(of.tls) },
  };
}

/** The oldest and the newest of the versions that a listener accepts. */
function versionsOf(
  versions: readonly TlsChoice[] | undefined,
): Pick<TlsChoices, 'minVersion' | 'maxVersion'> {
  const [oldest] = versions?.toSorted() ?? [];
  const newest = versions?.toSorted().at(-1);
  return oldest && newest ? { minVersion: `TLSv${oldest}`, maxVersion: `TLSv${newest}` } : {};
}

/** The negotiable TLS settings of a listener or a client. */
export function agreementOf({
  groups,
  ciphers,
  alpn,
}: Pick<PlannedServer, 'groups' | 'ciphers'> & Pick<Partial<PlannedServer>, 'alpn'>): Pick<
  TlsChoices,
  'groups' | 'ciphers' | 'alpn'
> {
  return {
    ...(groups === undefined ? {} : { groups }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(alpn ? { alpn } : {}),
  };
}

/** @param chain the rows sent after the certificate, in order; the certificate's own chain when omitted. */
export function shown(certificate: string, chain: readonly string[] | undefined, world: World): Identity {
  const identity = world.identity(certificate);
  return chain
    ? { ...identity, certificate: [certificate, ...chain].map((name) => world.certificate(name)).join('') }
    : identity;
}

/** Which CAs a dialer trusts and which certificate it presents. */
export function trusting(
  of:
    | {
        readonly trust?: readonly string[] | undefined;
        readonly revocations?: readonly string[] | undefined;
        readonly verify?: boolean | undefined;
        readonly certificate?: string | undefined;
        readonly pin?: string | undefined;
        readonly ignoresCommonName?: boolean | undefined;
      }
    | undefined,
  world: World | undefined,
): Pick<DialOptions, 'authorities' | 'revocations' | 'verify' | 'identity' | 'pins' | 'ignoresCommonName'> {
  return {
    ...(of?.trust ? { authorities: of.trust.map((name) => needed(world).authority(name)) } : {}),
    ...(of?.revocations
      ? { revocations: of.revocations.flatMap((name) => needed(world).crl(name) ?? []) }
      : {}),
    ...(of?.verify === undefined ? {} : { verify: of.verify }),
    ...(of?.ignoresCommonName === undefined ? {} : { ignoresCommonName: of.ignoresCommonName }),
    ...(of?.pin === undefined ? {} : { pins: [needed(world).publicKeyPin(of.pin)] }),
    ...(of?.certificate === undefined ? {} : { identity: needed(world).identity(of.certificate) }),
  };
}

export function admissionPolicy({ kind, admit }: PlannedProxy): AdmissionPolicy | undefined {
  if (kind !== 'mtls') return undefined;
  if (!admit) return { allowAll: true };
  return {
    ...(admit.all === undefined ? {} : { allowAll: admit.all }),
    ...(admit.commonNames ? { allowCommonNames: admit.commonNames } : {}),
    ...(admit.organizationalUnits ? { allowOrganizationalUnits: admit.organizationalUnits } : {}),
    ...(admit.dnsNames ? { allowDnsNames: admit.dnsNames } : {}),
    ...(admit.uris ? { allowUris: admit.uris } : {}),
  };
}

function needed(world: World | undefined): World {
  if (world) return world;
  throw new Error('a plan that names certificates was started without a world');
}
