/**
 * Defines where sockets are opened: a network stack other than this process's own. `accept.ts`, `dial.ts` and `datagrams.ts`
 * open theirs in this process unless they are given a host; `remote-host.ts` implements one for a network namespace.
 */
import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';

export interface Host {
  /** The address that listeners are bound to, and by which others reach them. */
  readonly address: string;
  /** The addresses of its other interfaces. */
  readonly otherAddresses: readonly string[];
  /** A listening socket; nothing accepts from it yet. @throws the error of the system, with its `code` */
  listen(at: Address, backlog: number): Promise<Server>;
  /**
   * A connected socket of which nothing has been read.
   * @param signal gives up
   * @throws the error of the system, with its `code`
   */
  connect(to: Address, signal: AbortSignal): Promise<Socket>;
  /** A bound UDP socket. @throws the error of the system, with its `code` */
  bindUdp(at: Address): Promise<UdpSocket>;
}
