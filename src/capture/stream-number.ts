/**
 * Numbers the connections of a capture. TCP connections and UDP flows are counted apart, as Wireshark counts them, and
 * still have one number each that is unique in a log.
 */

/** UDP flows are numbered from here on; a file of so many TCP connections does not exist. */
const firstUdp = 1_000_000_000;

/** The number in a log of the UDP flow of that number, from 0. */
export function udpConnection(flow: number): number {
  return firstUdp + flow;
}

/** The number of a UDP flow, from 0; undefined for a TCP connection. */
export function udpFlowOf(conn: number): number | undefined {
  return conn >= firstUdp ? conn - firstUdp : undefined;
}

/** How a connection is named to people: `3`, or `udp 3`. */
export function connectionName(conn: number): string {
  const flow = udpFlowOf(conn);
  return flow === undefined ? String(conn) : `udp ${flow}`;
}

/** The same for a program: the number, from 0 for UDP, and the transport where it is not TCP. */
export function streamOf(conn: number): { readonly stream: number; readonly transport?: 'udp' } {
  const flow = udpFlowOf(conn);
  return flow === undefined ? { stream: conn } : { stream: flow, transport: 'udp' };
}
