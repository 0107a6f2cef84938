/** Opens UDP sockets, in this process's network stack or in another host's. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import type { Address } from '../capture/event.ts';
import type { Host } from './hosts/host.ts';
import { listenError } from './tcp/listen-error.ts';

const typeFor = ({ host }: Address): 'udp4' | 'udp6' => (host.includes(':') ? 'udp6' : 'udp4');

/** A socket that receives at that address. @throws UserError when the port is busy */
export async function bindDatagrams(at: Address, host?: Host): Promise<Socket> {
  const socket = host
    ? await host.bindUdp(at).catch((error: NodeJS.ErrnoException) => {
        throw listenError(error, at);
      })
    : await new Promise<Socket>((resolve, reject) => {
        const own = createSocket(typeFor(at));
        own.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, at)));
        own.bind({ address: at.host, port: at.port, exclusive: true }, () => resolve(own));
      });
  // A client that is gone causes a network error, which is ignored.
  return socket.removeAllListeners('error').on('error', () => {});
}

/** A socket from which `to` can be asked. @throws the error of another host */
export async function datagramsTo(to: Address, host?: Host): Promise<Socket> {
  return host ? host.bindUdp({ host: host.address, port: 0 }) : createSocket(typeFor(to));
}
