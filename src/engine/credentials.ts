/**
 * What the participants of a plan show and whom they trust: rows of a world by the names that the plan gives, in the words
 * of accepting and dialing. Pure; who is started with it is `run.ts`'s, and the steps'.
 */
import type { Identity, World } from '../pki/keystore/world.ts';
import type { AcceptOptions, AdmissionPolicy, DialOptions, TlsChoices } from '../wire/endpoint.ts';
import type { PlannedProxy, PlannedServer } from './plan.ts';

const loopback = '127.0.0.1';

/** What a listener shows and whom it trusts. */
export function listenerOptions(
  of: PlannedServer | PlannedProxy,
  world: World | undefined,
): Pick<AcceptOptions, 'listen' | 'identity' | 'clientAuthorities' | 'clientRevocations'> {
  return {
    listen: { host: loopback, port: of.port ?? 0 },
    ...(of.certificate === undefined
      ? {}
      : { identity: shown(of.certificate, 'chain' in of ? of.chain : undefined, needed(world)) }),
    ...(of.clientAuthorities
      ? { clientAuthorities: of.clientAuthorities.map((name) => needed(world).authority(name)) }
      : {}),
    ...(of.revocations
      ? { clientRevocations: of.revocations.flatMap((name) => needed(world).crl(name) ?? []) }
      : {}),
  };
}

/** What of TLS a listener or a client leaves to be agreed on. */
export function agreementOf({
  groups,
  ciphers,
  alpn,
}: Pick<PlannedServer, 'groups' | 'ciphers' | 'alpn'>): Pick<TlsChoices, 'groups' | 'ciphers' | 'alpn'> {
  return {
    ...(groups === undefined ? {} : { groups }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(alpn ? { alpn } : {}),
  };
}

/** @param chain the rows behind the certificate, in their order; those that belong there when left out. */
export function shown(certificate: string, chain: readonly string[] | undefined, world: World): Identity {
  const identity = world.identity(certificate);
  return chain
    ? { ...identity, certificate: [certificate, ...chain].map((name) => world.certificate(name)).join('') }
    : identity;
}

/** What a dialer trusts and shows. */
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
