/** Defines the settings of a proxy, as its options give them. */
import type { Address } from '../../capture/event.ts';
import type { ProxyKindName } from '../../proxy/kinds.ts';
import type { PumpName } from '../../proxy/pumps.ts';
import type { TargetRoute } from '../../proxy/routes.ts';
import type { ProxyTimeouts, StarttlsHops } from '../../proxy/pump.ts';
import type { AdmissionPolicy, Security, TlsChoices } from '../../wire/endpoint.ts';

/** The files of one side, as named by the options. */
export interface CredentialFiles {
  readonly cert?: string;
  readonly key?: string;
  readonly cacert?: string;
  readonly crl: readonly string[];
}

/** The files of one target, as its row names them: absent where they are those of the options. */
export interface RouteFiles {
  /** `targets.yaml:3:5`. */
  readonly where: string;
  readonly listener?: CredentialPair;
  readonly dialer?: CredentialPair;
  readonly authorities?: string;
}

/** A certificate and its private key. */
export interface CredentialPair {
  readonly cert: string;
  readonly key: string;
}

export interface ProxySettings {
  readonly kind: ProxyKindName;
  readonly pump: PumpName;
  readonly listen: Address;
  readonly target: Address;
  /** Further targets, by what the client requests. */
  readonly routes: readonly TargetRoute[];
  /** `target` is only the first of these: what fits none of them is refused. */
  readonly onlyRoutes: boolean;
  /** Of each of `routes`, in their order: the files that differ. */
  readonly routeFiles: readonly RouteFiles[];
  readonly listener: CredentialFiles;
  readonly policy: AdmissionPolicy;
  readonly reject: 'tls' | 'http';
  readonly tls: TlsChoices;
  /** ALPN protocols for the target; by default the one negotiated with the client. */
  readonly targetAlpn?: readonly string[];
  readonly secondHop: Security;
  readonly dialer: CredentialFiles;
  /** The protocol in which TLS is requested, on each side where it is. */
  readonly starttls: StarttlsHops;
  /** Whether clients' connections begin with a PROXY protocol header; the version of the one for the target, if any. */
  readonly proxyHeader: { readonly in: boolean; readonly out?: 1 | 2 };
  readonly serverName?: string;
  readonly serverPolicy: AdmissionPolicy;
  readonly insecure: boolean;
  readonly timeouts: ProxyTimeouts;
  /** How long open connections may continue after SIGTERM, in milliseconds. */
  readonly shutdownMs: number;
  readonly maxConnections?: number;
  readonly status?: Address;
}
