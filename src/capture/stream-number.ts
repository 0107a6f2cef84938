/**
 * Numbers the connections of a capture. TCP connections, UDP flows and flows of EAPOL are counted apart, as Wireshark
 * counts them, and still have one number each that is unique in a log.
 */
import type { Transport } from './event.ts';

/** Flows of datagrams and frames are numbered from here on; a file of so many TCP connections does not exist. */
const firstOf = { udp: 1_000_000_000, eapol: 2_000_000_000 } as const;

type FlowKind = keyof typeof firstOf;
export const flowKinds = Object.keys(firstOf) as FlowKind[];

/** The number in a log of the flow of that number, from 0. */
export function flowConnection(kind: FlowKind, flow: number): number {
  return firstOf[kind] + flow;
}

/** Which flow, from 0; undefined for a TCP connection. */
export function flowOf(conn: number): { readonly kind: FlowKind; readonly flow: number } | undefined {
  const kind = flowKinds.findLast((one) => conn >= firstOf[one]);
  return kind && { kind, flow: conn - firstOf[kind] };
}

/** How a connection is named to people, and to `--stream`: `3`, or `udp:3`. */
export function connectionName(conn: number): string {
  const flow = flowOf(conn);
  return flow === undefined ? String(conn) : `${flow.kind}:${flow.flow}`;
}

/** The same for a program: the number, from 0, and the transport where it is not TCP. */
export function streamOf(conn: number): {
  readonly stream: number;
  readonly transport?: Exclude<Transport, 'tcp'>;
} {
  const flow = flowOf(conn);
  return flow === undefined ? { stream: conn } : { stream: flow.flow, transport: flow.kind };
}
